import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fold } from "arachne";
import { CHECKPOINT_MIGRATIONS } from "../../src/app/stream-checkpoint.ts";
import { readLetter } from "../../src/core/stream-dead.ts";
import { openDatabase } from "../../src/storage/sqlite.ts";
import { place, type Place } from "./stream-place.ts";
import { barsOf, bars, randomTicks, START, tickMessage, type Tick } from "./stream-ticks.ts";

const checkpoint = (p: Place): string => join(p.dir, "data/state/stream-s.db");
const lateIds = async (p: Place): Promise<string[]> => (await p.read("t.dead")).map((m) => (JSON.parse(m.value) as Tick).id);
const tick = (seconds: number, change: Partial<Tick> = {}): Tick => ({
  id: `x${seconds}`,
  symbol: "BTC",
  at: new Date(START + seconds * 1000).toISOString(),
  price: "1.00",
  size: 1,
  ...change,
});

test("closed windows are served once and exactly, open ones not yet, and late events are set aside", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 97 });
  const ticks = randomTicks(1, 2_000);
  await p.send(ticks.map(tickMessage));
  const run = await p.run(bars());
  const { closed, late } = barsOf(ticks);
  expect(late.length).toBeGreaterThan(20);
  expect(p.served("bars")).toEqual(closed);
  expect(await lateIds(p)).toEqual(late);
  expect(readLetter((await p.read("t.dead"))[0]!)).toMatchObject({ stage: "window", reason: "late", sink: undefined });
  const [events, rows] = run.lanes;
  expect(events!.ledger).toMatchObject({ read: 2_000, folded: 2_000 - late.length, dead: { late: late.length } });
  expect(rows!.ledger).toMatchObject({ read: Object.keys(closed).length, written: Object.keys(closed).length });
  expect(run.remainder).toEqual([]);
});

test("on update, every window is served as far as it goes", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 131 });
  const ticks = randomTicks(2, 1_500);
  await p.send(ticks.map(tickMessage));
  await p.run(bars({ output: "update", late: "drop" }));
  const { open, closed, late } = barsOf(ticks);
  expect(p.served("bars")).toEqual({ ...open, ...closed });
  expect(await p.read("t.dead")).toEqual([]);
  expect(late.length).toBeGreaterThan(0);
});

test("what is served does not depend on how the topic is cut into batches, or runs", async () => {
  const ticks = randomTicks(3, 600);
  const { closed, late } = barsOf(ticks);
  for (const size of [1_000, 7, 61]) {
    const p = place({ STREAM_BATCH_MESSAGES: size });
    for (let at = 0; at < ticks.length; at += 250) {
      await p.send(ticks.slice(at, at + 250).map(tickMessage));
      await p.run(bars());
    }
    expect(p.served("bars")).toEqual(closed);
    expect(await lateIds(p)).toEqual(late);
  }
});

test("an event counts once where the window is told to keep them apart, however often it comes", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 50 });
  const ticks = randomTicks(4, 500);
  const { closed, open, late } = barsOf(ticks);
  const good = ticks.filter(({ id }) => !late.includes(id));
  // Again at once, and again a while later, while the window is still open.
  const sent = good.flatMap((t, i) => [t, ...(i % 3 === 0 ? [t] : []), ...(i >= 10 && i % 5 === 0 ? [good[i - 10]!] : [])]);
  await p.send(sent.map(tickMessage));
  const run = await p.run(bars({ distinct: true, output: "update" }));
  const { ledger } = run.lanes[0]!;
  expect(ledger.folded).toBe(good.length);
  expect((ledger.dropped["duplicate"] ?? 0) + (ledger.dead["late"] ?? 0)).toBe(sent.length - good.length);
  expect(p.served("bars")).toEqual({ ...closed, ...open });
});

test("events without a time, beyond tomorrow, or with an amount that is none go to the dead letters and move nothing", async () => {
  const p = place({ STREAM_MAX_AHEAD_SECONDS: 3600 });
  await p.send([tick(1), tick(2, { at: "2999-01-01T00:00:00.000Z" }), tick(3, { price: "n/a" }), tick(4, { size: 2 })].map(tickMessage));
  const run = await p.run(bars({ output: "update", folds: { ...bars().window!.folds, volume: fold.sum("price", { text: true }) } }), {
    now: () => new Date(START),
  });
  expect(run.lanes[0]!.ledger).toMatchObject({ folded: 2, dead: { ahead: 1, not_a_number: 1 } });
  expect(Object.values(p.served("bars"))).toMatchObject([{ trades: 2, volume: "2" }]);
});

test("a window of days can begin at another zone's midnight", async () => {
  const p = place();
  const at = (time: string): Tick => tick(0, { at: time });
  await p.send([at("2026-11-20T16:59:59.999Z"), at("2026-11-20T17:00:00Z")].map(tickMessage));
  await p.run(bars({ seconds: 86_400, offsetSeconds: -7 * 3600, output: "update" }));
  expect(Object.keys(p.served("bars"))).toEqual(["BTC\u001f2026-11-19T17:00:00.000Z", "BTC\u001f2026-11-20T17:00:00.000Z"]);
});

