import { z } from "zod";
import type { ResultRow } from "../../src/core/engine.ts";
import { defineItem } from "../../src/core/item.ts";
import type { Serving } from "../../src/core/serving.ts";

export const ROWS = 1_400;

const Stat = defineItem({ name: "stat", schema: z.object({ code: z.string(), n: z.int(), day: z.iso.date() }), key: ["code"] });

/** What a job's run serves: two tables, a slice and documents, all with the number `n`. */
export async function serveRun(serving: Serving, alias: string, n: number): Promise<void> {
  const version = new Date(Date.UTC(2026, 10, 1) + n).toISOString();
  const rows = (from: number): ResultRow[] =>
    Array.from({ length: ROWS / 2 }, (_, i) => ({ code: String(from + i), n, day: "2026-11-21" }));
  async function* chunks(): AsyncGenerator<readonly ResultRow[]> {
    for (const from of [0, ROWS / 2]) yield await Promise.resolve(rows(from));
  }
  async function* documents() {
    for await (const chunk of chunks()) yield chunk.map((row) => ({ key: String(row["code"]), version, document: JSON.stringify(row) }));
  }
  for (const table of ["a", "b"]) await serving.buildTable({ alias: `${alias}_${table}`, item: Stat, rows: chunks(), expected: ROWS });
  const slice = { field: "day", value: "2026-11-21" };
  await serving.replaceSlice({ alias: `${alias}_slices`, item: Stat, rows: chunks(), expected: ROWS, slice, version });
  await serving.upsert({ alias: `${alias}_documents`, item: Stat, origin: "real", documents: documents() });
  await serving.publish();
}
