import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { defineStream, intoClickHouse } from "arachne";
import { SettingsError, TransientError } from "../../src/core/errors.ts";
import type { Settings } from "../../src/core/settings.ts";
import { message, Offer, offer, type Offer as OfferItem } from "../app/stream-place.ts";
import { start } from "../cli/project.ts";
import { seeded } from "../faults/kills.ts";
import { entries, fresh, idsOf, offers, type Bench } from "./clickhouse-bench.ts";
import { offersProject } from "./clickhouse-process.ts";
import { losingProxy } from "./clickhouse-store.ts";

/**
 * What servers, networks and kills do to the sink, on every version.
 * @param kills how often a stream is killed around its inserts: the first three before, in and after one. More by hand: ARACHNE_TEST_KILLS=50
 */
export function faultTests(on: Bench, kills: number): void {
  test("settings that lead nowhere are said to be wrong; a server that is down is waited for", async () => {
    const locked = await on.own({ login: { user: "arachne", password: "p<&>w" } });
    const p = on.real({ ...locked.settings, CLICKHOUSE_USER: "arachne" });
    const error = (settings: Partial<Settings>): Promise<unknown> =>
      p.open(settings).then(
        () => undefined,
        (e: unknown) => e,
      );
    expect(await error({ CLICKHOUSE_PASSWORD: "p<&>w" })).toBeUndefined();
    const cases: [Partial<Settings>, string, RegExp][] = [
      [{}, "clickhouse_login", /does not let arachne in: check CLICKHOUSE_USER and CLICKHOUSE_PASSWORD/],
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

  test("an insert whose answer is lost is not done a second time", async () => {
    let lost = 0;
    const port = await losingProxy(on.store.url, (url) => url.includes("INSERT") && lost++ === 0);
    const p = on.real({ CLICKHOUSE_PORT: port });
    const writer = await p.open();
    await expect(writer.write(entries(offers(0, 50)))).rejects.toBeInstanceOf(TransientError);
    expect(await writer.write(entries(offers(0, 50)))).toEqual({ written: 0, kept: 50, refused: [] });
    expect(await p.ids()).toEqual(idsOf(offers(0, 50)));
  });

  test("an insert that comes late, when another process has done its work, adds nothing", async () => {
    const p = on.real();
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let held = (): void => undefined;
    const arrived = new Promise<void>((resolve) => (held = resolve));
    const port = await losingProxy(on.store.url, async (url) => {
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
    const p = on.real();
    await (await p.open()).write(entries([]));
    const id = `arachne/default.${p.table}/s.rows/3,4/${randomUUID()}`;
    const query = `INSERT INTO ${p.table} (id, n, at, note) FORMAT TabSeparated`;
    const slow = request(`${on.store.url}/?query=${encodeURIComponent(query)}&query_id=${encodeURIComponent(id)}`, { method: "POST" });
    const done = new Promise((resolve, reject) => slow.once("response", (r) => r.resume().once("end", resolve)).once("error", reject));
    const line = (o: OfferItem): string => `${o.id}\t${o.n}\t${Date.parse(o.at) / 1000}\t${o.note ?? "\\N"}\n`;
    slow.write(line(offer(0, { note: "x".repeat(3_000_000) }))); // what a server reads before it lists the query, and more
    while ((await on.store.sql(`SELECT query_id FROM system.processes WHERE query_id = '${id}'`)).length === 0);
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
    const own = await on.own();
    const p = on.real({ ...own.settings, STREAM_BATCH_MESSAGES: 100 });
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

  const count = Number(process.env["ARACHNE_TEST_KILLS"] ?? kills);
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

  test(`killed ${count} times around its inserts, the stream loses and doubles nothing`, async () => {
    const project = offersProject({ ...on.store.settings, CLICKHOUSE_TABLE: fresh() });
    const random = seeded(11);
    const items = offers(0, count * 300);
    let died = 0;
    for (let i = 0; i < count; i++) {
      const batch: { key: string; value: string }[] = items.slice(i * 300, (i + 1) * 300).map((o) => message(o));
      batch.splice(Math.floor(random() * 300), 0, { key: "poison", value: `{"poison":${i}` });
      await project.send([...batch, ...batch.filter(({ key }) => key.endsWith("7"))]);
      const point = POINTS[i % POINTS.length]!;
      const failpoint = `${point}:${1 + Math.floor(random() * (point === "clickhouse_sending" ? 4 : 2))}`;
      const { code, stderr } = await start(project.dir, ["stream", "run", "offers", "--until-end"], {
        env: { ...project.env, ARACHNE_FAILPOINT: failpoint },
      }).ended;
      if (code === null) died++;
      else expect(code, stderr).toBe(0);
    }
    const { code, stderr } = await start(project.dir, ["stream", "run", "offers", "--until-end"], { env: project.env }).ended;
    expect(code, stderr).toBe(0);
    expect(died).toBeGreaterThanOrEqual(count * 0.7);
    const rows = await on.store.sql<{ id: string }>(`SELECT id FROM ${project.env["CLICKHOUSE_TABLE"]!} ORDER BY id`);
    expect(rows.map((row) => row.id)).toEqual(idsOf(items));
    expect((await project.read("t.dead")).map((m) => m.value)).toEqual(Array.from({ length: count }, (_, i) => `{"poison":${i}`));
  });

  test("of an insert that was cut off nothing is there, and no half row later", async () => {
    const project = offersProject({ ...on.store.settings, CLICKHOUSE_TABLE: fresh() });
    // Each is one text that takes most of its row, so wherever the insert is cut, it is cut in a text.
    const items = Array.from({ length: 3 }, (_, n) => offer(n, { note: `${n}`.repeat(50_000) }));
    await project.send(items.map((o) => message(o)));
    const run = (failpoint: string) =>
      start(project.dir, ["stream", "run", "offers", "--until-end"], { env: { ...project.env, ARACHNE_FAILPOINT: failpoint } }).ended;
    // The first request that is sent in halves asks what is there; the second inserts.
    expect((await run("clickhouse_sending:2")).code).toBeNull();
    await new Promise((next) => setTimeout(next, 500));
    expect(await on.store.sql(`SELECT id FROM ${project.env["CLICKHOUSE_TABLE"]!}`)).toEqual([]);
    const { code, stderr } = await run("");
    expect(code, stderr).toBe(0);
    const rows = await on.store.sql<{ id: string; note: string }>(`SELECT id, note FROM ${project.env["CLICKHOUSE_TABLE"]!} ORDER BY id`);
    expect(rows.map(({ id, note }) => [id, note.length])).toEqual(items.map((o) => [o.id, 50_000]));
  });
}
