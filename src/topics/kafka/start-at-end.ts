import { withAdmin } from "./admin.ts";
import { connectTo } from "./client.ts";
import { kafkaError } from "./errors.ts";
import type { KafkaOptions } from "./options.ts";

/** kafkajs commits what was sought at its next fetch, which for partitions that are paused comes after this long. */
const FETCH_MS = 50;

/** Commits the topic's present end for a group that has no offset there yet; if others of it run already, they have seen to it. */
export async function startAtEnd(topic: string, groupId: string, options: KafkaOptions): Promise<void> {
  const action = `starting group ${groupId} at the end of topic ${topic}`;
  const ends = await withAdmin(options, action, async (admin) => {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    if (committed?.partitions.some(({ offset }) => Number(offset) >= 0)) return [];
    const { groups } = await admin.describeGroups([groupId]);
    return groups[0]?.members.length ? [] : admin.fetchTopicOffsets(topic);
  });
  if (ends.length === 0) return;
  const consumer = connectTo(options).consumer({ groupId, maxWaitTimeInMs: FETCH_MS, allowAutoTopicCreation: false });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.FETCH, () => resolve());
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer.run({ eachBatch: () => Promise.resolve() }).catch(reject);
      consumer.pause([{ topic }]);
      for (const { partition, high } of ends) consumer.seek({ topic, partition, offset: high });
    });
  } catch (error) {
    throw kafkaError(action, error, options);
  } finally {
    await consumer.disconnect().catch(() => {});
  }
}
