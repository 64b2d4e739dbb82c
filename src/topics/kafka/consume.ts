import type { Admin, Consumer, EachBatchPayload } from "kafkajs";
import type { ConsumeOptions, MessageBatch } from "../../core/topic.ts";
import { withAdmin } from "./admin.ts";
import { commitOf, type Committed } from "./commit.ts";
import { createHandover } from "./handover.ts";
import { joinGroup } from "./member.ts";
import { KafkaRecord } from "./message.ts";
import type { KafkaOptions } from "./options.ts";
import { slices } from "./slices.ts";

/** All partitions that the group gives this consumer, a batch from one at a time; the next is fetched when the loop asks for it. */
export async function* consume(
  topic: string,
  { group, from = "earliest", maxMessages = Infinity, maxBytes = Infinity, resume, signal }: ConsumeOptions,
  options: KafkaOptions,
): AsyncGenerator<MessageBatch> {
  if (signal.aborted) return;
  if (from === "latest")
    await withAdmin(options, `starting group ${group} at the end of topic ${topic}`, (admin) => startAtEnd(admin, topic, group));
  const handover = createHandover<MessageBatch>();
  const committed: Committed = new Map();
  const eachBatch = async (payload: EachBatchPayload, fenced: () => unknown): Promise<void> => {
    const { batch } = payload;
    const commit = commitOf(topic, group, payload, member.generation, committed, options);
    for (const records of slices(batch.messages, maxMessages, maxBytes)) {
      if (!payload.isRunning() || payload.isStale()) return;
      const last = records.at(-1)!;
      // Behind the last message there may be records that are none, as transactions leave them.
      const next = Number(last === batch.messages.at(-1) ? batch.lastOffset() : last.offset) + 1;
      const messages = records.map((record) => new KafkaRecord(record, batch.partition));
      if (!(await handover.give({ messages, commit: () => commit(next) }))) return;
      payload.resolveOffset(last.offset);
      if (fenced() !== undefined) throw fenced();
    }
  };
  const onAssigned = (consumer: Consumer, partitions: readonly number[]): void => {
    for (const partition of partitions) {
      const offset = resume?.(partition);
      if (offset !== undefined) consumer.seek({ topic, partition, offset: String(offset) });
    }
  };
  const member = joinGroup({ topic, group, eachBatch, onAssigned, onFailure: (error) => handover.fail(error) }, options);
  const stop = (): void => handover.end();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for (let batch = await handover.take(); batch !== undefined; batch = await handover.take()) yield batch;
  } finally {
    signal.removeEventListener("abort", stop);
    handover.leave();
    await member.stop();
  }
}

/** A group without any offset gets the topic's present end for one; if others of it run already, they have seen to it. */
async function startAtEnd(admin: Admin, topic: string, groupId: string): Promise<void> {
  const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
  if (committed?.partitions.some(({ offset }) => Number(offset) >= 0)) return;
  const { groups } = await admin.describeGroups([groupId]);
  if (groups[0]?.members.length) return;
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.setOffsets({ groupId, topic, partitions: ends.map(({ partition, high }) => ({ partition, offset: high })) });
}
