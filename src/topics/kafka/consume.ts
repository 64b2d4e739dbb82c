import type { Consumer, EachBatchPayload } from "kafkajs";
import type { ConsumeOptions, MessageBatch } from "../../core/topic.ts";
import { checkOf, commitOf, type Committed } from "./commit.ts";
import { kafkaError } from "./errors.ts";
import { createHandover } from "./handover.ts";
import { joinGroup } from "./member.ts";
import { toMessages } from "./message.ts";
import type { KafkaOptions } from "./options.ts";
import { goOnFromOwn } from "./own-offsets.ts";
import { slices } from "./slices.ts";
import { startAtEnd } from "./start-at-end.ts";

/** All partitions that the group gives this consumer, a batch from one at a time; the next is fetched when the loop asks for it. */
export async function* consume(
  topic: string,
  { group, from = "earliest", maxMessages = Infinity, maxBytes = Infinity, resume, resumeTime, signal }: ConsumeOptions,
  options: KafkaOptions,
): AsyncGenerator<MessageBatch> {
  if (from === "latest") await startAtEnd(topic, group, options);
  if (signal.aborted) return;
  const handover = createHandover<MessageBatch>();
  const committed: Committed = new Map();
  const eachBatch = async (payload: EachBatchPayload, fenced: () => unknown): Promise<void> => {
    const { batch } = payload;
    const commit = commitOf(topic, group, payload, member.generation, committed, options);
    const generation = member.generation();
    const lost = (): boolean => member.generation() !== generation;
    const check = checkOf(topic, group, payload, member, options);
    for (const records of slices(batch.messages, maxMessages, maxBytes)) {
      if (!payload.isRunning() || payload.isStale()) return;
      const last = records.at(-1)!;
      // Behind the last message there may be records that are none, as transactions leave them.
      const next = Number(last === batch.messages.at(-1) ? batch.lastOffset() : last.offset) + 1;
      const messages = toMessages(records, batch.partition);
      if (!(await handover.give({ messages, commit: () => commit(next), lost, check }))) return;
      payload.resolveOffset(last.offset);
      if (fenced() !== undefined) throw fenced();
    }
  };
  const onAssigned = (consumer: Consumer, partitions: readonly number[]): void => {
    const offsets = new Map<number, number>();
    for (const partition of partitions) {
      const offset = resume?.(partition);
      if (offset !== undefined) offsets.set(partition, offset);
    }
    if (offsets.size === 0) return;
    const assigned = member.generation();
    const current = (): boolean => member.generation() === assigned && !left;
    const timeOf = (partition: number): number | undefined => resumeTime?.(partition);
    goOnFromOwn({ topic, group, consumer, offsets, timeOf, current }, options).catch((error: unknown) => {
      if (current()) handover.fail(kafkaError(`setting the offsets of group ${group} on topic ${topic}`, error, options));
    });
  };
  const member = joinGroup({ topic, group, eachBatch, onAssigned, onFailure: (error) => handover.fail(error) }, options);
  let left = false;
  const stop = (): void => handover.end();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (let batch = await handover.take(); batch !== undefined; batch = await handover.take()) yield batch;
  } finally {
    signal.removeEventListener("abort", stop);
    left = true;
    handover.leave();
    await member.stop();
  }
}
