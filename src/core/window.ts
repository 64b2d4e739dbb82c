import type { Fold, Row } from "./window-folds.ts";

export interface WindowSpec<In extends object = object> {
  /** Length. Windows begin at whole multiples of it since 1970 UTC, moved by `offsetSeconds`. */
  readonly seconds: number;
  /** -25200: days of UTC+7. */
  readonly offsetSeconds?: number;
  /** The field that says when an event happened: ISO 8601 text with a zone, or milliseconds since 1970. */
  readonly time: keyof In & string;
  /** The fields whose values have windows of their own. */
  readonly key: readonly (keyof In & string)[];
  /** Fields of the window's row, and what is kept for each. */
  readonly folds: Readonly<Record<string, Fold>>;
  /**
   * A window closes when events this much later than its end have come, from every partition that gives any. What comes for it after
   * that is late. Default STREAM_LATENESS_SECONDS.
   */
  readonly latenessSeconds?: number;
  /** `close` (the default): a window's row once, when it closes. `update`: also after each micro-batch that changed it. */
  readonly output?: "close" | "update";
  /** Late events: dead-lettered or only counted. Default STREAM_LATE_EVENTS. */
  readonly late?: "dead" | "drop";
  /** An event whose item key an open window has already seen does not count again. Costs a row of state an event. */
  readonly distinct?: boolean;
  /** Makes the row that goes into the sinks; default: as `WindowRow`. Must always give the same for the same. */
  readonly as?: (row: WindowRow) => object;
}

/** The key fields, the folds' results, and the window as ISO times: its start, and its end, which is no part of it. */
export type WindowRow = Row & { readonly window_start: string; readonly window_end: string };

/** A spec that is no longer tied to its item's type: `time` and `key` are names of fields. */
export interface Window extends Omit<WindowSpec, "time" | "key"> {
  readonly time: string;
  readonly key: readonly string[];
  /** What must not change while a checkpoint is kept. */
  readonly meaning: string;
  check(refuse: (what: string) => never): void;
}

/**
 * Tumbling windows by the events' own time.
 * @example
 * tumbling<Tick>({ seconds: 86_400, time: "at", key: ["symbol"], folds: { open: first("price"), high: max("price"), volume: sum("volume") } })
 */
export function tumbling<In extends object>(spec: WindowSpec<In>): Window {
  const { seconds, offsetSeconds = 0, time, key, folds, distinct = false } = spec;
  return {
    ...spec,
    meaning: JSON.stringify({
      seconds,
      offsetSeconds,
      time,
      key,
      folds: Object.entries(folds).map(([name, { says }]) => `${name}=${says}`),
      distinct,
    }),
    check(refuse) {
      if (!(seconds > 0) || !Number.isSafeInteger(seconds * 1000)) refuse(`its length is ${seconds} s: give a positive number`);
      if (!Number.isSafeInteger(offsetSeconds * 1000)) refuse(`its offset is ${offsetSeconds} s: give a number`);
      if (Object.keys(folds).length === 0) refuse("it has no folds: say what its rows are to hold");
      const taken = [...key, "window_start", "window_end"].find((name) => name in folds);
      if (taken !== undefined) refuse(`${taken} is the name of a fold and of another field of its rows: give the fold another`);
    },
  };
}

/** Milliseconds since 1970 of the start of the window that a time is in. */
export function windowStart({ seconds, offsetSeconds = 0 }: Pick<WindowSpec, "seconds" | "offsetSeconds">, time: number): number {
  const length = seconds * 1000;
  const offset = offsetSeconds * 1000;
  return Math.floor((time - offset) / length) * length + offset;
}
