import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { defineItem, defineStream, intoClickHouse, type IntoClickHouse, type SinkWriter, type StreamEntry } from "arachne";
import { RejectedError, SettingsError, TransientError } from "../../src/core/errors.ts";
import type { Settings, SettingsInput } from "../../src/core/settings.ts";
import { message, Offer, offer, place, type Offer as OfferItem, type Place } from "../app/stream-place.ts";
import { start } from "../cli/project.ts";
import { seeded } from "../faults/kills.ts";
import { losingProxy, startStore } from "./clickhouse-store.ts";
import { offersProject } from "./clickhouse-process.ts";

const store = await startStore();
afterAll(() => store?.remove());

const fresh = (): string => `t_${randomUUID().replaceAll("-", "")}`;

interface Real extends Place {
  table: string;
  sink: IntoClickHouse<OfferItem>;
  open(settings?: Partial<Settings>): Promise<SinkWriter>;
  /** Ids in the table, sorted. */
  ids(): Promise<string[]>;
}

/** A table of offers by `at`, in a ClickHouse. */
function real(set: SettingsInput = {}, spec: Partial<IntoClickHouse<OfferItem>> = {}): Real {
  const p = place({ ...store!.settings, ...set });
  const table = fresh();
  const sink: IntoClickHouse<OfferItem> = { table, item: Offer, time: "at", stamp: "processed_at", dedupWindow: 60, ...spec };
  return {
    ...p,
    table,
    sink,
    open: async (settings = {}) => {
      const c = { ...p, now: () => new Date(), signal: new AbortController().signal, stream: "s", sink: "rows", root: p.dir };
      const writer = await intoClickHouse(sink).open({ ...c, settings: { ...p.settings, ...settings } });
      onTestFinished(async () => writer[Symbol.asyncDispose]());
      return writer;
    },
    ids: async () => (await store!.sql<{ id: string }>(`SELECT id FROM ${table} ORDER BY id`)).map((row) => row.id),
  };
}

const entries = (items: readonly object[], from = 0, partition = 0): StreamEntry[] =>
  items.map((item, i) => ({ item, headers: {}, partition, offset: from + i, time: 0 }));

const offers = (from: number, to: number): OfferItem[] => Array.from({ length: to - from }, (_, i) => offer(from + i));
const idsOf = (items: readonly OfferItem[]): string[] => items.map((o) => o.id).sort();

