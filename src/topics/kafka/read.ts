import { randomUUID } from "node:crypto";
import type { Consumer, EachBatchPayload } from "kafkajs";
import { ArachneError } from "../../core/errors.ts";
import type { ReadOptions, StoredMessage, TopicOffsets } from "../../core/topic.ts";
import { createHandover } from "./handover.ts";
import { joinGroup } from "./member.ts";
import { toMessages } from "./message.ts";
import type { KafkaOptions } from "./options.ts";
import { offsetsOf, parsePosition } from "./position.ts";

const CHECK_MS = 5_000;

/**
 * Kafka's protocol reads without a group, kafkajs does not: this joins one of its own under a name that nobody else has,
 * commits nothing, and leaves; a broker forgets an empty group without offsets.
 */
export async function* read(
  topic: string,
  { from, to, signal }: ReadOptions,
  options: KafkaOptions,
): AsyncGenerator<readonly StoredMessage[]> {
  const { low, high } = await offsetsOf(topic, options);
  const start = from === undefined ? low : parsePosition(topic, from);
  const end = to === undefined ? high : parsePosition(topic, to);
  /** Where each partition is; it leaves when it has reached its end. A partition that `from` does not know was added later. */
  const at = new Map([...end].map(([partition]) => [partition, start.get(partition) ?? low.get(partition) ?? 0]));
  for (const [partition, offset] of at) if (offset >= (end.get(partition) ?? 0)) at.delete(partition);
  refuseExpired(topic, at, low);
  if (at.size === 0 || signal.aborted) return;

  const handover = createHandover<readonly StoredMessage[]>();
  const eachBatch = async (payload: EachBatchPayload, fenced: () => unknown): Promise<void> => {
    const { partition, messages } = payload.batch;
    const until = end.get(partition) ?? 0;
    const wanted = messages.filter(({ offset }) => Number(offset) < until && Number(offset) >= (at.get(partition) ?? Infinity));
    if (wanted.length > 0) {
      // Before it is handed over: after a rebalance or a restart kafkajs fetches from what it has committed, which is nothing.
      at.set(partition, Number(wanted.at(-1)!.offset) + 1);
      if (!(await handover.give(toMessages(wanted, partition)))) return;
    }
    payload.resolveOffset(payload.batch.lastOffset());
    if (fenced() !== undefined) throw fenced();
  };
  const onAssigned = (consumer: Consumer, partitions: readonly number[]): void => {
    for (const partition of partitions) {
      const offset = at.get(partition);
      if (offset === undefined) consumer.pause([{ topic, partitions: [partition] }]);
      else consumer.seek({ topic, partition, offset: String(offset) });
    }
  };
  const group = `${options.clientId}-read-${randomUUID()}`;
  const member = joinGroup({ topic, group, eachBatch, onAssigned, onFailure: (error) => handover.fail(error) }, options);
  const { consumer } = member;
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
    if (Number(lastOffset) + 1 < (end.get(partition) ?? 0)) return;
    at.delete(partition);
    consumer.pause([{ topic, partitions: [partition] }]);
    if (at.size === 0) handover.end();
  });
  const stop = (): void => handover.end();
  signal.addEventListener("abort", stop, { once: true });
  // Retention may take what is yet to be read; its partition would then be waited for without end.
  const check = setInterval(() => {
    offsetsOf(topic, options)
      .then(({ low }) => refuseExpired(topic, at, low))
      .catch((error: unknown) => handover.fail(error as Error));
  }, CHECK_MS);
  try {
    for (let batch = await handover.take(); batch !== undefined; batch = await handover.take()) yield batch;
  } finally {
    clearInterval(check);
    signal.removeEventListener("abort", stop);
    handover.leave();
    await member.stop();
  }
}

function refuseExpired(topic: string, at: TopicOffsets, low: TopicOffsets): void {
  for (const [partition, offset] of at) {
    const oldest = low.get(partition) ?? 0;
    if (offset < oldest)
      throw new ArachneError(
        "topic_expired",
        `topic: ${topic} has lost messages ${offset} to ${oldest - 1} of partition ${partition} to its retention before they were read: read it from its start`,
      );
  }
}
