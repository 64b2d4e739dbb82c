import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { z } from "zod";
import { defineItem, defineStream, intoServing, type Stream } from "arachne";
import type { SettingsInput } from "../../src/core/settings.ts";
import { readLetter } from "../../src/core/stream-dead.ts";
import type { StoredMessage } from "../../src/core/topic.ts";
import { randomInput } from "../app/stream-input.ts";
import { message, Offer, offer, place, type Offer as OfferItem, type Place } from "../app/stream-place.ts";
import { Bar, barsOf, bars, randomTicks, tickMessage, type Tick } from "../app/stream-ticks.ts";
import { faultyProxy } from "./faulty-proxy.ts";
import { freshAlias, read } from "./elasticsearch-store.ts";
import { startBroker } from "./kafka-broker.ts";

const url = inject("elasticsearchUrl")!;
const broker = await startBroker();
afterAll(() => broker?.remove());

interface Real extends Place {
  topic: string;
  alias: string;
  stream: Stream<OfferItem>;
  /** By id, as Elasticsearch has them. */
  found(): Promise<Record<string, unknown>>;
}

/** A topic of three partitions in Kafka, an index in Elasticsearch. */
function real(set: SettingsInput = {}): Real {
  const topic = `s-${randomUUID()}`;
  const alias = freshAlias(url);
  const p = place({
    KAFKA_BOOTSTRAP_SERVERS: broker!.url,
    ELASTICSEARCH_URL: url,
    STREAM_MAX_MESSAGE_BYTES: 10_000,
    STREAM_BATCH_MESSAGES: 200,
    ...set,
  });
  return {
    ...p,
    topic,
    alias,
    stream: defineStream({ topic, item: Offer, into: { serving: intoServing({ alias, item: Offer, version: "at" }) } }),
    found: async () => Object.fromEntries((await read(url, alias)).map((row) => [row["id"], row])),
  };
}

const texts = (letters: readonly StoredMessage[]): string[] =>
  letters.map((m) => Buffer.from(m.bytes ?? m.value).toString("base64")).sort();

