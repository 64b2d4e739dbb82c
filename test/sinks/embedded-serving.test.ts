import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Serving } from "../../src/core/serving.ts";
import { openEmbeddedServing } from "../../src/sinks/embedded-serving.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";

function store(): { path: string; open: (at?: number) => Serving } {
  const dir = mkdtempSync(join(tmpdir(), "arachne-serving-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, "serving.db");
  return { path, open: (at = 0) => openEmbeddedServing({ path, now: () => new Date(at) }) };
}

// oxlint-disable-next-line require-await -- an async source, as the engine's
async function* chunks<T>(...all: T[][]): AsyncGenerator<T[]> {
  yield* all;
}

function rowsOf(path: string, sql: string): object[] {
  using db = readSqlite(path);
  return db.all<object>(sql);
}

const table = (rows: object[], expected = rows.length) => ({
  alias: "stats",
  key: ["code"],
  rows: chunks(rows as Record<string, unknown>[]),
  expected,
});
const doc = (key: string, version: string, n: number) => ({ key, version, document: JSON.stringify({ n }) });

test("a table is seen under its alias once it is published, and not before", async () => {
  const { path, open } = store();
  await using serving = open(1);
  await serving.buildTable(table([{ code: "01", n: 3, share: 0.5 }]));
  expect(() => rowsOf(path, "SELECT * FROM stats")).toThrow(/no such table/);
  await serving.publish();
  expect(rowsOf(path, "SELECT * FROM stats")).toMatchObject([{ code: "01", n: 3, share: 0.5 }]);
  expect(rowsOf(path, "SELECT typeof(n) AS t FROM stats")).toMatchObject([{ t: "integer" }]);
});

test("the next version takes its place, the former is kept, older ones go", async () => {
  const { path, open } = store();
  for (const n of [1, 2, 3]) {
    await using serving = open(n);
    await serving.buildTable(table([{ code: "01", n }]));
    await serving.publish();
  }
  expect(rowsOf(path, "SELECT n FROM stats")).toMatchObject([{ n: 3 }]);
  const tables = rowsOf(path, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'stats@%' ORDER BY name");
  expect(tables).toHaveLength(2);
  const [alias] = rowsOf(path, "SELECT previous FROM alias WHERE name = 'stats'") as { previous: string }[];
  expect(rowsOf(path, `SELECT n FROM "${alias!.previous}"`)).toMatchObject([{ n: 2 }]);
});

test("a table with fewer rows than expected is not published, nor are the others of its run", async () => {
  const { path, open } = store();
  await using first = open(1);
  await first.buildTable(table([{ code: "01", n: 1 }]));
  await first.publish();
  {
    await using serving = open(2);
    await expect(serving.buildTable(table([{ code: "01", n: 2 }], 2))).rejects.toMatchObject({ code: "serving_count" });
  }
  expect(rowsOf(path, "SELECT n FROM stats")).toMatchObject([{ n: 1 }]);
});

test("of two versions of a document the newer stays, whatever the order; of equal ones the last, which a corrected cleaning may have made; the same again is no change", async () => {
  const { path, open } = store();
  await using serving = open();
  const [old, newer] = ["2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z"];
  const put = (...documents: ReturnType<typeof doc>[]) =>
    serving.upsert({ alias: "listings", origin: "real", documents: chunks(documents) });
  expect(await put(doc("a", newer, 2), doc("b", old, 1))).toBe(2);
  expect(await put(doc("a", old, 1), doc("b", newer, 2))).toBe(1);
  expect(await put(doc("a", newer, 2), doc("b", newer, 2))).toBe(0);
  expect(await put(doc("a", newer, 3))).toBe(1);
  expect(rowsOf(path, "SELECT key, document FROM listings ORDER BY key")).toMatchObject([
    { key: "a", document: '{"n":3}' },
    { key: "b", document: '{"n":2}' },
  ]);
});

test("a store that holds demo documents takes no real ones, and the other way round", async () => {
  const { path, open } = store();
  await using serving = open();
  await serving.upsert({ alias: "d", origin: "demo", documents: chunks([doc("a", "1", 1)]) });
  await expect(serving.upsert({ alias: "d", origin: "real", documents: chunks([doc("b", "1", 1)]) })).rejects.toMatchObject({
    code: "mixed_origins",
  });
  expect(rowsOf(path, "SELECT key FROM d")).toMatchObject([{ key: "a" }]);
});

test("thousands of documents in many chunks all arrive", async () => {
  const { path, open } = store();
  await using serving = open();
  const all = Array.from({ length: 30 }, (_, c) => Array.from({ length: 777 }, (_, i) => doc(`k${c}-${i}`, "1", i)));
  expect(await serving.upsert({ alias: "d", origin: "real", documents: chunks(...all) })).toBe(30 * 777);
  expect(rowsOf(path, "SELECT count(*) AS n FROM d")).toMatchObject([{ n: 30 * 777 }]);
});
