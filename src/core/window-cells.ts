import { describeError, RejectedError } from "./errors.ts";
import { Poison } from "./stream-decode.ts";
import type { StreamEntry } from "./stream.ts";
import type { Row } from "./window-folds.ts";
import { windowStart, type Window, type WindowRow } from "./window.ts";

/** One window of one key while it is open. */
export interface Cell {
  /** Milliseconds since 1970. */
  readonly start: number;
  /** JSON list of the key fields' values. */
  readonly key: string;
  /** By fold, in the window's order. */
  readonly states: unknown[];
}

export interface Placed {
  readonly start: number;
  readonly key: string;
  readonly time: number;
}

/** How far a partition has been read, and what it makes late. */
export interface Horizon {
  /** Latest event time that the partition has given; -Infinity: none yet. */
  latest: number;
  /** Windows that end by then are closed. */
  closed: number;
}

export interface WindowRules {
  latenessMs: number;
  /** 0: no limit. */
  aheadMs: number;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

export function lengthOf(window: Pick<Window, "seconds">): number {
  return window.seconds * 1000;
}

/**
 * The window of an event, or why it has none. What is late follows from the events of the same partition before it and nothing else, so
 * it is the same however the topic is cut into batches; only an idle partition's events can also be late by others'.
 */
export function placeOf(
  window: Window,
  { item }: StreamEntry,
  horizon: Horizon,
  { latenessMs, aheadMs }: WindowRules,
  now: number,
): Placed | Poison {
  const row = item as Row;
  const given = row[window.time];
  const time = typeof given === "number" ? Math.floor(given) : typeof given === "string" && ISO.test(given) ? Date.parse(given) : NaN;
  if (!Number.isSafeInteger(time))
    return new Poison("window", "time", `${window.time} is ${JSON.stringify(given)}: neither ISO 8601 with a zone nor milliseconds`);
  if (aheadMs > 0 && time > now + aheadMs)
    return new Poison("window", "ahead", `${window.time} is ${new Date(time).toISOString()}: further ahead than STREAM_MAX_AHEAD_SECONDS`);
  const start = windowStart(window, time);
  const end = start + lengthOf(window);
  if (end <= Math.max(horizon.closed, horizon.latest - latenessMs))
    return new Poison("window", "late", `its window ended at ${new Date(end).toISOString()} and is closed`);
  return { start, key: JSON.stringify(window.key.map((name) => row[name] ?? null)), time };
}

export function emptyCell({ folds }: Window, start: number, key: string): Cell {
  return { start, key, states: Object.keys(folds).map(() => undefined) };
}

/** null: counted; else why it cannot be, and the cell is as it was. */
export function addTo(cell: Cell, { folds }: Window, { item, partition, offset }: StreamEntry, time: number): Poison | null {
  const at = { time, partition, offset };
  let states: unknown[];
  try {
    states = Object.values(folds).map((fold, i) => fold.add(cell.states[i], item as Row, at));
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return new Poison("window", error.code, describeError(error));
  }
  states.forEach((state, i) => (cell.states[i] = state));
  return null;
}

/** The window's row, as its sinks get it. */
export function rowOf(window: Window, { start, key, states }: Cell): object {
  const values = JSON.parse(key) as unknown[];
  const row: WindowRow = {
    ...Object.fromEntries(window.key.map((name, i) => [name, values[i]])),
    window_start: new Date(start).toISOString(),
    window_end: new Date(start + lengthOf(window)).toISOString(),
    ...Object.fromEntries(Object.entries(window.folds).map(([name, fold], i) => [name, fold.result(states[i])])),
  };
  return window.as?.(row) ?? row;
}

export function saveStates({ folds }: Window, { states }: Cell): string {
  return JSON.stringify(Object.values(folds).map((fold, i) => (states[i] === undefined ? null : fold.save(states[i]))));
}

export function loadStates({ folds }: Window, saved: string): unknown[] {
  const states = JSON.parse(saved) as unknown[];
  return Object.values(folds).map((fold, i) => (states[i] === null ? undefined : fold.load(states[i])));
}