describe.skipIf(broker === undefined)("a stream from Kafka into Elasticsearch", () => {
  test("serves each item in its newest version, and sets aside exactly the poison", async () => {
    const p = real();
    const { messages, expected, poison } = randomInput({ seed: 41, count: 3_000, poison: 0.02 });
    await p.send(messages, p.topic);
    const run = await p.run(p.stream);
    expect(run.remainder).toEqual([]);
    expect(run.lanes[0]!.ledger.read).toBe(messages.length);
    expect(await p.found()).toEqual(expected);
    const letters = await p.read(`${p.topic}.dead`);
    expect(texts(letters)).toEqual(poison.map(({ value }) => value.toString("base64")).sort());
    expect(new Set(letters.map((m) => readLetter(m)!.origin.partition))).toEqual(new Set([0, 1, 2]));
    expect((await p.run(p.stream)).lanes[0]!.ledger.read).toBe(0);
  });

  test("with a second process that joins and leaves, every message is handled and the poison set aside once", async () => {
    const p = real({ STREAM_BATCH_MESSAGES: 50 });
    const { messages, expected, poison } = randomInput({ seed: 42, count: 4_000, poison: 0.02 });
    await p.send(messages.slice(0, 2_000), p.topic);
    const [one, two] = [new AbortController(), new AbortController()];
    let reads = (): number => 0;
    const first = p.run(p.stream, {
      untilEnd: false,
      signal: one.signal,
      onStart: (status) => (reads = () => status()[0]!.ledger.read),
    });
    while (reads() < 200) await new Promise((next) => setTimeout(next, 20));
    const second = p.run(p.stream, { untilEnd: false, signal: two.signal });
    await p.send(messages.slice(2_000), p.topic);
    await new Promise((next) => setTimeout(next, 5_000)); // the group takes a while to share its partitions
    one.abort();
    const left = await first;
    const last = await p.run(p.stream);
    two.abort();
    const taken = [left, await second, last].map((run) => run.lanes[0]!.ledger.read);
    expect(taken.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(messages.length);
    expect(await p.found()).toEqual(expected);
    const letters = new Map((await p.read(`${p.topic}.dead`)).map((m) => [readLetter(m)!.id, m]));
    expect(texts([...letters.values()])).toEqual(poison.map(({ value }) => value.toString("base64")).sort());
  });

  test("what Elasticsearch refuses is set aside one by one, and everything else is served", async () => {
    const p = real();
    const Spot = defineItem({
      name: "spot",
      key: ["id"],
      schema: z.object({ id: z.string(), location: z.string().meta({ search: "geo_point" }), at: z.iso.datetime() }),
    });
    const spots = Array.from({ length: 50 }, (_, i) => ({
      id: `s${i}`,
      location: i % 10 === 7 ? "somewhere" : `10.${i},106.7`,
      at: "2026-11-21T00:00:00.000Z",
    }));
    await p.send(
      spots.map((spot) => ({ key: spot.id, value: JSON.stringify(spot) })),
      p.topic,
    );
    const stream = defineStream({
      topic: p.topic,
      item: Spot,
      into: { serving: intoServing({ alias: p.alias, item: Spot, version: "at" }) },
    });
    const run = await p.run(stream);
    expect(run.lanes[0]!.ledger).toMatchObject({ read: 50, written: 45, dead: { refused_by_store: 5 } });
    expect(run.remainder).toEqual([]);
    expect(Object.keys(await p.found())).toHaveLength(45);
    const letters = await p.read(`${p.topic}.dead`);
    expect(letters.map((m) => m.key).sort()).toEqual(["s17", "s27", "s37", "s47", "s7"]);
    expect(letters[0]!.headers!["detail"]).toMatch(/somewhere|location/);
  });

  test("a server that is down for a while is waited for, and then gets everything", async () => {
    const alias = freshAlias(url);
    let sick = false;
    const proxy = await faultyProxy(url, () => (sick ? { status: 503 } : undefined));
    const p = real({ ELASTICSEARCH_URL: proxy.url, ELASTICSEARCH_RETRY_SECONDS: 0.2, STREAM_BATCH_MESSAGES: 100 });
    const stream = defineStream({ topic: p.topic, item: Offer, into: { serving: intoServing({ alias, item: Offer, version: "at" }) } });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    let opened = (): number => 0;
    let reads = (): number => 0;
    await p.send([message(offer(0))], p.topic);
    const running = p.run(stream, {
      untilEnd: false,
      signal: stop.signal,
      onStart(status) {
        opened = () => status()[0]!.opened;
        reads = () => status()[0]!.ledger.read;
      },
    });
    while (reads() < 1) await new Promise((next) => setTimeout(next, 20));
    sick = true;
    await p.send(
      Array.from({ length: 500 }, (_, n) => message(offer(n + 1))),
      p.topic,
    );
    while (opened() < 2) await new Promise((next) => setTimeout(next, 20));
    expect(reads()).toBe(1);
    sick = false;
    while (reads() < 501) await new Promise((next) => setTimeout(next, 20));
    stop.abort();
    expect((await running).remainder).toEqual([]);
    expect(await read(url, alias)).toHaveLength(501);
  });

  test("windows over three partitions are those of a plain loop, also when the checkpoint is ahead of the group", async () => {
    const p = real({ STREAM_BATCH_MESSAGES: 70 });
    const ticks = [0, 1, 2, 3].flatMap((n) => randomTicks(50 + n, 300).map((t): Tick => ({ ...t, symbol: `${t.symbol}${n}` })));
    const stream = bars({ output: "update" }, { topic: p.topic, into: { bars: intoServing({ alias: p.alias, item: Bar }) } });
    await p.send(ticks.slice(0, 700).map(tickMessage), p.topic);
    await p.run(stream);
    await p.send(ticks.slice(700).map(tickMessage), p.topic);
    await p.run(stream);
    const lanes = new Map<number, Tick[]>();
    for (const m of await p.read(p.topic))
      lanes.set(m.partition ?? 0, [...(lanes.get(m.partition ?? 0) ?? []), JSON.parse(m.value) as Tick]);
    const each = [...lanes.values()].map(barsOf);
    const expected = Object.values(
      Object.assign({}, ...each.map(({ open, closed }) => ({ ...open, ...closed }))) as Record<string, object>,
    );
    const rows = await read(url, p.alias);
    const sorted = (all: readonly object[]): string[] => all.map((row) => JSON.stringify(row)).sort();
    expect(lanes.size).toBeGreaterThan(1);
    expect(sorted(rows)).toEqual(sorted(expected));
    const late = (await p.read(`${p.topic}.dead`)).map((m) => (JSON.parse(m.value) as Tick).id + (JSON.parse(m.value) as Tick).symbol);
    const expectedLate = [...lanes.values()].flatMap((l) => barsOf(l).late.map((id) => l.filter((t) => t.id === id)));
    expect(late).toHaveLength(expectedLate.length);
  });
});
