import { expect, onTestFinished, test } from "vitest";
import { defineStream, defineTransform, drop } from "arachne";
import { RejectedError } from "../../src/core/errors.ts";
import { readLetter } from "../../src/core/stream-dead.ts";
import type { StoredMessage } from "../../src/core/topic.ts";
import { randomInput } from "./stream-input.ts";
import { around, down, message, Offer, offer, place, toServing, type Offer as OfferItem } from "./stream-place.ts";

const stream = defineStream({ topic: "t", item: Offer, into: { serving: toServing } });
const offers = (count: number, from = 0): OfferItem[] => Array.from({ length: count }, (_, i) => offer(from + i));
const byId = (items: readonly OfferItem[]): Record<string, OfferItem> => Object.fromEntries(items.map((item) => [item.id, item]));
const valueOf = ({ value, bytes }: StoredMessage): Buffer => Buffer.from(bytes ?? value);

test("serves each item in its newest version, and sets aside exactly the poison, byte for byte", async () => {
  const p = place({ STREAM_MAX_MESSAGE_BYTES: 10_000, STREAM_BATCH_MESSAGES: 100 });
  const { messages, expected, poison } = randomInput({ seed: 5, count: 3_000, poison: 0.03 });
  await p.send(messages);
  const run = await p.run(stream);
  expect(p.served()).toEqual(expected);
  const letters = await p.read("t.dead");
  expect(letters.map((m) => ({ reason: readLetter(m)!.reason, value: valueOf(m) }))).toEqual(poison);
  expect(new Set(poison.map(({ reason }) => reason)).size).toBe(6);
  const { ledger } = run.lanes[0]!;
  expect(run.remainder).toEqual([]);
  expect(ledger).toMatchObject({ read: messages.length, dropped: {}, folded: 0 });
  expect(ledger.written + ledger.kept).toBe(messages.length - poison.length);
  expect(Object.values(ledger.dead).reduce((a, b) => a + b)).toBe(poison.length);
});

test("with several sinks, what came as far as none is set aside once", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 20, STREAM_MAX_MESSAGE_BYTES: 10_000 });
  const { messages, poison, expected } = randomInput({ seed: 6, count: 400, poison: 0.1 });
  await p.send(messages);
  const run = await p.run(defineStream({ topic: "t", item: Offer, into: { one: toServing, two: toServing, three: toServing } }));
  expect((await p.read("t.dead")).map(valueOf)).toEqual(poison.map(({ value }) => value));
  expect(run.lanes.map(({ ledger }) => Object.values(ledger.dead).reduce((a, b) => a + b))).toEqual(Array(3).fill(poison.length));
  expect(run.remainder).toEqual([]);
  expect(p.served()).toEqual(expected);
});

test("a dead letter says where, why and what it was", async () => {
  const p = place();
  await p.send([message(offer(1)), { key: "k", value: '{"id":"","n":1.5}', headers: { spider: "x" } }]);
  await p.run(stream);
  const [letter] = await p.read("t.dead");
  expect(letter).toMatchObject({
    key: "k",
    value: '{"id":"","n":1.5}',
    headers: {
      stage: "validate",
      reason: "id: minLength",
      stream: "s",
      origin_topic: "t",
      origin_partition: "0",
      origin_offset: "2",
      headers: '{"spider":"x"}',
    },
  });
  expect(letter!.headers!["sink"]).toBeUndefined();
  expect(Date.parse(letter!.headers!["origin_time"]!)).toBe((await p.read("t"))[1]!.timestamp);
});

test("the next run goes on where the last one ended", async () => {
  const p = place();
  await p.send(offers(10).map((o) => message(o)));
  expect((await p.run(stream)).lanes[0]!.ledger.read).toBe(10);
  expect((await p.run(stream)).lanes[0]!.ledger.read).toBe(0);
  await p.send(offers(5, 10).map((o) => message(o)));
  expect((await p.run(stream)).lanes[0]!.ledger.read).toBe(5);
  expect(p.served()).toEqual(byId(offers(15)));
});

