import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { defineStream, intoServing, type Stream } from "arachne";
import type { StreamRequest } from "../../src/app/run-stream.ts";
import type { TopicMessage } from "../../src/core/topic.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { randomInput } from "../app/stream-input.ts";
import { Offer, place } from "../app/stream-place.ts";
import { Bar, barsOf, bars, randomTicks, tickMessage, type Tick } from "../app/stream-ticks.ts";
import { asAdmin, optionsOf, startBroker } from "./kafka-broker.ts";

const broker = await startBroker();
afterAll(() => broker?.remove());

/** How long a micro-batch gathers: over the rebalances that happen meanwhile. */
const GATHER_SECONDS = 7;

/** Sends messages to a stream that gathers them; while it does, another member joins its group, and leaves. */
async function shareOutWhileGathering(stream: Stream, group: string, messages: readonly TopicMessage[]) {
  const topic = String(stream.topic);
  const p = place({ KAFKA_BOOTSTRAP_SERVERS: broker!.url, KAFKA_TOPIC_PARTITIONS: 2, STREAM_MAX_MESSAGE_BYTES: 10_000 });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const options: Partial<StreamRequest> = { untilEnd: false, signal: stop.signal };
  const members = (count: number) =>
    asAdmin(broker!.url, async (admin) => {
      for (;;) {
        const [found] = (await admin.describeGroups([group])).groups;
        if (found?.state === "Stable" && found.members.length === count) return;
        await sleep(100);
      }
    });
  const running = p.run({ ...stream, trigger: { seconds: GATHER_SECONDS, messages: 10_000 } }, options);
  await members(1);
  await p.send(messages, topic);
  await sleep(800); // they are read, and wait
  const left = new AbortController();
  const intruder = await openKafkaTopic(topic, optionsOf(broker!.url));
  const intruding = (async () => {
    for await (const _ of intruder.consume({ group, signal: left.signal })) while (!left.signal.aborted) await sleep(50); // and no commit
  })();
  await members(2);
  left.abort();
  await intruding;
  await intruder.close();
  await members(1);
  const lag = async (): Promise<number> => {
    const opened = await openKafkaTopic(topic, optionsOf(broker!.url));
    return opened.lag(group);
  };
  while ((await lag()) > 0) await sleep(200);
  stop.abort();
  const run = await running;
  expect(run.remainder).toEqual([]);
  return { p, run, dead: async () => p.read(`${topic}.dead`) };
}

test.skipIf(broker === undefined)("what a micro-batch holds twice, as the group was shared out anew, is set aside once", async () => {
  const topic = `g-${randomUUID()}`;
  const { messages, expected, poison } = randomInput({ seed: 81, count: 600, poison: 0.05 });
  const stream = defineStream({ topic, item: Offer, into: { serving: intoServing({ alias: "offers", item: Offer, version: "at" }) } });
  const { p, run, dead } = await shareOutWhileGathering(stream, "s.serving", messages);
  expect(p.served("offers")).toEqual(expected);
  const letters = (await dead()).map(({ value, bytes }) => Buffer.from(bytes ?? value).toString("base64"));
  expect(letters.sort()).toEqual(poison.map(({ value }) => value.toString("base64")).sort());
  expect(run.lanes[0]!.ledger.read).toBe(messages.length);
});

test.skipIf(broker === undefined)("… and counts once in its window", async () => {
  const topic = `g-${randomUUID()}`;
  const ticks = randomTicks(82, 400);
  const stream = bars({ output: "update" }, { topic, into: { bars: intoServing({ alias: "bars", item: Bar }) } });
  const { p } = await shareOutWhileGathering(stream, "s", ticks.map(tickMessage));
  const lanes = new Map<number, Tick[]>();
  for (const m of await p.read(topic)) lanes.set(m.partition ?? 0, [...(lanes.get(m.partition ?? 0) ?? []), JSON.parse(m.value) as Tick]);
  const each = [...lanes.values()].map(barsOf);
  expect(p.served("bars")).toEqual(Object.assign({}, ...each.map(({ open, closed }) => ({ ...open, ...closed }))));
});