describe.skipIf(store === undefined)("rows in ClickHouse", () => {
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
    const p = real();
    const table = fresh();
    const sink = intoClickHouse({ table, item: Everything, time: "at" });
    const c = { ...p, now: () => new Date(), signal: new AbortController().signal, stream: "s", sink: "all", root: p.dir };
    await using writer = await sink.open(c);
    expect(await writer.write(entries(rows) as never)).toEqual({ written: 4, kept: 0, refused: [] });
    expect(await writer.write(entries(rows) as never)).toEqual({ written: 0, kept: 4, refused: [] });
    const found = await store!.sql(
      `SELECT a, b, toUInt32(at) AS at, toString(whole) AS whole, toString(exact) AS exact, double, yes, toString(day) AS day, list, inner, maybe, toUInt32(later) AS later FROM ${table} ORDER BY at, a`,
    );
    const exact = ["0.0000", "-1.5000", "1234567.8912", "0.1000"];
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
    const p = real();
    await (await p.open()).write(entries([offer(1)]));
    const [{ statement } = { statement: "" }] = await store!.sql<{ statement: string }>(`SHOW CREATE TABLE ${p.table}`);
    expect(statement.replace(/\s+/g, " ")).toContain(
      "( id String, n Int64, at DateTime, note Nullable(String), processed_at DateTime DEFAULT now()) ENGINE = MergeTree PARTITION BY toYYYYMM(at) ORDER BY (at, id)",
    );
    const [{ age } = { age: 99 }] = await store!.sql<{ age: number }>(`SELECT toInt32(now() - processed_at) AS age FROM ${p.table}`);
    expect(age).toBeLessThan(60);
    const q = real({ CLICKHOUSE_ENGINE: "ReplacingMergeTree" });
    await (await q.open()).write(entries([offer(1)]));
    expect(await store!.sql(`SELECT engine FROM system.tables WHERE name = '${q.table}'`)).toEqual([{ engine: "ReplacingMergeTree" }]);
  });

  test("a batch over 200 months goes in as one", async () => {
    const p = real();
    const items = Array.from({ length: 200 }, (_, n) => offer(n, { at: new Date(Date.UTC(1990, n, 3)).toISOString() }));
    const writer = await p.open();
    expect(await writer.write(entries(items))).toEqual({ written: 200, kept: 0, refused: [] });
    expect(await writer.write(entries(items.toReversed(), 200))).toEqual({ written: 0, kept: 200, refused: [] });
    expect(await p.ids()).toEqual(idsOf(items));
  });

  test("one key counts once within the window, however it comes, and again beyond it", async () => {
    const p = real();
    const at = (seconds: number): OfferItem => offer(1, { at: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString() });
    const writer = await p.open();
    expect(await writer.write(entries([at(0), at(60), at(0), at(61)]))).toEqual({ written: 2, kept: 2, refused: [] });
    expect(await writer.write(entries([at(-60), at(121), at(122), at(-61)], 4))).toEqual({ written: 2, kept: 2, refused: [] });
    const rows = await store!.sql<{ s: number }>(
      `SELECT toInt32(toInt32(at) - ${Date.UTC(2026, 0, 1) / 1000}) AS s FROM ${p.table} ORDER BY s`,
    );
    expect(rows.map((row) => row.s)).toEqual([-61, 0, 61, 122]);
  });

  test("what comes again in other batches, or to another writer that knows nothing, is there once", async () => {
    const p = real();
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
    const p = real();
    const [one, two] = [await p.open(), offers(0, 10)];
    await one.write(entries(two));
    await one[Symbol.asyncDispose]();
    const later = two.map((o) => ({ ...o, at: new Date(Date.parse(o.at) + 7 * 3_600_000).toISOString() }));
    expect(await (await p.open()).write(entries(later))).toEqual({ written: 0, kept: 10, refused: [] });
    expect(await (await p.open()).write(entries(later, 100))).toEqual({ written: 10, kept: 0, refused: [] });
  });

  test("an emptied table is filled again from the topic's start", async () => {
    const p = real();
    const writer = await p.open();
    await writer.write(entries(offers(0, 100)));
    await store!.sql(`TRUNCATE TABLE ${p.table}`);
    expect(await (await p.open()).write(entries(offers(0, 100)))).toMatchObject({ written: 100 });
    expect(await p.ids()).toEqual(idsOf(offers(0, 100)));
  });

  test("an existing table of other columns is refused with what differs; one with more that have defaults is not", async () => {
    const p = real();
    await store!.sql(
      `CREATE TABLE ${p.table} (id String, n String, at DateTime('Asia/Ho_Chi_Minh'), extra UInt8, processed_at DateTime DEFAULT now()) ENGINE = Memory`,
    );
    const error = await p.open().then(
      () => undefined,
      (e: unknown) => e as Error,
    );
    expect(error).toBeInstanceOf(SettingsError);
    expect(error?.message).toContain(
      `default.${p.table} at ${store!.url}: it is another table: its n is String, and not Int64; it has no column note (Nullable(String)); its extra is none of ours, and has no DEFAULT: name another with CLICKHOUSE_TABLE`,
    );
    const q = real();
    await store!.sql(
      `CREATE TABLE ${q.table} (more UInt8 DEFAULT 3, note Nullable(String), id String, n Int64, at DateTime('Asia/Ho_Chi_Minh'), processed_at DateTime DEFAULT now()) ENGINE = Memory`,
    );
    await (await q.open()).write(entries(offers(0, 3)));
    expect(await store!.sql(`SELECT id, more, toUInt32(at) * 1000 AS ms FROM ${q.table} ORDER BY id LIMIT 1`)).toEqual([
      { id: "o0", more: 3, ms: String(Date.parse(offer(0).at)) },
    ]);
  });

  test("settings that lead nowhere are said to be wrong; a server that is down is waited for", async () => {
    const locked = (await startStore({ password: "p<&>w" }))!;
    onTestFinished(() => locked.remove());
    const p = real(locked.settings);
    const error = (settings: Partial<Settings>): Promise<unknown> =>
      p.open(settings).then(
        () => undefined,
        (e: unknown) => e,
      );
    expect(await error({ CLICKHOUSE_PASSWORD: "p<&>w" })).toBeUndefined();
    const cases: [Partial<Settings>, string, RegExp][] = [
      [{}, "clickhouse_login", /does not let default in: check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD/],
      [{ CLICKHOUSE_USER: "nobody", CLICKHOUSE_PASSWORD: "secret1" }, "clickhouse_login", /does not let nobody in/],
      [
        { CLICKHOUSE_PASSWORD: "p<&>w", CLICKHOUSE_DATABASE: "nowhere" },
        "clickhouse_database",
        /no database nowhere: create it, or set CLICKHOUSE_DATABASE/,
      ],
      [{ CLICKHOUSE_PORT: 9000 }, "clickhouse_port", /9000, where ClickHouse speaks its native protocol: set it to the HTTP one, 8123/],
    ];
    for (const [settings, code, text] of cases) {
      const found = await error(settings);
      expect(found).toBeInstanceOf(SettingsError);
      expect(found).toMatchObject({ code, message: expect.stringMatching(text) as string });
      expect((found as Error).message).not.toContain("secret1");
    }
    await locked.service.kill();
    expect(await error({})).toBeInstanceOf(TransientError);
  });

  test("rows that the server refuses, and times that no column holds, are set aside one by one", async () => {
    const Money = defineItem({
      name: "money",
      key: ["id"],
      schema: z.object({ id: z.string(), at: z.iso.datetime(), sum: z.number().meta({ decimal: [9, 2] }) }),
    });
    const p = real();
    const table = fresh();
    const rows = Array.from({ length: 60 }, (_, i) => ({ id: `m${String(i).padStart(2, "0")}`, at: "2026-01-01T00:00:00Z", sum: i }));
    await store!.sql(
      `CREATE TABLE ${table} (id String, at DateTime, sum Decimal(9, 2), fits UInt8 DEFAULT throwIf(id IN ('m17', 'm33'))) ENGINE = MergeTree ORDER BY id`,
    );
    rows[39]!.sum = -1e7;
    rows[40]!.at = "1969-12-31T23:59:59Z";
    rows[41]!.at = "2106-01-01T00:00:00Z";
    rows[42]!.id = "m\ud800";
    await p.send(rows.map((row) => ({ key: row.id, value: JSON.stringify(row) })));
    const stream = defineStream({ topic: "t", item: Money, into: { rows: intoClickHouse({ table, item: Money, time: "at" }) } });
    const run = await p.run(stream);
    expect(run.remainder).toEqual([]);
    expect(run.lanes[0]!.ledger).toMatchObject({
      written: 54,
      dead: { refused_by_store: 2, "at: range": 2, "sum: range": 1, "id: not_utf8": 1 },
    });
    const letters = (await p.read("t.dead")).map((m) => (JSON.parse(m.value) as { id: string }).id).sort();
    expect(letters).toEqual(["m17", "m33", "m39", "m40", "m41", "m\ud800"]);
    expect(await store!.sql(`SELECT count() AS n, uniqExact(id) AS ids FROM ${table}`)).toEqual([{ n: "54", ids: "54" }]);
  });

  test("an insert whose answer is lost is not done a second time", async () => {
    let lost = 0;
    const port = await losingProxy(store!.url, (url) => url.includes("INSERT") && lost++ === 0);
    const p = real({ CLICKHOUSE_PORT: port });
    const writer = await p.open();
    await expect(writer.write(entries(offers(0, 50)))).rejects.toBeInstanceOf(TransientError);
    expect(await writer.write(entries(offers(0, 50)))).toEqual({ written: 0, kept: 50, refused: [] });
    expect(await p.ids()).toEqual(idsOf(offers(0, 50)));
  });

  test("an insert that comes late, when another process has done its work, adds nothing", async () => {
    const p = real();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let held = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (held = resolve));
    const port = await losingProxy(store!.url, async (url) => {
      if (!url.includes("INSERT")) return false;
      held();
      await released;
      return false;
    });
    const late = (await p.open({ CLICKHOUSE_PORT: port })).write(entries(offers(0, 50)));
    await arrived;
    const other = await p.open({ CHECKPOINT_LOCATION: join(p.dir, "other machine") });
    expect(await other.write(entries(offers(0, 40)))).toMatchObject({ written: 40 });
    release();
    await late;
    expect(await p.ids()).toEqual(idsOf(offers(0, 50)));
  });

  test("an insert that still runs, though its sender is gone, is waited for", async () => {
    const p = real();
    await (await p.open()).write(entries([]));
    const id = `arachne/default.${p.table}/s.rows/3,4/${randomUUID()}`;
    const query = `INSERT INTO ${p.table} (id, n, at, note) FORMAT TabSeparated`;
    const slow = request(`${store!.url}/?query=${encodeURIComponent(query)}&query_id=${encodeURIComponent(id)}`, { method: "POST" });
    const done = new Promise((resolve, reject) => slow.once("response", (r) => r.resume().once("end", resolve)).once("error", reject));
    const line = (o: OfferItem): string => `${o.id}\t${o.n}\t${Date.parse(o.at) / 1000}\t${o.note ?? "\\N"}\n`;
    slow.write(line(offer(0, { note: "x".repeat(3_000_000) }))); // what a server reads before it lists the query, and more
    while ((await store!.sql(`SELECT query_id FROM system.processes WHERE query_id = '${id}'`)).length === 0);
    const writer = await p.open();
    let ended = false;
    const other = await writer.write(entries([offer(9)], 0, 5)); // of no partition of it
    expect(other).toMatchObject({ written: 1 });
    const waiting = writer.write(entries(offers(0, 4), 0, 4)).finally(() => (ended = true));
    await new Promise((next) => setTimeout(next, 700));
    expect(ended).toBe(false);
    slow.end(line(offer(1)));
    await done;
    expect(await waiting).toEqual({ written: 2, kept: 2, refused: [] });
    expect(await p.ids()).toEqual(["o0", "o1", "o2", "o3", "o9"]);
  });

  test("a server that is killed, and comes back, has everything once", async () => {
    const own = (await startStore())!;
    onTestFinished(() => own.remove());
    const p = real({ ...own.settings, STREAM_BATCH_MESSAGES: 100 });
    const stream = defineStream({ topic: "t", item: Offer, into: { rows: intoClickHouse(p.sink) } });
    const items = offers(0, 2_000);
    await p.send(items.slice(0, 500).map((o) => message(o)));
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    let reads = (): number => 0;
    let failed = (): number => 0;
    const running = p.run(stream, {
      untilEnd: false,
      signal: stop.signal,
      onStart(status) {
        reads = () => status()[0]!.ledger.read;
        failed = () => status()[0]!.failed;
      },
    });
    while (reads() < 300) await new Promise((next) => setTimeout(next, 5));
    await own.service.kill();
    await p.send(items.slice(500).map((o) => message(o)));
    while (failed() < 3) await new Promise((next) => setTimeout(next, 10));
    await own.again();
    while (reads() < 2_000) await new Promise((next) => setTimeout(next, 10));
    stop.abort();
    expect((await running).remainder).toEqual([]);
    const rows = await own.sql<{ id: string }>(`SELECT id FROM ${p.table} ORDER BY id`);
    expect(rows.map((row) => row.id)).toEqual(idsOf(items));
  });

  /** More of them by hand: ARACHNE_TEST_KILLS=50 npx vitest run test/services/clickhouse.test.ts */
  const KILLS = Number(process.env["ARACHNE_TEST_KILLS"] ?? 9);
  const POINTS = [
    "clickhouse_recorded",
    "clickhouse_sending",
    "clickhouse_inserted",
    "stream_decoded",
    "stream_written",
    "stream_dead",
    "topic_append",
    "stream_before_commit",
    "stream_after_commit",
  ];

  test(`killed ${KILLS} times around its inserts, the stream loses and doubles nothing`, async () => {
    const project = offersProject({ ...store!.settings, CLICKHOUSE_TABLE: fresh() });
    const random = seeded(11);
    const items = offers(0, KILLS * 300);
    let kills = 0;
    for (let i = 0; i < KILLS; i++) {
      const batch: { key: string; value: string }[] = items.slice(i * 300, (i + 1) * 300).map((o) => message(o));
      batch.splice(Math.floor(random() * 300), 0, { key: "poison", value: `{"poison":${i}` });
      await project.send([...batch, ...batch.filter(({ key }) => key.endsWith("7"))]);
      const point = POINTS[i % POINTS.length]!;
      const failpoint = `${point}:${1 + Math.floor(random() * (point === "clickhouse_sending" ? 4 : 2))}`;
      const { code, stderr } = await start(project.dir, ["stream", "run", "offers", "--until-end"], {
        env: { ...project.env, ARACHNE_FAILPOINT: failpoint },
      }).ended;
      if (code === null) kills++;
      else expect(code, stderr).toBe(0);
    }
    const { code, stderr } = await start(project.dir, ["stream", "run", "offers", "--until-end"], { env: project.env }).ended;
    expect(code, stderr).toBe(0);
    expect(kills).toBeGreaterThanOrEqual(KILLS * 0.7);
    const rows = await store!.sql<{ id: string }>(`SELECT id FROM ${project.env["CLICKHOUSE_TABLE"]!} ORDER BY id`);
    expect(rows.map((row) => row.id)).toEqual(idsOf(items));
    expect((await project.read("t.dead")).map((m) => m.value)).toEqual(Array.from({ length: KILLS }, (_, i) => `{"poison":${i}`));
  });

  test("of an insert that was cut off nothing is there, and no half row later", async () => {
    const project = offersProject({ ...store!.settings, CLICKHOUSE_TABLE: fresh() });
    // Each is one text that takes most of its row, so wherever the insert is cut, it is cut in a text.
    const items = Array.from({ length: 3 }, (_, n) => offer(n, { note: `${n}`.repeat(50_000) }));
    await project.send(items.map((o) => message(o)));
    const run = (failpoint: string) =>
      start(project.dir, ["stream", "run", "offers", "--until-end"], { env: { ...project.env, ARACHNE_FAILPOINT: failpoint } }).ended;
    // The first request that is sent in halves asks what is there; the second inserts.
    expect((await run("clickhouse_sending:2")).code).toBeNull();
    await new Promise((next) => setTimeout(next, 500));
    expect(await store!.sql(`SELECT id FROM ${project.env["CLICKHOUSE_TABLE"]!}`)).toEqual([]);
    const { code, stderr } = await run("");
    expect(code, stderr).toBe(0);
    const rows = await store!.sql<{ id: string; note: string }>(`SELECT id, note FROM ${project.env["CLICKHOUSE_TABLE"]!} ORDER BY id`);
    expect(rows.map(({ id, note }) => [id, note.length])).toEqual(items.map((o) => [o.id, 50_000]));
  });

  test("what stops for good is no row's fault", async () => {
    const p = real();
    const writer = await p.open();
    await store!.sql(`DROP TABLE ${p.table}`);
    const error = await writer.write(entries(offers(0, 2))).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SettingsError);
    expect(error).not.toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ code: "clickhouse_table_gone" });
  });
});
