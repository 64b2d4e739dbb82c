import { quoted, type ClickHouseTable } from "../../core/schema/clickhouse.ts";
import type { Server } from "./server.ts";

/** A row as far as telling it from others goes: the values of its key, and its second. */
export interface Identity {
  readonly key: readonly string[];
  readonly seconds: number;
}

/** Seconds of the rows that there are, by `keyText`. */
export type Found = Map<string, number[]>;

/** A query with more ranges than this is slower than one that reads what is between them. */
const MOST_RANGES = 50;

export function keyText(key: readonly string[]): string {
  return key.length === 1 ? key[0]! : key.join("\u001f");
}

/**
 * Which of these the table has, within `window` seconds of theirs. Sorted by time first, the table is read only around the times asked
 * for, and there its key columns alone.
 */
export async function lookUp(server: Server, table: ClickHouseTable, wanted: readonly Identity[], window: number): Promise<Found> {
  const found: Found = new Map();
  if (wanted.length === 0) return found;
  const names = table.key.map((_, i) => `k${i}`);
  const keys = table.key.map(quoted);
  const time = quoted(table.time);
  const rows = await server.rowsAmong<Record<string, string> & { seconds: number }>(
    `SELECT ${keys.map((key, i) => `${key} AS ${names[i]!}`).join(", ")}, toUInt32(${time}) AS seconds FROM ${quoted(table.name)}
     WHERE ${around(table, wanted, window)}
       AND ${keys.length === 1 ? keys[0]! : `(${keys.join(", ")})`} IN wanted`,
    {
      name: "wanted",
      structure: names.map((name) => `${name} String`).join(", "),
      format: "TabSeparated",
      rows: [Buffer.from(wanted.map(({ key }) => `${key.map(escaped).join("\t")}\n`).join(""))],
    },
    "looking for what is there already",
  );
  for (const row of rows) add(found, keyText(names.map((name) => row[name]!)), row.seconds);
  return found;
}

/** The condition for rows around the times of these. */
export function around({ time }: ClickHouseTable, wanted: readonly Identity[], window: number): string {
  const ranges = rangesOf(
    wanted.map((w) => w.seconds),
    window,
  );
  return `(${ranges.map(([from, to]) => `${quoted(time)} BETWEEN toDateTime(${from}) AND toDateTime(${to})`).join(" OR ")})`;
}

export function add(found: Found, key: string, seconds: number): void {
  const known = found.get(key);
  if (known === undefined) found.set(key, [seconds]);
  else known.push(seconds);
}

export function has(found: Found, key: string, seconds: number, window: number): boolean {
  return found.get(key)?.some((s) => Math.abs(s - seconds) <= window) ?? false;
}

/** The stretches of time around these seconds; where there are too many, those with the least between them become one. */
export function rangesOf(seconds: readonly number[], window: number): [number, number][] {
  const sorted = [...seconds].sort((a, b) => a - b);
  const ranges: [number, number][] = [];
  for (const second of sorted) {
    const from = Math.max(0, second - window);
    const to = Math.min(MAX_DATETIME, second + window);
    const last = ranges.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = to;
    else ranges.push([from, to]);
  }
  if (ranges.length <= MOST_RANGES) return ranges;
  const gaps = ranges.slice(1).map(([from], i) => from - ranges[i]![1]);
  const widest = [...gaps].sort((a, b) => b - a)[MOST_RANGES - 1]!;
  const merged: [number, number][] = [ranges[0]!];
  ranges.slice(1).forEach((range, i) => {
    if (gaps[i]! > widest) merged.push(range);
    else merged.at(-1)![1] = range[1];
  });
  return merged;
}

const MAX_DATETIME = 2 ** 32 - 1;

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0" };

/** https://clickhouse.com/docs/interfaces/formats/TabSeparated */
function escaped(text: string): string {
  return text.replace(/[\\\t\n\r\0]/g, (character) => ESCAPES[character]!);
}
