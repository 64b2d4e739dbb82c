import { SettingsError } from "../../core/errors.ts";
import type { TopicOffsets, TopicPosition } from "../../core/topic.ts";
import { withAdmin } from "./admin.ts";
import type { KafkaOptions } from "./options.ts";

/** `0:17,1:4,2:0`: the next offset of each partition. */
export async function endOf(topic: string, options: KafkaOptions): Promise<TopicPosition> {
  return positionOf((await offsetsOf(topic, options)).high);
}

/** `0:3,1:0,2:0`: the oldest offset of each partition. */
export async function startOf(topic: string, options: KafkaOptions): Promise<TopicPosition> {
  return positionOf((await offsetsOf(topic, options)).low);
}

/** By the brokers' index of times; a partition that has nothing so late is at its end. */
export async function placeAt(topic: string, time: number, options: KafkaOptions): Promise<TopicPosition> {
  const places = await withAdmin(options, `asking where topic ${topic} was at a time`, (admin) =>
    admin.fetchTopicOffsetsByTimestamp(topic, time),
  );
  return positionOf(sorted(places.map(({ partition, offset }) => [partition, Number(offset)])));
}

export async function offsetsOf(topic: string, options: KafkaOptions): Promise<{ low: TopicOffsets; high: TopicOffsets }> {
  const offsets = await withAdmin(options, `asking for the offsets of topic ${topic}`, (admin) => admin.fetchTopicOffsets(topic));
  const by = (side: "low" | "high"): TopicOffsets => sorted(offsets.map((o) => [o.partition, Number(o[side])]));
  return { low: by("low"), high: by("high") };
}

function sorted(pairs: readonly (readonly [partition: number, offset: number])[]): TopicOffsets {
  return new Map([...pairs].sort(([a], [b]) => a - b));
}

export function positionOf(offsets: TopicOffsets): TopicPosition {
  return [...offsets].map(([partition, offset]) => `${partition}:${offset}`).join(",");
}

/** @throws SettingsError `topic_position` */
export function parsePosition(topic: string, position: TopicPosition): TopicOffsets {
  if (!/^\d+:\d+(,\d+:\d+)*$/.test(position))
    throw new SettingsError(
      "topic_position",
      `kafka: reading topic ${topic} at ${JSON.stringify(position)}: that is no place in a Kafka topic (0:17,1:4): was it kept from the embedded one? Read from the start`,
    );
  return new Map(position.split(",").map((part) => part.split(":").map(Number) as [number, number]));
}
