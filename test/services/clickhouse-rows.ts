import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineItem, defineStream, intoClickHouse } from "arachne";
import { RejectedError, SettingsError } from "../../src/core/errors.ts";
import { offer, type Offer as OfferItem } from "../app/stream-place.ts";
import { seeded } from "../faults/kills.ts";
import { entries, fresh, idsOf, offers, type Bench } from "./clickhouse-bench.ts";

/** What of the sink's rows holds on every version. */
export function rowTests(on: Bench): void {
  test("values of every kind come back as they were", async () => {
    const Everything = defineItem({
      name: "everything",
      key: ["a", "b"],
      schema: z.object({
        a: z.string(),
        b: z.string(),
        at: z.iso.datetime({ offset: true }),
        whole: z.int(),
        exact: z.number().meta({ decimal: [18, 4] }),
        double: z.number(),
        yes: z.boolean(),
        day: z.iso.date(),
        list: z.array(z.string()),
        inner: z.object({ x: z.int() }),
        maybe: z.string().nullable(),
        later: z.iso.datetime().nullable(),
      }),
    });
    const odd = "tab\t newline\n return\r nul\0 quote' \" back\\slash \\N \\t é 😀 \u2028";
    const rows = [
      { at: "1970-01-01T00:00:00.000Z", whole: 0, exact: 0, double: 0, yes: false, maybe: null, later: null },
      { at: "1970-01-01T00:00:05.999Z", whole: -Number.MAX_SAFE_INTEGER, exact: -1.5, double: 1e-7, yes: true, maybe: "", later: null },
      {
        at: "2105-12-31T23:59:59.000Z",
        whole: Number.MAX_SAFE_INTEGER,
        exact: 1234567.8912,
        double: -1e300,
        yes: true,
        maybe: odd,
        later: null,
      },
      { at: "2026-11-21T16:00:00+07:00", whole: 7, exact: 0.1, double: 0.1, yes: false, maybe: "\\N", later: "2026-11-21T09:00:00Z" },
    ].map((row, i) => ({ a: `${odd}${i}`, b: "b", day: "2026-02-28", list: [odd], inner: { x: i }, ...row }));
    const p = on.real();
    const table = fresh();
    const sink = intoClickHouse({ table, item: Everything, time: "at" });
    const c = { ...p, now: () => new Date(), signal: new AbortController().signal, stream: "s", sink: "all", root: p.dir };
    await using writer = await sink.open(c);
    expect(await writer.write(entries(rows) as never)).toEqual({ written: 4, kept: 0, refused: [] });
    expect(await writer.write(entries(rows) as never)).toEqual({ written: 0, kept: 4, refused: [] });
    const found = await on.store.sql(
      `SELECT a, b, toUInt32(at) AS at, toString(whole) AS whole, toString(toInt64(exact * 10000)) AS exact, double, yes, toString(day) AS day, list, inner, maybe, toUInt32(later) AS later FROM ${table} ORDER BY at, a`,
    );
    const exact = ["0", "-15000", "12345678912", "1000"]; // in their last place: versions differ in the zeros that they show
    const expected = rows.map((row, i) => ({
      ...row,
      at: Math.floor(Date.parse(row.at) / 1000),
      whole: String(row.whole),
      exact: exact[i],
      yes: row.yes ? 1 : 0,
      list: JSON.stringify(row.list),
      inner: JSON.stringify(row.inner),
      later: row.later === null ? null : Date.parse(row.later) / 1000,
    }));
    expect(found).toEqual(expected.sort((x, y) => x.at - y.at));
  });

  test("the table is sorted by time and key, parted by month, and says when a row was inserted", async () => {
    const p = on.real();
    await (await p.open()).write(entries([offer(1)]));
    const [{ statement } = { statement: "" }] = await on.store.sql<{ statement: string }>(`SHOW CREATE TABLE ${p.table}`);
    // Versions differ in quotes and line breaks.
    expect(statement.replace(/[\s`]+/g, " ").replace(/ ?([(),]) ?/g, "$1")).toContain(
      "(id String,n Int64,at DateTime,note Nullable(String),processed_at DateTime DEFAULT now())ENGINE = MergeTree PARTITION BY toYYYYMM(at)ORDER BY(at,id)",
    );
    const [{ age } = { age: 99 }] = await on.store.sql<{ age: number }>(`SELECT toInt32(now() - processed_at) AS age FROM ${p.table}`);
    expect(age).toBeLessThan(60);
    const q = on.real({ CLICKHOUSE_ENGINE: "ReplacingMergeTree" });
    await (await q.open()).write(entries([offer(1)]));
    expect(await on.store.sql(`SELECT engine FROM system.tables WHERE name = '${q.table}'`)).toEqual([{ engine: "ReplacingMergeTree" }]);
  });

  test("a ReplacingMergeTree is equal under FINAL, even if somebody else has doubled its rows", async () => {
    const p = on.real({ CLICKHOUSE_ENGINE: "ReplacingMergeTree" });
    await (await p.open()).write(entries(offers(0, 100)));
    await on.store.sql(`SYSTEM STOP MERGES ${p.table}`); // which would make it so without FINAL, sooner or later
    await on.store.sql(`INSERT INTO ${p.table} (id, n, at, note) SELECT id, n, at, note FROM ${p.table}`);
    const count = async (final: string) => on.store.sql(`SELECT count() AS n, uniqExact(id) AS ids FROM ${p.table} ${final}`);
    expect(await count("")).toEqual([{ n: "200", ids: "100" }]);
    expect(await count("FINAL")).toEqual([{ n: "100", ids: "100" }]);
  });

  test("a batch over 200 months goes in as one", async () => {
    const p = on.real();
    const items = Array.from({ length: 200 }, (_, n) => offer(n, { at: new Date(Date.UTC(1990, n, 3)).toISOString() }));
    const writer = await p.open();
    expect(await writer.write(entries(items))).toEqual({ written: 200, kept: 0, refused: [] });
    expect(await writer.write(entries(items.toReversed(), 200))).toEqual({ written: 0, kept: 200, refused: [] });
    expect(await p.ids()).toEqual(idsOf(items));
  });

  test("one key counts once within the window, however it comes, and again beyond it", async () => {
    const p = on.real();
    const at = (seconds: number): OfferItem => offer(1, { at: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString() });
    const writer = await p.open();
    expect(await writer.write(entries([at(0), at(60), at(0), at(61)]))).toEqual({ written: 2, kept: 2, refused: [] });
    expect(await writer.write(entries([at(-60), at(121), at(122), at(-61)], 4))).toEqual({ written: 2, kept: 2, refused: [] });
    const rows = await on.store.sql<{ s: number }>(
      `SELECT toInt32(toInt32(at) - ${Date.UTC(2026, 0, 1) / 1000}) AS s FROM ${p.table} ORDER BY s`,
    );
    expect(rows.map((row) => row.s)).toEqual([-61, 0, 61, 122]);
  });

  test("what comes again in other batches, or to another writer that knows nothing, is there once", async () => {
    const p = on.real();
    const random = seeded(7);
    const items = offers(0, 3_000);
    for (let round = 0; round < 4; round++) {
      const writer = await p.open(round === 2 ? { CHECKPOINT_LOCATION: join(p.dir, "elsewhere") } : {});
      for (let i = 0; i < items.length;) {
        const size = 1 + Math.floor(random() * 900);
        await writer.write(entries(items.slice(i, i + size), i));
        i += size;
      }
    }
    expect(await p.ids()).toEqual(idsOf(items));
  });

  test("rows whose time was read otherwise after a restart are known by the times noted before", async () => {
    const p = on.real();
    const [one, two] = [await p.open(), offers(0, 10)];
    await one.write(entries(two));
    await one[Symbol.asyncDispose]();
    const later = two.map((o) => ({ ...o, at: new Date(Date.parse(o.at) + 7 * 3_600_000).toISOString() }));
    expect(await (await p.open()).write(entries(later))).toEqual({ written: 0, kept: 10, refused: [] });
    expect(await (await p.open()).write(entries(later, 100))).toEqual({ written: 10, kept: 0, refused: [] });
  });

  test("an emptied table is filled again from the topic's start", async () => {
    const p = on.real();
    const writer = await p.open();
    await writer.write(entries(offers(0, 100)));
    await on.store.sql(`TRUNCATE TABLE ${p.table}`);
    expect(await (await p.open()).write(entries(offers(0, 100)))).toMatchObject({ written: 100 });
    expect(await p.ids()).toEqual(idsOf(offers(0, 100)));
  });

  test("an existing table of other columns is refused with what differs; one with more that have defaults is not", async () => {
    const p = on.real();
    await on.store.sql(
      `CREATE TABLE ${p.table} (id String, n String, at DateTime('Asia/Ho_Chi_Minh'), extra UInt8, processed_at DateTime DEFAULT now()) ENGINE = Memory`,
    );
    const error = await p.open().then(
      () => undefined,
      (e: unknown) => e as Error,
    );
    expect(error).toBeInstanceOf(SettingsError);
    expect(error?.message).toContain(
      `default.${p.table} at ${on.store.url}: it is another table: its n is String, and not Int64; it has no column note (Nullable(String)); its extra is none of ours, and has no DEFAULT: name another with CLICKHOUSE_TABLE`,
    );
    const q = on.real();
    await on.store.sql(
      `CREATE TABLE ${q.table} (more UInt8 DEFAULT 3, note Nullable(String), id String, n Int64, at DateTime('Asia/Ho_Chi_Minh'), processed_at DateTime DEFAULT now()) ENGINE = Memory`,
    );
    await (await q.open()).write(entries(offers(0, 3)));
    expect(await on.store.sql(`SELECT id, more, toUInt32(at) * 1000 AS ms FROM ${q.table} ORDER BY id LIMIT 1`)).toEqual([
      { id: "o0", more: 3, ms: String(Date.parse(offer(0).at)) },
    ]);
  });

  test("rows that the server refuses, and times that no column holds, are set aside one by one", async () => {
    const Money = defineItem({
      name: "money",
      key: ["id"],
      schema: z.object({ id: z.string(), at: z.iso.datetime(), sum: z.number().meta({ decimal: [9, 2] }) }),
    });
    const p = on.real();
    const table = fresh();
    const rows = Array.from({ length: 60 }, (_, i) => ({ id: `m${String(i).padStart(2, "0")}`, at: "2026-01-01T00:00:00Z", sum: i }));
    await on.store.sql(
      `CREATE TABLE ${table} (id String, at DateTime, sum Decimal(9, 2), fits UInt8 DEFAULT throwIf(id IN ('m17', 'm33'))) ENGINE = MergeTree ORDER BY id`,
    );
    rows[39]!.sum = -1e7;
    rows[40]!.at = "1969-12-31T23:59:59Z";
    rows[41]!.at = "2106-01-01T00:00:00Z";
    await p.send(rows.map((row) => ({ key: row.id, value: JSON.stringify(row) })));
    const stream = defineStream({ topic: "t", item: Money, into: { rows: intoClickHouse({ table, item: Money, time: "at" }) } });
    const run = await p.run(stream);
    expect(run.remainder).toEqual([]);
    expect(run.lanes[0]!.ledger).toMatchObject({
      written: 55,
      dead: { refused_by_store: 2, "at: range": 2, "sum: range": 1 },
    });
    const letters = (await p.read("t.dead")).map((m) => (JSON.parse(m.value) as { id: string }).id).sort();
    expect(letters).toEqual(["m17", "m33", "m39", "m40", "m41"]);
    expect(await on.store.sql(`SELECT count() AS n, uniqExact(id) AS ids FROM ${table}`)).toEqual([{ n: "55", ids: "55" }]);
  });

  test("a text that a stage has cut within a character is refused, not changed", async () => {
    const writer = await on.real().open();
    const found = await writer.write(entries([offer(0), offer(1, { note: "\ud83d" })]));
    expect(found).toMatchObject({ written: 1, refused: [{ entry: 1, reason: "note: not_utf8" }] });
  });

  test("what stops for good is no row's fault", async () => {
    const p = on.real();
    const writer = await p.open();
    await on.store.sql(`DROP TABLE ${p.table}`);
    const error = await writer.write(entries(offers(0, 2))).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SettingsError);
    expect(error).not.toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ code: "clickhouse_table_gone" });
  });
}
