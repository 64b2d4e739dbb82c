import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../scripts/services/port.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { contents, numbered, optionsOf, quiet, range, sendNumbers, sortedNumbers, startBroker } from "./kafka-broker.ts";
import { startProxy } from "./kafka-proxy.ts";

const [port, controller, proxied, proxyPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
const listeners = `PLAINTEXT://127.0.0.1:${port},PROXIED://127.0.0.1:${proxied},CONTROLLER://127.0.0.1:${controller}`;
const broker = await startBroker({
  port,
  properties: {
    listeners,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port},PROXIED://127.0.0.1:${proxyPort}`,
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT",
  },
});
afterAll(() => broker?.remove());

const open = (retrySeconds = 60) => openKafkaTopic(`t-${randomUUID()}`, optionsOf(broker!.url, { retrySeconds }));

async function killAndRestart(): Promise<void> {
  await broker!.service.kill();
  await sleep(500);
  await broker!.again();
}

test.skipIf(broker === undefined)(
  "an acknowledgement that is lost on the way: each message stands once, also those sent beside it",
  async () => {
    const proxy = await startProxy(proxyPort, proxied);
    onTestFinished(() => proxy.close());
    const topic = await openKafkaTopic(`t-${randomUUID()}`, optionsOf(`127.0.0.1:${proxyPort}`, { partitions: 1 }));
    await using producer = await topic.producer();
    await producer.send(numbered(1, 1));
    for (let n = 2; n < 12; n += 2) {
      proxy.loseNextAcknowledgement();
      await Promise.all([producer.send(numbered(n, n)), producer.send(numbered(n + 1, n + 1))]);
    }
    expect(proxy.lost()).toBe(5);
    expect((await contents(topic)).map((m) => Number(m.value))).toEqual(range(1, 11));
  },
);

describe.skipIf(broker === undefined)("a Kafka broker that is killed", () => {
  test("in the middle of sending: every message stands there, once and in order", async () => {
    const topic = await open();
    const producer = await topic.producer();
    const killed = sleep(200).then(killAndRestart);
    let sent = 0;
    let down = true;
    void killed.then(() => (down = false));
    // Sends beside each other, of one and of many, until some have gone out after the restart.
    for (let after = 0; after < 20; down || after++) {
      await Promise.all([
        producer.send(numbered(sent + 1, sent + 30)),
        producer.send(numbered(sent + 31, sent + 31)),
        producer.send(numbered(sent + 32, sent + 50)),
      ]);
      sent += 50;
    }
    await killed;
    await producer[Symbol.asyncDispose]();
    const got = await contents(topic);
    expect(sortedNumbers(got)).toEqual(range(1, sent));
    for (const partition of [0, 1, 2]) {
      const own = got.filter((m) => m.partition === partition).map((m) => Number(m.value));
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });

  test("in the middle of consuming: nothing is lost, and nothing comes again that was committed", async () => {
    const topic = await open();
    await sendNumbers(topic, 1, 2000);
    const committed = new Set<number>();
    const stop = new AbortController();
    let killed: Promise<void> | undefined;
    for await (const batch of topic.consume({ group: "g", maxMessages: 50, signal: stop.signal })) {
      const own = sortedNumbers(batch.messages);
      expect(own.filter((n) => committed.has(n))).toEqual([]);
      if (committed.size >= 500) killed ??= killAndRestart();
      try {
        await batch.commit();
        for (const n of own) committed.add(n);
      } catch (error) {
        expect(error).toMatchObject({ code: "lease_lost" });
      }
      if (committed.size === 2000) break;
    }
    await killed;
    expect([...committed].sort((a, b) => a - b)).toEqual(range(1, 2000));
    expect(await topic.lag("g")).toBe(0);
  });

  test("while a group waits: it goes on when the broker is back, with what was sent then", async () => {
    const topic = await open();
    const stop = new AbortController();
    const seen: number[] = [];
    const consuming = (async () => {
      for await (const batch of topic.consume({ group: "g", signal: stop.signal })) {
        seen.push(...sortedNumbers(batch.messages));
        await batch.commit();
        if (seen.length >= 20) stop.abort();
      }
    })();
    await sendNumbers(topic, 1, 10);
    while (seen.length < 10) await sleep(50);
    await killAndRestart();
    await sendNumbers(topic, 11, 20);
    await consuming;
    expect(seen.sort((a, b) => a - b)).toEqual(range(1, 20));
  });

  test("for good: a consumer and a producer say which broker, and what to look at, when KAFKA_RETRY_SECONDS are over", async () => {
    const topic = await open(3);
    const producer = await topic.producer();
    await producer.send(numbered(1, 3));
    const consuming = (async () => {
      for await (const batch of topic.consume({ group: "g", signal: new AbortController().signal })) await batch.commit();
    })();
    consuming.catch(() => {});
    while ((await topic.lag("g")) > 0) await sleep(50);
    await broker!.service.kill();
    try {
      const unavailable = { name: "TransientError", code: "kafka_unavailable", message: expect.stringContaining(broker!.url) };
      await expect(producer.send(numbered(4, 5))).rejects.toMatchObject(unavailable);
      await expect(consuming).rejects.toMatchObject(unavailable);
      await expect(topic.lag("g")).rejects.toMatchObject(unavailable);
      await expect(producer[Symbol.asyncDispose]()).rejects.toThrow(/2 messages were sent but not acknowledged/);
    } finally {
      await broker!.again();
    }
  });
});

test("a broker that is not there at the start is an error after KAFKA_RETRY_SECONDS that names it and the settings", async () => {
  const url = `127.0.0.1:${await freePort()}`;
  const warnings: string[] = [];
  const log = { ...quiet, warn: (line: string) => void warnings.push(line) };
  await expect(openKafkaTopic("t", optionsOf(url, { retrySeconds: 1, log }))).rejects.toMatchObject({
    name: "TransientError",
    code: "kafka_unavailable",
    message: expect.stringMatching(new RegExp(`opening topic t at ${url}: .*KAFKA_BOOTSTRAP_SERVERS`)),
  });
  expect(warnings).toEqual([`kafka: ${url} does not answer, trying again`]);
});
