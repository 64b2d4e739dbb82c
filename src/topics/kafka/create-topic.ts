import kafkajs, { type Admin } from "kafkajs";
import type { KafkaOptions } from "./options.ts";

const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;
/** Room for the headers of a dead letter. */
const MORE_BYTES = 64 * 1024;

/** Makes the topic where it is missing, and tells the largest batch that it takes, in bytes. */
export async function ensureTopic(admin: Admin, topic: string, options: KafkaOptions): Promise<{ maxMessageBytes: number }> {
  if (!(await admin.listTopics()).includes(topic)) await create(admin, topic, options);
  return { maxMessageBytes: await maxMessageBytes(admin, topic) };
}

async function create(admin: Admin, topic: string, options: KafkaOptions): Promise<void> {
  const { partitions, replicationFactor, retentionHours, as, log } = options;
  const largest = as === undefined ? 0 : await maxMessageBytes(admin, as);
  // false: another process was quicker
  const created = await admin.createTopics({
    topics: [
      {
        topic,
        numPartitions: partitions,
        ...(replicationFactor === undefined ? {} : { replicationFactor }),
        configEntries: [
          { name: "retention.ms", value: String(retentionHours > 0 ? Math.round(retentionHours * 3_600_000) : -1) },
          ...(largest > DEFAULT_MAX_MESSAGE_BYTES ? [{ name: "max.message.bytes", value: String(largest + MORE_BYTES) }] : []),
        ],
      },
    ],
  });
  if (created) log.info(`kafka: created topic ${topic}`, { partitions });
}

async function maxMessageBytes(admin: Admin, topic: string): Promise<number> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ["max.message.bytes"] }],
    });
    return Number(resources[0]?.configEntries[0]?.configValue ?? DEFAULT_MAX_MESSAGE_BYTES);
  } catch {
    return DEFAULT_MAX_MESSAGE_BYTES; // a right of its own (DescribeConfigs), which who may only write has not
  }
}
