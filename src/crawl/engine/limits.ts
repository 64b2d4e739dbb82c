import type { Settings } from "../../core/settings.ts";

type Limits = Pick<Settings, "CLOSESPIDER_PAGECOUNT" | "CLOSESPIDER_ITEMCOUNT" | "CLOSESPIDER_TIMEOUT" | "CLOSESPIDER_ERRORCOUNT">;

export interface Counts {
  pages: number;
  items: number;
  errors: number;
  inFlight: number;
  elapsedSeconds: number;
}

/** Which CLOSESPIDER_* limit is reached. The page limit counts those in flight, so that it is exact. */
export function limitReached(limits: Limits, counts: Counts): string | undefined {
  const {
    CLOSESPIDER_PAGECOUNT: pages,
    CLOSESPIDER_ITEMCOUNT: items,
    CLOSESPIDER_TIMEOUT: seconds,
    CLOSESPIDER_ERRORCOUNT: errors,
  } = limits;
  if (pages > 0 && counts.pages + counts.inFlight >= pages) return `CLOSESPIDER_PAGECOUNT=${pages}`;
  if (items > 0 && counts.items >= items) return `CLOSESPIDER_ITEMCOUNT=${items}`;
  if (errors > 0 && counts.errors >= errors) return `CLOSESPIDER_ERRORCOUNT=${errors}`;
  if (seconds > 0 && counts.elapsedSeconds >= seconds) return `CLOSESPIDER_TIMEOUT=${seconds}`;
  return undefined;
}
