import type { Admin, EachBatchPayload } from "kafkajs";
import type { ConsumeOptions, MessageBatch } from "../../core/topic.ts";
import { withAdmin } from "./admin.ts";
import { commitOf } from "./commit.ts";
import { createHandover } from "./handover.ts";
import { joinGroup } from "./member.ts";
import { KafkaRecord } from "./message.ts";
import type { KafkaOptions } from "./options.ts";

/** All partitions that the group gives this consumer, a batch from one at a time; the next is fetched when the loop asks for it. */
export async function* consume(
  topic: string,
  { group, from = "earliest", maxMessages = Infinity, signal }: ConsumeOptions,
  options: KafkaOptions,
): AsyncGenerator<MessageBatch> {
  if (signal.aborted) return;
  if (from === "latest") await withAdmin(options, `starting group ${group} at the end of topic ${topic}`, (admin) => startAtEnd(admin, topic, group));
  const handover = createHandover<MessageBatch>();
  const eachBatch = async (payload: EachBatchPayload, fenced: () => unknown): Promise<void> => {
    const { batch } = payload;
    const commit = commitOf(topic, group, payload, member.generation, options);
    for (let at = 0; at < batch.messages.length; at += maxMessages) {
      if (!payload.isRunning() || payload.isStale()) return;
      const records = maxMessages < batch.messages.length ? batch.messages.slice(at, at + maxMessages) : batch.messages;
      const last = records.at(-1)!.offset;
      // Behind the last message there may be records that are none, as transactions leave them.
      const next = Number(at + records.length === batch.messages.length ? batch.lastOffset() : last) + 1;
      const messages = records.map((record) => new KafkaRecord(record, batch.partition));
      if (!(await handover.give({ messages, partition: batch.partition, commit: () => commit(next) }))) return;
      payload.resolveOffset(last);
      if (fenced() !== undefined) throw fenced();
    }
  };
  const member = joinGroup({ topic, group, eachBatch, onFailure: (error) => handover.fail(error) }, options);
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
