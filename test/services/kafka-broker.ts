import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import kafkajs, { type Admin } from "kafkajs";
import { startKafka } from "../../scripts/services/kafka.ts";
import type { Service } from "../../scripts/services/process.ts";
import type { Logger } from "../../src/core/context.ts";
import { SettingsError } from "../../src/core/errors.ts";
import type { MessageBatch, StoredMessage, Topic } from "../../src/core/topic.ts";
import type { KafkaOptions } from "../../src/topics/kafka/options.ts";
import { retryFor } from "../../src/topics/kafka/retry.ts";

export interface Broker {
  url: string;
  service: Service;
  /** Started again in its folder, on its port. */
  again(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

/** After a kill -9 a broker is let in again only when its former session is over: 9 s by default. */
const QUICK = { "broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "500" };

/** A broker of the test's own, so that it may be killed; undefined where Java or Maven is missing. */
export async function startBroker(options: Partial<Parameters<typeof startKafka>[0]> = {}): Promise<Broker | undefined> {
  const dir = await mkdtemp(join(tmpdir(), "arachne-kafka-"));
  const start = (): Promise<Service> =>
    startKafka({ heap: "256m", quick: true, ...options, properties: { ...QUICK, ...options.properties }, dir });
  try {
    const broker: Broker = {
      url: "",
      service: await start(),
      async again() {
        broker.service = await start();
      },
      async remove() {
        await broker.service.kill();
        await rm(dir, { recursive: true, force: true });
      },
    };
    return Object.assign(broker, { url: broker.service.url });
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    if (error instanceof SettingsError && error.code === "service_tool_missing") return undefined;
    throw error;
  }
}

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export function optionsOf(url: string, over: Partial<KafkaOptions> = {}): KafkaOptions {
  return {
    brokers: [url],
    clientId: "arachne-test",
    partitions: 3,
    replicationFactor: undefined,
    retentionHours: 168,
    compression: "gzip",
    retrySeconds: 30,
    tls: false,
    caFile: undefined,
    sasl: undefined,
    log: quiet,
    ...over,
  };
}

/** kafkajs bare: what a test does behind our back. */
export async function asAdmin<T>(url: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new kafkajs.Kafka({ brokers: [url], retry: retryFor(10), logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function sendNumbers(topic: Topic, from: number, to: number): Promise<void> {
  await using producer = await topic.producer();
  await producer.send(numbered(from, to));
}

export function numbered(from: number, to: number): { key: string; value: string }[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ key: `k${from + i}`, value: String(from + i) }));
}

export const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

export const sortedNumbers = (messages: readonly StoredMessage[]): number[] => messages.map((m) => Number(m.value)).sort((a, b) => a - b);

/** Everything that is in the topic now. */
export async function contents(topic: Topic): Promise<StoredMessage[]> {
  const all: StoredMessage[] = [];
  for await (const messages of topic.read({ signal: new AbortController().signal })) all.push(...messages);
  return all;
}

/** Takes batches of a group and commits each, until `count` messages have come. */
export async function take(
  topic: Topic,
  group: string,
  count: number,
  onBatch: (batch: MessageBatch) => unknown = () => {},
): Promise<StoredMessage[]> {
  const taken: StoredMessage[] = [];
  for await (const batch of topic.consume({ group, signal: new AbortController().signal })) {
    await onBatch(batch);
    taken.push(...batch.messages);
    await batch.commit();
    if (taken.length >= count) break;
  }
  return taken;
}

/** Removes what is before an offset, as retention does. */
export async function removeBefore(url: string, topic: string, partition: number, offset: number): Promise<void> {
  await asAdmin(url, async (admin) => {
    await admin.fetchTopicOffsets(topic); // kafkajs looks the leader up in what it knows already
    await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  });
}