test("rows go through `as`, and what a sink refuses of them is set aside", async () => {
  const p = place();
  await p.send([tick(0), tick(60, { symbol: "" }), tick(1_000)].map(tickMessage));
  const odd = bars({ as: (row) => ({ ...row, trades: row["symbol"] === "" ? -0.5 : 7 }) });
  const run = await p.run(odd);
  expect(Object.values(p.served("bars"))).toMatchObject([{ symbol: "BTC", trades: 7 }]);
  expect(run.lanes[1]!.ledger).toMatchObject({ read: 2, written: 1, dead: { "trades: type": 1 } });
  const [letter] = await p.read("t.dead");
  expect(readLetter(letter!)).toMatchObject({ stage: "sink", sink: "bars" });
  expect(JSON.parse(letter!.value)).toMatchObject({ symbol: "", trades: -0.5 });
});

test("the checkpoint's offset wins over the group's, which follows it", async () => {
  const p = place();
  const ticks = randomTicks(5, 300);
  await p.send(ticks.map(tickMessage));
  await p.run(bars());
  // As if the group's offset had been lost: all would be counted twice.
  const topic = openDatabase(join(p.settings.TOPIC_DIR, "t.db"), { migrations: ["", "", ""].slice(0, userVersion(p)) });
  topic.prepare('UPDATE consumer_group SET "offset" = 0').run();
  topic.close();
  expect((await p.run(bars())).lanes[0]!.ledger.read).toBe(0);
  await p.send(randomTicks(6, 10).map(tickMessage));
  expect((await p.run(bars())).lanes[0]!.ledger.read).toBe(10);
});

test("a checkpoint of other windows is refused before anything is read", async () => {
  const p = place();
  await p.send([tickMessage(tick(1))]);
  await p.run(bars());
  await expect(p.run(bars({ seconds: 30 }))).rejects.toThrow(/defined otherwise .*--fresh/);
  await expect(p.run(bars())).resolves.toBeDefined();
});

test("a checkpoint of another topic is refused before anything is read", async () => {
  const p = place();
  await p.send([tickMessage(tick(1))]);
  await p.send([tick(1), tick(2)].map(tickMessage), "other");
  await p.run(bars());
  await expect(p.run(bars({}, { topic: "other" }))).rejects.toThrow(/is to read other.* is of the topic t: .*--fresh/);
});

test("a topic that was made anew is not gone on with in its middle, however often it is tried", async () => {
  const p = place();
  const ticks = randomTicks(8, 300);
  await p.send(ticks.slice(0, 10).map(tickMessage));
  await p.run(bars());
  const anew = place({ STATE_DIR: p.settings.STATE_DIR });
  await new Promise((next) => setTimeout(next, 5));
  await anew.send(ticks.map(tickMessage));
  for (let again = 0; again < 2; again++) await expect(anew.run(bars())).rejects.toMatchObject({ code: "topic_made_anew" });
  await anew.run(bars(), { fresh: true });
  expect(anew.served("bars")).toEqual(barsOf(ticks).closed);
});

test.each([
  [
    "torn",
    (file: string) => writeFileSync(file, Buffer.concat([readFileSync(file).subarray(0, 4096), Buffer.alloc(60_000, 7)])),
    /malformed|damaged/,
  ],
  ["no database at all", (file: string) => writeFileSync(file, "{}".repeat(4000)), /not a database/],
  [
    "a newer version's",
    (file: string) => {
      const db = openDatabase(file, { migrations: CHECKPOINT_MIGRATIONS });
      db.exec("PRAGMA user_version=99");
      db.close();
    },
    /newer Arachne/,
  ],
] as const)("a checkpoint that is %s stops the stream with a way out, and the way out works", async (_, harm, why) => {
  const p = place();
  const ticks = randomTicks(7, 400);
  const { closed } = barsOf(ticks);
  await p.send(ticks.slice(0, 200).map(tickMessage));
  await p.run(bars());
  // A copy: libsql lets go of a file some time after it was closed, and that one must not change under it.
  const db = openDatabase(checkpoint(p), { migrations: CHECKPOINT_MIGRATIONS });
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  const settings = { ...p.settings, STATE_DIR: join(p.dir, "other") };
  const file = join(settings.STATE_DIR, "stream-s.db");
  mkdirSync(settings.STATE_DIR);
  copyFileSync(checkpoint(p), file);
  harm(file);
  await p.send(ticks.slice(200).map(tickMessage));
  const failure = p.run(bars(), { settings });
  await expect(failure).rejects.toThrow(/checkpoint .*stream-s\.db cannot be used.*--fresh/);
  await expect(failure).rejects.toThrow(why);
  const run = await p.run(bars(), { settings, fresh: true });
  expect(run.lanes[0]!.ledger.read).toBe(400);
  expect(p.served("bars")).toEqual(closed);
  expect(readdirSync(settings.STATE_DIR).some((name) => /^stream-s\.db\.\d+T\d+Z\.aside$/.test(name))).toBe(true);
});

test("only one process at a time has a stream's windows", async () => {
  const p = place();
  await p.send([tickMessage(tick(1))]);
  const stop = new AbortController();
  let started = (): void => {};
  const running = new Promise<void>((done) => (started = done));
  const first = p.run(bars(), { untilEnd: false, signal: stop.signal, onStart: started });
  await running;
  await expect(p.run(bars())).rejects.toThrow(/stream s is already running/);
  stop.abort();
  await first;
});

function userVersion(p: Place): number {
  const db = openDatabase(join(p.settings.TOPIC_DIR, "t.db"), { migrations: Array<string>(1).fill("") });
  try {
    return db.prepare<{ user_version: number }>("PRAGMA user_version").get()!.user_version;
  } finally {
    db.close();
  }
}