test("stages run in order: a drop is counted, a throw sets aside the one item that caused it", async () => {
  const p = place();
  const seen: string[] = [];
  const odd = defineTransform<OfferItem>({
    open: () => void seen.push("open"),
    process: (items, c) => {
      seen.push(c.spider);
      return items.map((item) => (item.n % 2 === 1 ? drop("odd") : { ...item, note: "even" }));
    },
    close: () => void seen.push("close"),
  });
  const fragile = defineTransform<OfferItem>({
    process: (items) =>
      items.map((item) => {
        if (item.n === 4) throw new Error("four");
        return { ...item, note: `${item.note}!` };
      }),
  });
  await p.send(offers(10).map((o) => message(o)));
  const run = await p.run(defineStream({ topic: "t", item: Offer, stages: { odd, fragile }, into: { serving: toServing } }));
  expect(run.lanes[0]!.ledger).toMatchObject({ read: 10, written: 4, dropped: { odd: 5 }, dead: { fragile_error: 1 } });
  expect(Object.values(p.served()).map((o) => (o as OfferItem).note)).toEqual(Array(4).fill("even!"));
  expect(readLetter((await p.read("t.dead"))[0]!)).toMatchObject({ stage: "fragile", detail: "four" });
  expect(seen).toEqual(["open", "s", "close"]);
});

test("a sink that is down holds no other back; when it is up again it gets everything", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 20 });
  await p.send(offers(200).map((o) => message(o)));
  let up = false;
  const sick = around({ open: (c) => toServing.open(c) }, () => (up ? [] : down()));
  const quick = around(toServing, () => []);
  const stop = new AbortController();
  let status: () => readonly { name: string; breaker: string; ledger: { read: number }; opened: number }[] = () => [];
  const running = p.run(defineStream({ topic: "t", item: Offer, into: { sick, quick } }), {
    untilEnd: false,
    signal: stop.signal,
    onStart: (read) => (status = read),
  });
  const lane = (name: string) => status().find((l) => l.name === `s.${name}`);
  await until(() => lane("quick")?.ledger.read === 200 && (lane("sick")?.opened ?? 0) >= 2);
  expect(lane("sick")!.ledger.read).toBe(0);
  expect(["open", "half-open"]).toContain(lane("sick")!.breaker);
  up = true;
  await until(() => lane("sick")!.ledger.read === 200);
  expect(lane("sick")!.breaker).toBe("closed");
  stop.abort();
  expect((await running).remainder).toEqual([]);
  expect(p.log.lines.some((line) => line.startsWith("error s.sick: breaker open"))).toBe(true);
  expect(p.log.lines.some((line) => line.startsWith("info s.sick: breaker half-open"))).toBe(true);
});

test("what a sink refuses is set aside with the sink's name, and nothing else is", async () => {
  const p = place();
  await p.send(offers(50).map((o) => message(o)));
  const picky = around(toServing, (entries) => entries.flatMap(({ item }, i) => (item.n % 10 === 3 ? [i] : [])));
  const run = await p.run(defineStream({ topic: "t", item: Offer, into: { picky } }));
  expect(run.lanes[0]!.ledger).toMatchObject({ read: 50, written: 45, dead: { no_thanks: 5 } });
  expect((await p.read("t.dead")).map((m) => [m.headers!["sink"], m.headers!["stage"], m.key])).toEqual(
    [3, 13, 23, 33, 43].map((n) => ["picky", "sink", `o${n}`]),
  );
});

test("a sink that rejects a batch for one of its documents loses that one alone", async () => {
  const p = place();
  await p.send(offers(64).map((o) => message(o)));
  const strict = around(toServing, (entries) => {
    if (entries.some(({ item }) => item.n === 17 || item.n === 40)) throw new RejectedError("too_odd", "one of them is too odd");
    return [];
  });
  const run = await p.run(defineStream({ topic: "t", item: Offer, into: { strict } }));
  expect(run.lanes[0]!.ledger).toMatchObject({ read: 64, written: 62, dead: { too_odd: 2 } });
  expect((await p.read("t.dead")).map((m) => m.key)).toEqual(["o17", "o40"]);
});

test("documents that break the sink's rules, or have no version, are set aside one by one", async () => {
  const p = place();
  await p.send([message(offer(1)), message(offer(2, { at: "1960-01-01T00:00:00Z" })), message(offer(3))]);
  const run = await p.run(stream);
  expect(run.lanes[0]!.ledger).toMatchObject({ written: 2, dead: { version: 1 } });
});

test("versions are ordered as times, however they are written", async () => {
  const p = place();
  const at = (at: string, n: number): ReturnType<typeof message> => message(offer(1, { at, n }));
  await p.send([at("2026-11-01T00:00:00.500Z", 2), at("2026-11-01T00:00:00Z", 1)]);
  await p.run(stream);
  expect(p.served()).toMatchObject({ o1: { n: 2 } });
});

