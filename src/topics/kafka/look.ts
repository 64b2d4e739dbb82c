import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import { TransientError } from "../../core/errors.ts";
import { connectTo } from "./client.ts";
import { kafkaError } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";

const LOADING_MS = 5_000;
const LOADING_PAUSE_MS = 100;

export interface TopicGroup {
  topic: string;
  group: string;
}

export interface KafkaCluster {
  readonly brokers: number;
  /** host:port of the broker that is the controller, or speaks for it. */
  readonly controller: string | undefined;
  readonly topics: readonly string[];
}

/** What the cluster says of itself. Nothing is made by asking. @throws as `kafkaError` */
export function lookAtCluster(options: KafkaOptions, signal: AbortSignal): Promise<KafkaCluster> {
  return looking(options, "asking for the cluster", signal, async (admin) => {
    const [{ brokers, controller }, topics] = await Promise.all([admin.describeCluster(), admin.listTopics()]);
    const leader = brokers.find(({ nodeId }) => nodeId === controller);
    return { brokers: brokers.length, controller: leader && `${leader.host}:${leader.port}`, topics: topics.sort() };
  });
}

/** The lag of each group, in the order asked; undefined: there is no such topic, and none is made. */
export function lookAtLags(wanted: readonly TopicGroup[], options: KafkaOptions, signal: AbortSignal): Promise<(number | undefined)[]> {
  return looking(options, "asking for the lag of consumer groups", signal, async (admin) => {
    const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
    const there = new Set(topics);
    // To ask for the offsets of a group that is not there makes a broker that has had none create the topic that it keeps them in.
    const known = new Set(groups.map(({ groupId }) => groupId));
    return Promise.all(
      wanted.map(async ({ topic, group }) => (there.has(topic) ? lagOf(admin, topic, known.has(group) ? group : undefined) : undefined)),
    );
  });
}

/** Without a group: all there is. Counted as offsets: records that are no messages (what transactions leave, what compaction has taken) count as well. */
export async function lagOf(admin: Admin, topic: string, groupId: string | undefined): Promise<number> {
  const ends = await admin.fetchTopicOffsets(topic);
  const [committed] = groupId === undefined ? [] : await offsetsOf(admin, groupId, topic);
  const at = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  return ends.reduce(
    (sum, { partition, low, high }) => sum + Math.max(0, Number(high) - Math.max(Number(low), at.get(partition) ?? -1)),
    0,
  );
}

/** A coordinator that was just made, or has moved, says for some moments that it loads, and kafkajs takes that for an answer. */
async function offsetsOf(admin: Admin, groupId: string, topic: string): ReturnType<Admin["fetchOffsets"]> {
  const deadline = performance.now() + LOADING_MS;
  for (;;) {
    try {
      return await admin.fetchOffsets({ groupId, topics: [topic] });
    } catch (error) {
      const loading = error instanceof Error && "type" in error && error.type === "GROUP_LOAD_IN_PROGRESS";
      if (!loading || performance.now() > deadline) throw error;
      await sleep(LOADING_PAUSE_MS);
    }
  }
}

/** As `withAdmin`; what is under way when the signal comes is left behind, not waited for. */
async function looking<T>(options: KafkaOptions, action: string, signal: AbortSignal, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = connectTo(options).admin();
  const leave = (): Promise<void> => admin.disconnect().catch(() => {});
  const { promise: over, stop } = aborted(signal, () => void leave());
  const asked = admin.connect().then(() => work(admin));
  try {
    return await Promise.race([asked, over]);
  } catch (error) {
    throw kafkaError(action, error, options);
  } finally {
    stop();
    if (!signal.aborted) await leave();
  }
}

/** Rejects when the signal comes. */
function aborted(signal: AbortSignal, onAbort: () => void): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    const fail = (): void => {
      onAbort();
      reject(new TransientError("kafka_silent", "kafka: the brokers did not answer in time: see that they run"));
    };
    signal.addEventListener("abort", fail, { once: true });
    stop = () => signal.removeEventListener("abort", fail);
    if (signal.aborted) fail();
  });
  return { promise, stop };
}
