import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Logger } from "../../src/core/context.ts";
import { defineItem } from "../../src/core/item.ts";
import type { ServedTable } from "../../src/core/serving.ts";
import { openEmbeddedServing, type EmbeddedServingOptions } from "../../src/sinks/embedded-serving.ts";
import { MIGRATIONS } from "../../src/sinks/embedded/schema.ts";
import { openDatabase } from "../../src/storage/sqlite.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { servingContract } from "../contracts/serving.ts";
import type { ServingUnderTest } from "../contracts/serving-store.ts";

const bounds = { maxChange: 0.5, maxGrowth: 10, minRows: 100, versions: 3 };
const silent = (): void => undefined;
const silentLog: Logger = { debug: silent, info: silent, warn: silent, error: silent };
const Stat = defineItem({
  name: "stat",
  schema: z.object({ code: z.string(), n: z.int().nullable(), share: z.number().nullable() }),
  key: ["code"],
});

function file(): string {
  const dir = mkdtempSync(join(tmpdir(), "arachne-serving-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, "serving.db");
}

const open = (path: string, at = 0, more: Partial<EmbeddedServingOptions> = {}) =>
  openEmbeddedServing({ path, now: () => new Date(at), log: silentLog, ...bounds, ...more });

function rowsOf(path: string, sql: string): Record<string, unknown>[] {
  using db = readSqlite(path);
  return db.all<Record<string, unknown>>(sql);
}

function underTest(): ServingUnderTest {
  const path = file();
  return {
    sameAgain: "kept",
    alias: () => "stats",
    // oxlint-disable-next-line require-await -- as below
    async take(alias) {
      const db = openDatabase(path, { migrations: [] });
      db.exec(`CREATE TABLE ${alias} (mine)`);
      db.close();
    },
    open: (bounds) => Promise.resolve(openEmbeddedServing({ path, now: () => new Date(0), log: silentLog, ...bounds })),
    // oxlint-disable-next-line require-await -- so that what it throws is a rejection
    async read(alias) {
      const columns = rowsOf(path, `SELECT name FROM pragma_table_info('${alias}')`).map((column) => String(column["name"]));
      const documents = columns.includes("document");
      const text = documents ? "document" : `json_object(${columns.map((name) => `'${name}', "${name}"`).join(", ")})`;
      return rowsOf(path, `SELECT ${text} AS line FROM "${alias}"`).map(({ line }) => {
        const row = JSON.parse(String(line).replace(/:(\d{16,})([,}])/g, ':"$1"$2')) as Record<string, unknown>;
        if (typeof row["active"] === "number") row["active"] = row["active"] === 1;
        return row;
      });
    },
  };
}

describe("the serving contract", () => servingContract(underTest));

// oxlint-disable-next-line require-await -- an async source, as the engine's
async function* chunks<T>(...all: T[][]): AsyncGenerator<T[]> {
  yield* all;
}

const table = (rows: Record<string, unknown>[]): ServedTable => ({ alias: "stats", item: Stat, rows: chunks(rows), expected: rows.length });

test("whole numbers are stored as such, fractions as fractions, empty tables with all their columns", async () => {
  const path = file();
  {
    await using serving = open(path);
    await serving.buildTable(table([{ code: "01", n: 3, share: 0.5 }]));
    await serving.publish();
  }
  expect(rowsOf(path, "SELECT typeof(n) AS n, typeof(share) AS share FROM stats")).toMatchObject([{ n: "integer", share: "real" }]);
  await using serving = open(path, 0, { acceptChange: true });
  await serving.buildTable(table([]));
  await serving.publish();
  expect(rowsOf(path, "SELECT name FROM pragma_table_info('stats')").map((column) => column["name"])).toEqual(["code", "n", "share"]);
});

test("former versions that are kept can be looked at by their name", async () => {
  const path = file();
  for (const n of [1, 2]) {
    await using serving = open(path, n);
    await serving.buildTable(table([{ code: "01", n, share: null }]));
    await serving.publish();
  }
  await using serving = open(path);
  const [name] = await serving.names();
  expect(rowsOf(path, `SELECT n FROM "${name!.former[0]}"`)).toMatchObject([{ n: 1 }]);
});

test("what cannot be removed after the publication is a warning, and what was published stays", async () => {
  const path = file();
  const run = async (n: number, warnings: string[] = []): Promise<void> => {
    const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
    await using serving = open(path, n, { versions: 1, log });
    await serving.buildTable(table([{ code: "01", n, share: null }]));
    await serving.publish();
  };
  for (const n of [1, 2]) await run(n);
  const db = openDatabase(path, { migrations: MIGRATIONS });
  db.exec("CREATE TRIGGER no BEFORE DELETE ON version BEGIN SELECT RAISE(ABORT, 'not now'); END");
  db.close();
  const warnings: string[] = [];
  await run(3, warnings);
  expect(rowsOf(path, "SELECT n FROM stats")).toMatchObject([{ n: 3 }]);
  expect(warnings).toMatchObject([expect.stringMatching(/stats: published, but old versions .* not now/)]);
});

test("a slice that a later run has written is left, and the log says so", async () => {
  const said: string[] = [];
  await using serving = open(file(), 0, { log: { ...silentLog, info: (message) => void said.push(message) } });
  const slice = (version: string) => ({ ...table([{ code: "01", n: 1, share: null }]), slice: { field: "n", value: "1" }, version });
  await serving.replaceSlice(slice("2026-11-22T00:00:00.000Z"));
  expect(said).toEqual([]);
  await serving.replaceSlice(slice("2026-11-21T00:00:00.000Z"));
  expect(said).toEqual(["stats: a later run has written n 1, and its rows stand"]);
});

test("a store of the first schema goes on working: its aliases, its former version, its documents", async () => {
  const path = file();
  const old = openDatabase(path, {
    migrations: [
      `CREATE TABLE alias (name TEXT PRIMARY KEY, current TEXT NOT NULL, previous TEXT, "rows" INTEGER, published_at INTEGER NOT NULL) WITHOUT ROWID;`,
      `CREATE TABLE document_origin (alias TEXT PRIMARY KEY, origin TEXT NOT NULL) WITHOUT ROWID;`,
    ],
  });
  old.exec(`CREATE TABLE "stats@20261101T000000000Z" (code, n, share); INSERT INTO "stats@20261101T000000000Z" VALUES ('01', 1, NULL);
    CREATE TABLE "stats@20261102T000000000Z" (code, n, share); INSERT INTO "stats@20261102T000000000Z" VALUES ('01', 2, NULL);
    CREATE VIEW stats AS SELECT * FROM "stats@20261102T000000000Z";
    CREATE TABLE "docs@documents" (key TEXT NOT NULL UNIQUE, version TEXT NOT NULL, document TEXT NOT NULL);
    INSERT INTO "docs@documents" VALUES ('a', '2026-11-01T00:00:00.000Z', '{"code":"a","n":1,"share":null}');
    CREATE VIEW docs AS SELECT * FROM "docs@documents";
    INSERT INTO alias VALUES ('stats', 'stats@20261102T000000000Z', 'stats@20261101T000000000Z', 1, 0), ('docs', 'docs@documents', NULL, NULL, 0);
    INSERT INTO document_origin VALUES ('docs', 'real');`);
  old.close();
  {
    await using serving = open(path);
    expect(await serving.names()).toEqual([
      { alias: "docs", current: "docs@documents", former: [], rows: 1 },
      { alias: "stats", current: "stats@20261102T000000000Z", former: ["stats@20261101T000000000Z"], rows: 1 },
    ]);
    await serving.buildTable(table([{ code: "01", n: 3, share: null }]));
    await serving.publish();
    const documents = chunks([{ key: "b", version: "2026-11-01T00:00:00.000Z", document: "{}" }]);
    await serving.upsert({ alias: "docs", item: Stat, origin: "real", documents });
    expect(rowsOf(path, "SELECT count(*) AS n FROM docs")).toMatchObject([{ n: 2 }]);
    for (const n of [2, 1]) {
      await serving.rollback("stats");
      expect(rowsOf(path, "SELECT n FROM stats")).toMatchObject([{ n }]);
    }
  }
});

test("a field that the item has got since is in the slices that come, and null in the older ones", async () => {
  const path = file();
  const base = { day: z.iso.date(), n: z.int() };
  const slice = (item: ServedTable["item"], day: string, row: Record<string, unknown>) => ({
    alias: "daily",
    item,
    rows: chunks([row]),
    expected: 1,
    slice: { field: "day", value: day },
    version: "2026-11-21T00:00:00.000Z",
  });
  await using serving = open(path);
  await serving.replaceSlice(
    slice(defineItem({ name: "d", schema: z.object(base), key: ["day"] }), "2026-11-01", { day: "2026-11-01", n: 1 }),
  );
  const wider = defineItem({ name: "d", schema: z.object({ ...base, more: z.string().nullable() }), key: ["day"] });
  await serving.replaceSlice(slice(wider, "2026-11-02", { day: "2026-11-02", n: 2, more: "x" }));
  expect(rowsOf(path, "SELECT * FROM daily ORDER BY day")).toMatchObject([
    { day: "2026-11-01", n: 1, more: null },
    { day: "2026-11-02", n: 2, more: "x" },
  ]);
});