test("demo and real items do not mix under one name: the stray ones are set aside", async () => {
  const p = place();
  await p.send([...offers(3).map((o) => message(o)), message(offer(9), { origin: "demo" })]);
  expect((await p.run(stream)).lanes[0]!.ledger).toMatchObject({ written: 3, dead: { mixed_origins: 1 } });
  expect(p.served()).toEqual(byId(offers(3)));
});

test("a sink that miscounts does not pass unseen", async () => {
  const p = place();
  await p.send(offers(3).map((o) => message(o)));
  const blind = {
    open: () =>
      Promise.resolve({
        write: () => Promise.resolve({ written: 2, kept: 0, refused: [] }),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  };
  expect((await p.run(defineStream({ topic: "t", item: Offer, into: { blind } }))).remainder).toEqual(["s.blind: 1"]);
});

test("a slow sink holds its consumer back: no more is read than a batch ahead", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 10 });
  await p.send(offers(100).map((o) => message(o)));
  let decoded = 0;
  let written = 0;
  let ahead = 0;
  const count = defineTransform<OfferItem>({
    process(items) {
      decoded += items.length;
      ahead = Math.max(ahead, decoded - written);
      return items;
    },
  });
  const slow = around(toServing, async (entries) => {
    await new Promise((next) => setTimeout(next, 5));
    written += entries.length;
    return [];
  });
  await p.run(defineStream({ topic: "t", item: Offer, stages: { count }, into: { slow } }));
  expect(written).toBe(100);
  expect(ahead).toBeLessThanOrEqual(10);
});

test("a micro-batch ends by messages, by bytes, or when its first message has waited long enough", async () => {
  const sizes = async (trigger: object): Promise<number[]> => {
    const p = place();
    await p.send(offers(100).map((o) => message({ ...o, note: "x".repeat(100) })));
    const all: number[] = [];
    const measured = around(toServing, (entries) => {
      all.push(entries.length);
      return [];
    });
    await p.run(defineStream({ topic: "t", item: Offer, trigger, into: { measured } }));
    return all;
  };
  expect(await sizes({ messages: 30 })).toEqual([30, 30, 30, 10]);
  const byBytes = await sizes({ bytes: 2000 });
  expect(Math.max(...byBytes)).toBeLessThanOrEqual(12);
  expect(byBytes.reduce((a, b) => a + b)).toBe(100);
  expect(await sizes({ seconds: 0.2, messages: 1000 })).toEqual([100]);
});

test("messages that come within the trigger's time are written together", async () => {
  const p = place();
  const all: number[] = [];
  const measured = around(toServing, (entries) => {
    all.push(entries.length);
    return [];
  });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const running = p.run(defineStream({ topic: "t", item: Offer, trigger: { seconds: 1 }, into: { measured } }), {
    untilEnd: false,
    signal: stop.signal,
  });
  for (let n = 0; n < 4; n++) {
    await p.send([message(offer(n))]);
    await new Promise((next) => setTimeout(next, 120)); // longer than the embedded topic's poll
  }
  await until(() => all.length > 0);
  expect(all).toEqual([4]);
  stop.abort();
  await running;
});

test("of two processes of one stream each message goes to one, also when one is taken out", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 10 });
  await p.send(offers(300).map((o) => message(o)));
  const slow = around(toServing, async () => {
    await new Promise((next) => setTimeout(next, 3));
    return [];
  });
  const s = defineStream({ topic: "t", item: Offer, into: { serving: slow } });
  const first = new AbortController();
  const one = p.run(s, { untilEnd: false, signal: first.signal });
  const two = p.run(s);
  setTimeout(() => first.abort(), 60);
  const reads = (await Promise.all([one, two])).map((run) => run.lanes[0]!.ledger.read);
  expect(reads[0]! + reads[1]!).toBe(300);
  expect(reads[1]).toBeGreaterThan(0);
  expect(p.served()).toEqual(byId(offers(300)));
});

test("a stream without sinks, or with names that no group could have, is refused before it starts", async () => {
  const p = place();
  await expect(p.run(defineStream({ topic: "t", item: Offer, into: {} }))).rejects.toThrow(/stream s: it has no sink/);
  await expect(p.run(defineStream({ topic: "t", item: Offer, into: { "a b": toServing } }))).rejects.toThrow(/"a b" may only have/);
});

async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((next) => setTimeout(next, 5));
}
