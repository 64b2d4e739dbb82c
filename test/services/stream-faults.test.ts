import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { defineStream, intoServing } from "arachne";
import { replayLetters } from "../../src/app/dead-letters-replay.ts";
import { readLetter } from "../../src/core/stream-dead.ts";
import type { StoredMessage, TopicMessage } from "../../src/core/topic.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { randomInput } from "../app/stream-input.ts";
import { message, Offer, offer, place, toServing } from "../app/stream-place.ts";
import { streamProject } from "../app/stream-process.ts";
import { seeded } from "../faults/kills.ts";
import { freshAlias, read } from "./elasticsearch-store.ts";
import { asAdmin, optionsOf, startBroker } from "./kafka-broker.ts";

const url = inject("elasticsearchUrl")!;
const broker = await startBroker();
afterAll(() => broker?.remove());

/** More of them by hand: ARACHNE_TEST_KILLS=50. A broker misses a killed consumer after ten seconds. */
const KILLS = Number(process.env["ARACHNE_TEST_KILLS"] ?? 3);
const POINTS = ["stream_written", "stream_dead", "stream_before_commit", "stream_decoded", "stream_after_commit"];

async function send(name: string, messages: readonly TopicMessage[]): Promise<void> {
  const topic = await openKafkaTopic(name, optionsOf(broker!.url));
  await using producer = await topic.producer();
  await producer.send(messages);
  await topic.close();
}

async function all(name: string): Promise<StoredMessage[]> {
  const topic = await openKafkaTopic(name, optionsOf(broker!.url));
  const messages: StoredMessage[] = [];
  for await (const batch of topic.read({ signal: new AbortController().signal })) messages.push(...batch);
  await topic.close();
  return messages;
}

describe.skipIf(broker === undefined)("a stream from Kafka into Elasticsearch", () => {
  test(`killed ${KILLS} times while messages come in, it serves every item once, and sets each poison aside once`, async () => {
    const p = streamProject();
    const [topic, alias] = [`s-${randomUUID()}`, freshAlias(url)];
    const env = { KAFKA_BOOTSTRAP_SERVERS: broker!.url, ELASTICSEARCH_URL: url, STREAM_TOPIC: topic, STREAM_ALIAS: alias };
    const { messages, expected, poison } = randomInput({ seed: 61, count: 600 * (KILLS + 1), poison: 0.02 });
    const random = seeded(6);
    const size = Math.ceil(messages.length / (KILLS + 1));
    let kills = 0;
    for (let i = 0; i <= KILLS; i++) {
      const part = messages.slice(i * size, (i + 1) * size);
      await send(topic, part.slice(0, size / 2));
      const failpoint = i < KILLS ? { ARACHNE_FAILPOINT: `${POINTS[i % POINTS.length]}:${1 + Math.floor(random() * 4)}` } : {};
      const run = p.stream("offers", i < KILLS ? [] : ["--until-end"], { ...env, ...failpoint });
      await send(topic, part.slice(size / 2));
      const { code, stderr } = await run.ended;
      if (i < KILLS) kills++;
      expect(code, stderr).toBe(i < KILLS ? null : 0);
    }
    expect(kills).toBe(KILLS);
    expect(Object.fromEntries((await read(url, alias)).map((row) => [row["id"], row]))).toEqual(expected);
    const letters = (await all(`${topic}.dead`)).map((m) => ({
      id: readLetter(m)!.id,
      value: Buffer.from(m.bytes ?? m.value).toString("base64"),
    }));
    expect(letters.map(({ value }) => value).sort()).toEqual(poison.map(({ value }) => value.toString("base64")).sort());
    expect(new Set(letters.map(({ id }) => id)).size).toBe(letters.length);
  });

  test("a broker that dies and comes back is waited for, longer than its own retries", async () => {
    const [topic, alias] = [`s-${randomUUID()}`, freshAlias(url)];
    const p = place({ KAFKA_BOOTSTRAP_SERVERS: broker!.url, KAFKA_RETRY_SECONDS: 2, ELASTICSEARCH_URL: url });
    const stream = defineStream({ topic, item: Offer, into: { serving: intoServing({ alias, item: Offer, version: "at" }) } });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    let reads = (): number => 0;
    const offers = Array.from({ length: 400 }, (_, n) => offer(n));
    await send(
      topic,
      offers.slice(0, 200).map((o) => message(o)),
    );
    const running = p.run(stream, { untilEnd: false, signal: stop.signal, onStart: (status) => (reads = () => status()[0]!.ledger.read) });
    while (reads() < 200) await new Promise((next) => setTimeout(next, 20));
    await broker!.service.kill();
    while (!p.log.lines.some((line) => line.startsWith("warn s.serving: topic: failed"))) await new Promise((next) => setTimeout(next, 50));
    await broker!.again();
    await send(
      topic,
      [...offers.slice(200), offers[7]!].map((o) => message(o)),
    );
    while (reads() < 401) await new Promise((next) => setTimeout(next, 20));
    stop.abort();
    expect((await running).remainder).toEqual([]);
    expect(await read(url, alias)).toHaveLength(400);
  });

  test("a dead letter that is too large for its topic is cut there, and not put back", async () => {
    const topic = `s-${randomUUID()}`;
    const p = place({ KAFKA_BOOTSTRAP_SERVERS: broker!.url });
    const configEntries = [{ name: "max.message.bytes", value: "150000" }];
    await asAdmin(broker!.url, (admin) => admin.createTopics({ topics: [{ topic: `${topic}.dead`, configEntries }] }));
    const large = randomBytes(225_000).toString("base64");
    await p.send([{ key: "large", value: large }, message(offer(1))], topic);
    const stream = defineStream({ topic, item: Offer, into: { serving: toServing } });
    const run = await p.run(stream);
    expect(run.lanes[0]!.ledger).toMatchObject({ written: 1, dead: { not_json: 1 } });
    const [letter] = await p.read(`${topic}.dead`);
    expect(letter).toMatchObject({ value: large.slice(0, 100_000), headers: { cut: "true", reason: "not_json" } });
    const c = { settings: p.settings, log: p.log, now: () => new Date(), signal: new AbortController().signal };
    const counts = await replayLetters({ ...c, project: p.project({ s: stream }), filter: {}, to: "refuser" });
    expect(counts).toEqual({ replayed: 0, already: 0, cut: 1 });
  });
});
