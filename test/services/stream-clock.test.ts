import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { defineStream } from "arachne";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { randomInput } from "../app/stream-input.ts";
import { Offer, place, toServing } from "../app/stream-place.ts";
import { optionsOf, startBroker } from "./kafka-broker.ts";

const broker = await startBroker();
afterAll(() => broker?.remove());

const HOUR = 3_600_000;

test.skipIf(broker === undefined)(
  "a clock that jumps an hour ahead and then two back does not cost a stream its place in the group",
  async () => {
    const topic = `c-${randomUUID()}`;
    const p = place({ KAFKA_BOOTSTRAP_SERVERS: broker!.url, STREAM_MAX_MESSAGE_BYTES: 10_000, STREAM_BATCH_MESSAGES: 50 });
    const { messages, expected, poison } = randomInput({ seed: 91, count: 600, poison: 0.03 });
    // kafkajs asks Date.now when its next heartbeat is due.
    const real = Date.now;
    let shift = 0;
    Date.now = () => real() + shift;
    onTestFinished(() => void (Date.now = real));
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const stream = defineStream({ topic, item: Offer, into: { serving: toServing } });
    const running = p.run(stream, { untilEnd: false, signal: stop.signal });
    const opened = await openKafkaTopic(topic, optionsOf(broker!.url));
    const third = Math.ceil(messages.length / 3);
    for (const [i, jump] of [0, HOUR, -HOUR].entries()) {
      shift = jump;
      if (jump < 0) while (!p.log.lines.some((line) => line.includes("clock was set back"))) await sleep(50);
      await p.send(messages.slice(i * third, (i + 1) * third), topic);
      while ((await opened.lag("s.serving")) > 0) await sleep(100);
    }
    stop.abort();
    expect((await running).remainder).toEqual([]);
    expect(p.log.lines.filter((line) => line.includes("another process has taken over"))).toEqual([]);
    expect(p.served()).toEqual(expected);
    const letters = (await p.read(`${topic}.dead`)).map(({ value, bytes }) => Buffer.from(bytes ?? value).toString("base64"));
    expect(letters.sort()).toEqual(poison.map(({ value }) => value.toString("base64")).sort());
  },
);
