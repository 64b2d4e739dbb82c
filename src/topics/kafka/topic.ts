import type { Topic } from "../../core/topic.ts";
import { withAdmin } from "./admin.ts";
import { consume } from "./consume.ts";
import { ensureTopic } from "./create-topic.ts";
import { lagOf } from "./look.ts";
import type { KafkaOptions } from "./options.ts";
import { createProducer } from "./producer.ts";
import { endOf, parsePosition, placeAt, positionOf, startOf } from "./position.ts";
import { read } from "./read.ts";

/**
 * The topic kind on Kafka (3.9 and 4.4 are tested); a topic that is missing is made. Messages of one key are in one partition and in order there.
 * @throws SettingsError where it may not be used or made, TransientError when no broker answers in KAFKA_RETRY_SECONDS
 */
export async function openKafkaTopic(name: string, options: KafkaOptions): Promise<Topic> {
  const { maxMessageBytes } = await withAdmin(options, `opening topic ${name}`, (admin) => ensureTopic(admin, name, options));
  return {
    name,
    producer: () => createProducer(name, maxMessageBytes, options),
    consume: (consumeOptions) => consume(name, consumeOptions, options),
    start: () => startOf(name, options),
    end: () => endOf(name, options),
    at: (time) => placeAt(name, time, options),
    offsets: (position) => parsePosition(name, position),
    position: positionOf,
    read: (readOptions) => read(name, readOptions, options),
    expire: () => Promise.resolve(0),
    lag: (group) => withAdmin(options, `asking for the lag of group ${group} on topic ${name}`, (admin) => lagOf(admin, name, group)),
    close: () => Promise.resolve(),
  };
}

/** Kafka's own topics left out. */
export async function kafkaTopicNames(options: KafkaOptions): Promise<string[]> {
  const names = await withAdmin(options, "listing the topics", (admin) => admin.listTopics());
  return names.filter((name) => !name.startsWith("__")).sort();
}
