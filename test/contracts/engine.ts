import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { collectRows, type Engine, type SourceFormat } from "../../src/core/engine.ts";
import { defineItem, type ItemType } from "../../src/core/item.ts";
import { profileOf } from "../../src/core/quality-sql.ts";
import { columnsOf } from "../../src/core/schema/columns.ts";
import { checkedSql } from "../../src/core/schema/rules-sql.ts";
import { feedFormat } from "../../src/feeds/format.ts";
import { engineInputContract } from "./engine-input.ts";
import { engineSchemaContract } from "./engine-schema.ts";

const SCHEMA = z.object({
  id: z.string(),
  kind: z.enum(["a", "b"]).nullable(),
  big: z.int().nullable(),
  size: z
    .number()
    .nullable()
    .meta({ decimal: [12, 2] }),
  day: z.iso.date().nullable(),
  at: z.iso.datetime(),
  ok: z.boolean(),
  raw: z.object({ text: z.string().nullable() }),
});
const Thing = defineItem({ name: "thing", key: ["id"], schema: SCHEMA });
const COLUMNS = columnsOf(Thing);

const AT = "2026-11-21T05:20:41.753Z";
const thing = (id: string, change: object = {}) => ({
  id,
  kind: "a",
  big: 9007199254740991,
  size: 12.34,
  day: "2026-02-28",
  at: AT,
  ok: true,
  raw: { text: "1,95 tỷ" },
  ...change,
});

