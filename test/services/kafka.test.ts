import { randomBytes, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { MessageBatch, Topic } from "../../src/core/topic.ts";
import type { KafkaOptions } from "../../src/topics/kafka/options.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { topicContract } from "../contracts/topic.ts";
import {
  asAdmin,
  contents,
  numbered,
  optionsOf,
  quiet,
  range,
  removeBefore,
  sendNumbers,
  sortedNumbers,
  startBroker,
  take,
} from "./kafka-broker.ts";

const [current, previous] = await Promise.all([startBroker(), startBroker({ version: "3.9.2" })]);
afterAll(() => Promise.all([current?.remove(), previous?.remove()]));

describe.skipIf(current === undefined)("the topic contract on Kafka 4.4, three partitions", () => {
  topicContract(() => ({ open: (name) => openKafkaTopic(name, optionsOf(current!.url)) }));
});

describe.skipIf(previous === undefined)("the topic contract on Kafka 3.9, three partitions", () => {
  topicContract(() => ({ open: (name) => openKafkaTopic(name, optionsOf(previous!.url)) }));
});

describe.skipIf(current === undefined)("a Kafka topic", () => {
  const open = (over: Partial<KafkaOptions> = {}, name = `t-${randomUUID()}`, url = current!.url): Promise<Topic> =>
    openKafkaTopic(name, optionsOf(url, over));

  test("is made with the partitions and the retention that are set, and keeps them", async () => {
    const topic = await open({ partitions: 5, retentionHours: 2 });
    await open({ partitions: 2, retentionHours: 0 }, topic.name);
    const [made, configs] = await asAdmin(current!.url, (admin) =>
      Promise.all([
        admin.fetchTopicMetadata({ topics: [topic.name] }),
        admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topic.name, configNames: ["retention.ms"] }] }),
      ]),
    );
    expect(made.topics[0]!.partitions).toHaveLength(5);
    expect(configs.resources[0]!.configEntries[0]!.configValue).toBe("7200000");
  });

  test("says which setting is wrong when the cluster refuses to make it", async () => {
    await expect(open({ replicationFactor: 3 })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("KAFKA_REPLICATION_FACTOR"),
    });
    await expect(open({}, "no/such name")).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining("letters, digits") });
  });

  test("spreads keys over its partitions as every other client does, and reads all of them", async () => {
    const topic = await open();
    await sendNumbers(topic, 1, 300);
    const got = await contents(topic);
    expect(sortedNumbers(got)).toEqual(range(1, 300));
    const { Partitioners } = (await import("kafkajs")).default;
    const partitionOf = Partitioners.DefaultPartitioner();
    const partitionMetadata = [0, 1, 2].map((partitionId) => ({ partitionId, partitionErrorCode: 0, leader: 1, replicas: [], isr: [] }));
    for (const m of got)
      expect(m.partition).toBe(partitionOf({ topic: topic.name, partitionMetadata, message: { key: m.key, value: null } }));
    for (const partition of [0, 1, 2]) expect(got.filter((m) => m.partition === partition).length).toBeGreaterThan(60);
  });

  test("a group from the latest begins at the end, and that is its place from then on", async () => {
    const topic = await open();
    await sendNumbers(topic, 1, 10);
    const stop = new AbortController();
    const first = topic.consume({ group: "late", from: "latest", signal: stop.signal })[Symbol.asyncIterator]();
    const pending = first.next();
    while ((await topic.lag("late")) !== 0) await sleep(50);
    stop.abort();
    expect((await pending).done).toBe(true);
    await sendNumbers(topic, 11, 15);
    const got = await take(topic, "late", 5);
    expect(sortedNumbers(got)).toEqual(range(11, 15));
  });

  test("a group whose place retention has removed goes on at the oldest message, and says so", async () => {
    const warnings: string[] = [];
    const topic = await open({ partitions: 1, log: { ...quiet, warn: (line) => void warnings.push(line) } });
    await sendNumbers(topic, 1, 10);
    await take(topic, "slow", 10);
    await sendNumbers(topic, 11, 30);
    await removeBefore(current!.url, topic.name, 0, 25);
    expect(await topic.lag("slow")).toBe(5);
    expect(sortedNumbers(await take(topic, "slow", 5))).toEqual(range(26, 30));
    expect(warnings).toEqual([expect.stringMatching(/group slow stood at a place .* that is gone/)]);
    expect(await topic.lag("slow")).toBe(0);
  });

  test("refuses to read from a place that retention has removed", async () => {
    const topic = await open({ partitions: 1 });
    await sendNumbers(topic, 1, 5);
    const place = await topic.end();
    await sendNumbers(topic, 6, 20);
    await removeBefore(current!.url, topic.name, 0, 12);
    const reading = topic.read({ from: place, signal: new AbortController().signal })[Symbol.asyncIterator]();
    await expect(reading.next()).rejects.toMatchObject({ code: "topic_expired", message: expect.stringContaining("5 to 11") });
  });

  test("takes messages up to the topic's limit, refuses the one above it, and goes on", async () => {
    const topic = await open();
    await using producer = await topic.producer();
    const large = randomBytes(450_000).toString("hex");
    await producer.send([...numbered(1, 3), { key: "large", value: large }, { key: "repetitive", value: "ab".repeat(1_500_000) }]);
    const huge = producer.send([{ key: "huge", value: randomBytes(2_000_000).toString("latin1") }]);
    const beside = producer.send(numbered(4, 6));
    await expect(huge).rejects.toMatchObject({ name: "RejectedError", message: expect.stringContaining("max.message.bytes") });
    await beside;
    const got = await take(topic, "g", 8);
    expect(got.map((m) => m.value.length).sort((a, b) => a - b)).toEqual([1, 1, 1, 1, 1, 1, 900_000, 3_000_000]);
    expect(got.find((m) => m.key === "large")?.value).toBe(large);
  });

  test("a slow consumer holds no more than a fetch in memory, however much waits for it", async () => {
    const topic = await open();
    await using producer = await topic.producer();
    const value = randomBytes(5_000).toString("base64");
    for (let i = 0; i < 20; i++) await producer.send(Array.from({ length: 300 }, (_, n) => ({ key: `${i}-${n}`, value: i + value })));
    const held: number[] = [];
    let seen = 0;
    for await (const batch of topic.consume({ group: "slow", maxMessages: 50, signal: new AbortController().signal })) {
      seen += batch.messages.length;
      await sleep(60); // long enough to fetch all of the 40 MB, if it would
      const { external, arrayBuffers, heapUsed } = process.memoryUsage();
      held.push(external + arrayBuffers + heapUsed);
      if (held.length === 30) break;
    }
    expect(seen).toBeLessThanOrEqual(1500);
    expect(Math.max(...held) - held[0]!).toBeLessThan(30 * 2 ** 20);
  });

  test("ends with a clear error when it is deleted under a consumer and a producer", async () => {
    const topic = await open({ retrySeconds: 2 });
    const producer = await topic.producer();
    await producer.send(numbered(1, 5));
    const seen: number[] = [];
    const consuming = (async () => {
      for await (const batch of topic.consume({ group: "g", signal: new AbortController().signal })) {
        seen.push(...sortedNumbers(batch.messages));
        await batch.commit();
      }
    })();
    consuming.catch(() => {});
    while (seen.length < 5) await sleep(50);
    await asAdmin(current!.url, (admin) => admin.deleteTopics({ topics: [topic.name] }));
    await expect(producer.send(numbered(6, 7))).rejects.toMatchObject({ name: "CriticalError", code: "kafka_topic_gone" });
    await expect(consuming).rejects.toMatchObject({ name: "CriticalError", code: "kafka_topic_gone" });
    await expect(producer[Symbol.asyncDispose]()).rejects.toThrow(/2 messages were sent but not acknowledged/);
  });

  test.each([
    ["4.4", () => current!],
    ["3.9", () => previous!],
  ])("is read from its start by a group that had read one of its name, deleted since (%s)", async (_, server) => {
    const topic = await open({ partitions: 1 }, `t-${randomUUID()}`, server().url);
    await sendNumbers(topic, 1, 10);
    await take(topic, "g", 10);
    await asAdmin(server().url, (admin) => admin.deleteTopics({ topics: [topic.name] }));
    const anew = await open({ partitions: 1 }, topic.name, server().url);
    await sendNumbers(anew, 101, 130);
    expect(sortedNumbers(await take(anew, "g", 30))).toEqual(range(101, 130));
  });

  test("a producer that was closed takes nothing, and one that sent all again closes in peace", async () => {
    const topic = await open();
    const producer = await topic.producer();
    await producer.send(numbered(1, 2), { producer: "p", sequence: 2 });
    await producer[Symbol.asyncDispose]();
    await expect(producer.send(numbered(3, 3))).rejects.toThrow(/closed/);
  });

  test("consumers that come and go lose nothing, and share no message whose commit was taken", async () => {
    const topic = await open({ partitions: 6 });
    const total = 3000;
    await using producer = await topic.producer();
    const committed: number[] = [];
    const lost: string[] = [];
    const consumer = async (signal: AbortSignal): Promise<void> => {
      for await (const batch of topic.consume({ group: "g-many", maxMessages: 20, signal })) {
        await sleep(5);
        try {
          await batch.commit();
          committed.push(...sortedNumbers(batch.messages));
        } catch (error) {
          lost.push((error as { code: string }).code);
        }
      }
    };
    const stops = [0, 1, 2, 3].map(() => new AbortController());
    onTestFinished(() => stops.forEach((stop) => stop.abort()));
    const running: Promise<void>[] = [];
    const sending = (async () => {
      for (let at = 1; at <= total; at += 100) {
        await producer.send(numbered(at, at + 99));
        await sleep(100);
      }
    })();
    const join = (i: number) => void running.push(consumer(stops[i]!.signal));
    join(0);
    await sleep(500);
    join(1);
    join(2);
    await sleep(800);
    stops[0]!.abort();
    await sleep(300);
    join(3);
    stops[1]!.abort();
    await sending;
    while ((await topic.lag("g-many")) > 0) await sleep(100);
    stops.forEach((stop) => stop.abort());
    await Promise.all(running);
    expect(committed.sort((a, b) => a - b)).toEqual(range(1, total));
    expect(lost.filter((code) => code !== "lease_lost")).toEqual([]);
  });

  type Batches = AsyncIterator<MessageBatch>;

  /** Pulls the first consumer on until it has heard of the rebalance and the other one has its first batch. */
  async function untilShared(first: Batches, others: Promise<IteratorResult<MessageBatch>>, onBatch: (batch: MessageBatch) => unknown) {
    const own: MessageBatch[] = [];
    const shared = (): Promise<boolean> => Promise.race([others.then(() => true), sleep(300, false)]);
    while (!(await shared())) {
      const batch = (await first.next()).value as MessageBatch;
      await onBatch(batch);
      own.push(batch);
    }
    return { own, others: (await others).value as MessageBatch };
  }

  test("a rebalance waits for the batch in hand", async () => {
    const topic = await open({ partitions: 2 });
    await sendNumbers(topic, 1, 200);
    const stop = new AbortController();
    const options = { group: "g-hand", maxMessages: 10, signal: stop.signal };
    const first = topic.consume(options)[Symbol.asyncIterator]();
    const second = topic.consume(options)[Symbol.asyncIterator]();
    onTestFinished(async () => {
      stop.abort();
      await Promise.all([first.return?.(undefined), second.return?.(undefined)]);
    });
    const held = (await first.next()).value as MessageBatch;
    const inHand = (await first.next()).value as MessageBatch;
    const others = second.next();
    expect(await Promise.race([others.then(() => "shared"), sleep(2500, "waiting")])).toBe("waiting");
    await inHand.commit(); // behind `held` too: they are of one partition
    await held.commit(); // and does not go back
    const later = await untilShared(first, others, (batch) => batch.commit());
    const committed = [held, inHand, ...later.own].flatMap(({ messages }) => sortedNumbers(messages));
    expect(new Set(committed).size).toBe(committed.length);
    expect(sortedNumbers(later.others.messages).filter((n) => committed.includes(n))).toEqual([]);
  });

  test("a batch that was not committed before a rebalance comes again, and its late commit says so", async () => {
    const topic = await open({ partitions: 2 });
    await sendNumbers(topic, 1, 200);
    const stop = new AbortController();
    const options = { group: "g-late", maxMessages: 10, signal: stop.signal };
    const first = topic.consume(options)[Symbol.asyncIterator]();
    const second = topic.consume(options)[Symbol.asyncIterator]();
    onTestFinished(async () => {
      stop.abort();
      await Promise.all([first.return?.(undefined), second.return?.(undefined)]);
    });
    const late = (await first.next()).value as MessageBatch;
    const others = second.next();
    while ((await asAdmin(current!.url, (admin) => admin.describeGroups(["g-late"]))).groups[0]!.state !== "PreparingRebalance")
      await sleep(50);
    const again = await untilShared(first, others, () => {});
    await expect(late.commit()).rejects.toMatchObject({ name: "TransientError", code: "lease_lost" });
    expect([...again.own, again.others].map(({ messages }) => sortedNumbers(messages))).toContainEqual(sortedNumbers(late.messages));
  });

  test("refuses to go on from a place that the topic has not reached: it is another topic", async () => {
    const topic = await open();
    await sendNumbers(topic, 1, 5);
    const consuming = topic.consume({ group: "own", resume: () => 1000, signal: new AbortController().signal })[Symbol.asyncIterator]();
    await expect(consuming.next()).rejects.toMatchObject({ name: "CriticalError", code: "topic_behind" });
  });
});
