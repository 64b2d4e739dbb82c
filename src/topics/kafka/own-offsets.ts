import type { Admin, Consumer } from "kafkajs";
import { topicBehind, topicMadeAnew } from "../../core/topic-errors.ts";
import { withAdmin } from "./admin.ts";
import { isFenced } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";

export interface OwnOffsets {
  topic: string;
  group: string;
  consumer: Consumer;
  /** The next offset of each partition that was just assigned. */
  offsets: ReadonlyMap<number, number>;
  /** See `ConsumeOptions.resumeTime`. */
  timeOf: (partition: number) => number | undefined;
  /** Whether the assignment still stands. */
  current: () => boolean;
}

/**
 * Sets the group's offsets to those that the consumer keeps itself, and goes on from there. Until that is done nothing of
 * these partitions is fetched.
 * @throws CriticalError `topic_behind` when the topic ends before such an offset, `topic_made_anew`
 */
export async function goOnFromOwn(own: OwnOffsets, options: KafkaOptions): Promise<void> {
  const { topic, consumer, offsets, current } = own;
  const partitions = [...offsets.keys()];
  consumer.pause([{ topic, partitions }]);
  await withAdmin(options, `asking whether topic ${topic} is the one that was read`, (admin) => refuseAnother(admin, own));
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

async function refuseAnother(admin: Admin, { topic, group, offsets, timeOf }: OwnOffsets): Promise<void> {
  for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
    const next = offsets.get(partition) ?? 0;
    if (next > Number(high)) throw topicBehind(`${topic} ends before message ${next} of partition ${partition}`, group);
  }
  const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  for (const { partition, offset } of committed?.partitions ?? []) {
    const [next, latest] = [offsets.get(partition), timeOf(partition)];
    if (Number(offset) >= 0 || next === undefined || latest === undefined) continue;
    const later = await admin.fetchTopicOffsetsByTimestamp(topic, latest + 1);
    if (Number(later.find((place) => place.partition === partition)?.offset ?? next) < next)
      throw topicMadeAnew(`${topic} has messages before ${next} of partition ${partition} that are later than what was read`, group);
  }
}
