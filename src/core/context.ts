import type { Settings } from "./settings.ts";

/** One line a call; `fields` become `name=value` on a terminal and JSON fields under LOG_FORMAT=json. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** What every part that users write is handed. */
export interface Context {
  readonly log: Logger;
  /** Aborted when the run is to stop: pass it to whatever waits. */
  readonly signal: AbortSignal;
  /** The clock; tests turn it. */
  readonly now: () => Date;
  readonly settings: Settings;
}
