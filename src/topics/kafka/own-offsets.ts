import type { Consumer } from "kafkajs";
import { CriticalError } from "../../core/errors.ts";
import { withAdmin } from "./admin.ts";
import { isFenced } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";

export interface OwnOffsets {
  topic: string;
  group: string;
  consumer: Consumer;
  /** The next offset of each partition that was just assigned. */
  offsets: ReadonlyMap<number, number>;
  /** Whether the assignment still stands. */
  current: () => boolean;
}

/**
 * Sets the group's offsets to those that the consumer keeps itself, and goes on from there. Until that is done nothing of
 * these partitions is fetched.
 * @throws CriticalError `topic_behind` when the topic ends before such an offset
 */
export async function goOnFromOwn({ topic, group, consumer, offsets, current }: OwnOffsets, options: KafkaOptions): Promise<void> {
  const partitions = [...offsets.keys()];
  consumer.pause([{ topic, partitions }]);
  const ends = await withAdmin(options, `asking for the end of topic ${topic}`, (admin) => admin.fetchTopicOffsets(topic));
  for (const { partition, high } of ends)
    if ((offsets.get(partition) ?? 0) > Number(high))
      throw new CriticalError(
        "topic_behind",
        `topic: ${topic} ends before message ${offsets.get(partition)} of partition ${partition}, from which group ${group} is to go on: it is not the topic that was read before; begin anew, or bring the former one back`,
      );
  if (!current()) return;
  const places = [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }));
  try {
    await consumer.commitOffsets(places);
  } catch (error) {
    if (isFenced(error)) return; // shared out anew: asked again
    throw error;
  }
  if (!current()) return;
  for (const place of places) consumer.seek(place);
  consumer.resume([{ topic, partitions }]);
}
