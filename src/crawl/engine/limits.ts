import type { Settings } from "../../core/settings.ts";

type Limits = Pick<Settings, "CLOSESPIDER_PAGECOUNT" | "CLOSESPIDER_ITEMCOUNT" | "CLOSESPIDER_TIMEOUT" | "CLOSESPIDER_ERRORCOUNT">;

export interface Counts {
  pages: number;
  items: number;
  errors: number;
  elapsedSeconds: number;
}

/** Which CLOSESPIDER_* limit is reached. */
export function limitReached(limits: Limits, counts: Counts): string | undefined {
  const {
    CLOSESPIDER_PAGECOUNT: pages,
    CLOSESPIDER_ITEMCOUNT: items,
    CLOSESPIDER_TIMEOUT: seconds,
    CLOSESPIDER_ERRORCOUNT: errors,
  } = limits;
  if (pages > 0 && counts.pages >= pages) return `CLOSESPIDER_PAGECOUNT=${pages}`;
  if (items > 0 && counts.items >= items) return `CLOSESPIDER_ITEMCOUNT=${items}`;
  if (errors > 0 && counts.errors >= errors) return `CLOSESPIDER_ERRORCOUNT=${errors}`;
  if (seconds > 0 && counts.elapsedSeconds >= seconds) return `CLOSESPIDER_TIMEOUT=${seconds}`;
  return undefined;
}

/** Whether one more page may be asked for: with those in flight there are never more than the page limit, but one that fails makes room. */
export function pageWanted({ CLOSESPIDER_PAGECOUNT: limit }: Limits, pages: number, inFlight: number): boolean {
  return limit === 0 || pages + inFlight < limit;
}