/** What every engine must do, with the same SQL. */
export function engineContract(open: (dir: string, signal?: AbortSignal) => Promise<Engine>): void {
  async function opened(signal?: AbortSignal): Promise<{ engine: Engine; dir: string }> {
    const dir = mkdtempSync(join(tmpdir(), "arachne-engine-"));
    const engine = await open(join(dir, "engine"), signal);
    onTestFinished(async () => {
      await engine[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    });
    return { engine, dir };
  }

  async function file(dir: string, name: string, format: SourceFormat, items: readonly object[], type: ItemType = Thing): Promise<string> {
    const path = join(dir, `${name}.${format}`);
    const feed = await feedFormat(format);
    const json = items.map((item) => JSON.stringify(item));
    if (feed.content !== undefined) writeFileSync(path, [...feed.content(type, json)].join(""));
    else await feed.write!(path, type, json);
    return path;
  }

  for (const format of ["json", "jsonl", "csv", "parquet"] as const) {
    test(`reads ${format} as text and gives it its types: whole numbers exact, times in UTC, NULL and "" apart`, async () => {
      const { engine, dir } = await opened();
      const dirty = thing("=x", { kind: null, big: null, size: null, day: null, ok: false, raw: { text: "" } });
      const files = [await file(dir, "one", format, [thing('a "quoted", line\nbreak')]), await file(dir, "two", format, [dirty])];
      await engine.source("things", { format, files, columns: COLUMNS });
      await engine.stage("checked", checkedSql(Thing, "things"));
      const rows = await collectRows(engine, "SELECT * FROM checked ORDER BY id");
      expect(rows).toEqual([
        { ...dirty, reject_reason: null },
        { ...thing('a "quoted", line\nbreak'), reject_reason: null },
      ]);
      const sources = await collectRows<{ source_file: string }>(engine, "SELECT source_file FROM things ORDER BY source_file");
      expect(sources.map((s) => s.source_file)).toEqual(files);
    });
  }

  for (const format of ["json", "jsonl", "csv", "parquet"] as const)
    test(`gives what ${format} rows have beyond their columns as \`extra\`, where it is asked for`, async () => {
      const { engine, dir } = await opened();
      const More = defineItem({
        name: "more",
        key: ["id"],
        schema: SCHEMA.extend({ aa: z.string().nullable(), "z'é": z.string().nullable() }),
      });
      const rows = [thing("1", { aa: 'a "b"', "z'é": "5" }), thing("2", { aa: null, "z'é": "x" }), thing("3", { aa: null, "z'é": null })];
      const files = [await file(dir, "more", format, rows, More)];
      await engine.source("things", { format, files, columns: COLUMNS, extra: true });
      const found = await collectRows(engine, "SELECT id, kind, raw.text AS text, extra FROM things ORDER BY id");
      expect(found).toEqual([
        { id: "1", kind: "a", text: "1,95 tỷ", extra: JSON.stringify({ aa: 'a "b"', "z'é": "5" }) },
        { id: "2", kind: "a", text: "1,95 tỷ", extra: JSON.stringify({ "z'é": "x" }) },
        { id: "3", kind: "a", text: "1,95 tỷ", extra: null },
      ]);
    });

  test("keeps the JSON of fields that have no column", async () => {
    const { engine, dir } = await opened();
    const path = join(dir, "odd.jsonl");
    writeFileSync(path, `{"zz":[1,{"b":null}],"id":"x","aa":1.5,"mm":true,"big":null,"none":null}\n`);
    await engine.source("things", { format: "jsonl", files: [path], columns: COLUMNS, extra: true });
    expect(await collectRows(engine, "SELECT id, extra FROM things")).toEqual([
      { id: "x", extra: '{"aa":1.5,"mm":true,"zz":[1,{"b":null}]}' },
    ]);
  });

  test("no files are an empty view", async () => {
    const { engine } = await opened();
    for (const extra of [false, true]) {
      await engine.source("things", { format: "parquet", files: [], columns: COLUMNS, extra });
      await engine.stage("checked", checkedSql(Thing, "things"));
      expect(await collectRows(engine, "SELECT raw.text, source_file FROM things")).toEqual([]);
      expect(await collectRows(engine, "SELECT COUNT(*) AS n FROM checked")).toEqual([{ n: 0 }]);
    }
  });

  test("tells a view's profile by group: rows, filled fields, numbers by bins of equal ratio", async () => {
    const { engine } = await opened();
    const row = (kind: string, big: string, size: string, ok: string, text: string) =>
      `SELECT 'x' AS id, ${kind} AS kind, CAST(${big} AS BIGINT) AS big, CAST(${size} AS DECIMAL(12, 2)) AS size, CAST(NULL AS DATE) AS day, TIMESTAMP '2026-11-21 05:20:41' AS at, ${ok} AS ok, ${text} AS raw_text`;
    const rows = [
      row("'a'", "1000", "0.01", "true", "'t'"),
      row("'a'", "-1000", "99.99", "false", "''"),
      row("'a'", "999", "100", "true", "NULL"),
      row("'b'", "0", "NULL", "true", "'t'"),
      row("NULL", "NULL", "12", "NULL", "NULL"),
    ];
    await engine.stage("flat", rows.join(" UNION ALL "));
    const Flat = defineItem({ name: "flat", key: ["id"], schema: SCHEMA.omit({ raw: true }).extend({ raw_text: z.string().nullable() }) });
    const profile = await profileOf(engine, "flat", Flat, "kind");
    expect(profile).toEqual({
      by: "kind",
      groups: {
        a: {
          rows: 3,
          filled: { id: 3, kind: 3, big: 3, size: 3, day: 0, at: 3, ok: 3, raw_text: 1 },
          bins: { kind: { a: 3 }, big: { 1060: 1, "-1060": 1, 1059: 1 }, size: { 960: 1, 1039: 1, 1040: 1 }, ok: { true: 2, false: 1 } },
        },
        b: {
          rows: 1,
          filled: { id: 1, kind: 1, big: 1, size: 0, day: 0, at: 1, ok: 1, raw_text: 1 },
          bins: { kind: { b: 1 }, big: { 0: 1 }, ok: { true: 1 } },
        },
        "(none)": {
          rows: 1,
          filled: { id: 1, kind: 0, big: 0, size: 1, day: 0, at: 1, ok: 0, raw_text: 0 },
          bins: { size: { 1021: 1 } },
        },
      },
    });
    expect(await profileOf(engine, "flat", Flat, undefined)).toMatchObject({
      by: null,
      groups: { all: { rows: 5, bins: { kind: { a: 3, b: 1 } } } },
    });
  });

  test("whole numbers beyond 2^53 come as bigints, sums of decimals as exact numbers", async () => {
    const { engine } = await opened();
    const sql = "SELECT CAST(9007199254740993 AS BIGINT) AS big, SUM(CAST(x AS DECIMAL(28, 0))) AS total FROM (VALUES (1), (2)) AS t(x)";
    expect(await collectRows(engine, sql)).toEqual([{ big: 9007199254740993n, total: 3 }]);
  });

  test("orders texts by their bytes, and NULLs last where it says so, in what it gives and what it writes", async () => {
    const { engine, dir } = await opened();
    const texts = ["Z", "a", "z", "é", "ế", "😀", "Á", " ", ""].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const values = [...texts].reverse().map((text) => `('${text}')`);
    await engine.stage("t", `SELECT k FROM (VALUES (NULL), ${values.join(", ")}) AS t(k)`);
    const sorted = [...texts, null].map((k) => ({ k }));
    expect(await collectRows(engine, "SELECT k FROM t ORDER BY k NULLS LAST")).toEqual(sorted);
    const path = join(dir, "sorted.parquet");
    await engine.write("SELECT k FROM t", { path, orderBy: ["k"] });
    await engine.open("back", path);
    expect(await collectRows(engine, "SELECT k FROM back")).toEqual(sorted);
  });

  test("keeps every value through a stage and a file: edges of 64 bits, decimals, times before 1970 and with microseconds", async () => {
    const { engine, dir } = await opened();
    const columns = [
      ["least", "CAST('-9223372036854775808' AS BIGINT)", -9223372036854775808n],
      ["most", "CAST('9223372036854775807' AS BIGINT)", 9223372036854775807n],
      ["small", "CAST('-7' AS INT)", -7],
      ["cents", "CAST('-0.05' AS DECIMAL(12, 2))", -0.05],
      ["whole", "CAST('12345678901234567890123456789012345678' AS DECIMAL(38, 0))", 12345678901234567890123456789012345678n],
      ["exact", "CAST('-12345678901234567890.25' AS DECIMAL(38, 2))", "-12345678901234567890.25"],
      ["half", "CAST('0.1' AS DOUBLE)", 0.1],
      ["day", "CAST('1969-12-31' AS DATE)", "1969-12-31"],
      ["old", "CAST('1969-12-31 23:59:59.999' AS TIMESTAMP)", "1969-12-31T23:59:59.999Z"],
      ["fine", "CAST('2026-11-21 05:20:41.753001' AS TIMESTAMP)", "2026-11-21T05:20:41.753001Z"],
      ["yes", "1 = 1", true],
      ["text", "'Quận 1, “it''s” \\ 😀'", "Quận 1, “it's” \\ 😀"],
      ["nothing", "CAST(NULL AS BIGINT)", null],
    ] as const;
    const sql = `SELECT ${columns.map(([name, expression]) => `${expression} AS ${name}`).join(", ")}`;
    const expected = [Object.fromEntries(columns.map(([name, , value]) => [name, value]))];
    expect(await collectRows(engine, sql)).toEqual(expected);
    await engine.stage("t", sql);
    expect(await collectRows(engine, "SELECT * FROM t")).toEqual(expected);
    await engine.write("SELECT * FROM t", { path: join(dir, "t.parquet"), orderBy: ["day"] });
    await engine.open("back", join(dir, "t.parquet"));
    expect(await collectRows(engine, "SELECT * FROM back")).toEqual(expected);
  });

  test("writes one ordered file a partition, which reads back with all its columns", async () => {
    const { engine, dir } = await opened();
    const rows = Array.from({ length: 500 }, (_, i) => `('k${String((i * 7) % 500).padStart(3, "0")}', 'p${i % 3}', ${i})`);
    await engine.stage("t", `SELECT * FROM (VALUES ${rows.join(", ")}) AS t(k, part, n)`);
    const path = join(dir, "out");
    await engine.write("SELECT *, part AS folder FROM t", { path, partitionBy: "folder", orderBy: ["k"] });
    expect(readdirSync(path).sort()).toEqual(["folder=p0", "folder=p1", "folder=p2"]);
    for (const folder of readdirSync(path)) {
      const files = readdirSync(join(path, folder)).filter((name) => name.endsWith(".parquet"));
      expect(files).toHaveLength(1);
      await engine.open("one", join(path, folder, files[0]!));
      const keys = (await collectRows<{ k: string }>(engine, "SELECT k FROM one")).map((row) => row.k);
      expect(keys).toEqual([...keys].sort());
    }
    await engine.open("back", path);
    expect(await collectRows(engine, "SELECT COUNT(*) AS n, SUM(n) AS total, MIN(part) AS part FROM back")).toEqual([
      { n: 500, total: (499 * 500) / 2, part: "p0" },
    ]);
  });

  test("a query that fails in its middle is an error, however much of it has come", async () => {
    const { engine } = await opened();
    const ten = "(SELECT * FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS t(x))";
    const million = `(SELECT a.x + 10 * b.x + 100 * c.x + 1000 * d.x + 10000 * e.x + 100000 * f.x AS n FROM ${ten} a, ${ten} b, ${ten} c, ${ten} d, ${ten} e, ${ten} f) AS m`;
    const sql = `SELECT CASE WHEN n = 900000 THEN raise_error(concat('row ', CAST(n AS STRING), ' is bad')) ELSE 'fine' END AS v FROM ${million}`;
    const reading = async (): Promise<void> => {
      for await (const _ of engine.query(sql)); // read to its end
    };
    await expect(reading()).rejects.toMatchObject({
      code: "query_failed",
      message: expect.stringContaining("row 900000 is bad") as string,
    });
  });

  test("queries run while another one is read", async () => {
    const { engine } = await opened();
    await engine.stage("numbers", `SELECT * FROM (VALUES ${Array.from({ length: 5000 }, (_, i) => `(${i})`).join(", ")}) AS t(n)`);
    let rows = 0;
    for await (const chunk of engine.query("SELECT n FROM numbers")) {
      rows += chunk.length;
      expect(await collectRows(engine, "SELECT COUNT(*) AS n FROM numbers")).toEqual([{ n: 5000 }]);
    }
    expect(rows).toBe(5000);
  });

  test("gives rows as the JSON that the items were", async () => {
    const { engine, dir } = await opened();
    const path = await file(dir, "one", "json", [thing("x"), thing("y", { big: null, raw: { text: 'a"b\n' } })]);
    await engine.source("things", { format: "json", files: [path], columns: COLUMNS });
    await engine.stage("checked", checkedSql(Thing, "things"));
    const found: { key: string; version: string; document: string }[] = [];
    for await (const chunk of engine.documents("checked", { columns: COLUMNS, key: "id", version: "at" })) found.push(...chunk);
    found.sort((a, b) => (a.key < b.key ? -1 : 1));
    expect(found.map((d) => [d.key, d.version, JSON.parse(d.document) as unknown])).toEqual([
      ["x", AT, thing("x")],
      ["y", AT, thing("y", { big: null, raw: { text: 'a"b\n' } })],
    ]);
  });

  test("broken SQL fails with the engine's own words and the class that says so", async () => {
    const { engine } = await opened();
    await expect(collectRows(engine, "SELECT nothing FROM nowhere")).rejects.toMatchObject({ code: "query_failed", message: /nowhere/ });
  });

  test("ends the query under way when its signal is aborted", async () => {
    const controller = new AbortController();
    const { engine } = await opened(controller.signal);
    const rows = `(VALUES ${Array.from({ length: 1000 }, (_, i) => `(${i})`).join(", ")}) AS`;
    const endless = `SELECT COUNT(*) AS n FROM ${rows} a(x), ${rows} b(x), ${rows} c(x), ${rows} d(x) WHERE (a.x * b.x + c.x * d.x) % 7 = 3`;
    const running = collectRows(engine, endless);
    setTimeout(() => controller.abort(), 50);
    await expect(running).rejects.toMatchObject({ code: "aborted" });
  });

  test("leaves nothing behind where it worked when it is closed", async () => {
    const dir = mkdtempSync(join(tmpdir(), "arachne-engine-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    mkdirSync(join(dir, "work"));
    const engine = await open(join(dir, "work"));
    await engine.stage("t", "SELECT 1 AS x");
    await engine[Symbol.asyncDispose]();
    expect(readdirSync(join(dir, "work"))).toEqual([]);
  });

  engineSchemaContract(opened);
  engineInputContract(opened);
}
