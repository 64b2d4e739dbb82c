import { readdirSync } from "node:fs";
import type { Context, Logger } from "../core/context.ts";
import { SettingsError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import type { Topic } from "../core/topic.ts";
import { openEmbeddedTopic } from "../topics/embedded.ts";
import type { KafkaOptions, SaslOptions } from "../topics/kafka/options.ts";

/**
 * Opens a topic by name, in the implementation that the settings choose: Kafka under KAFKA_BOOTSTRAP_SERVERS, else the embedded log.
 * @param as where it is made anew: another topic whose messages it must be able to take
 */
export async function openTopic(name: string, c: Pick<Context, "settings" | "now" | "log">, as?: string): Promise<Topic> {
  const { KAFKA_BOOTSTRAP_SERVERS, TOPIC_DIR, TOPIC_RETENTION_HOURS } = c.settings;
  if (KAFKA_BOOTSTRAP_SERVERS === undefined)
    return openEmbeddedTopic({ dir: TOPIC_DIR, name, retentionHours: TOPIC_RETENTION_HOURS, now: c.now, log: c.log });
  // Loaded where it is needed only: the client takes 60 ms of a start.
  const { openKafkaTopic } = await import("../topics/kafka/topic.ts");
  return openKafkaTopic(name, { ...kafkaOptions(KAFKA_BOOTSTRAP_SERVERS, c.settings, c.log), as });
}

/** @throws SettingsError when settings contradict each other */
export function kafkaOptions(servers: string, s: Settings, log: Logger): KafkaOptions {
  const tls = s.KAFKA_SECURITY_PROTOCOL.endsWith("SSL");
  return {
    brokers: servers.split(",").map((server) => server.trim()),
    clientId: s.KAFKA_CLIENT_ID,
    partitions: s.KAFKA_TOPIC_PARTITIONS,
    replicationFactor: s.KAFKA_REPLICATION_FACTOR,
    retentionHours: s.TOPIC_RETENTION_HOURS,
    compression: s.KAFKA_COMPRESSION,
    retrySeconds: s.KAFKA_RETRY_SECONDS,
    tls,
    caFile: s.KAFKA_SSL_CA_FILE,
    sasl: saslOptions(s),
    log,
  };
}

function saslOptions({
  KAFKA_SECURITY_PROTOCOL,
  KAFKA_SASL_MECHANISM,
  KAFKA_SASL_USERNAME,
  KAFKA_SASL_PASSWORD,
}: Settings): SaslOptions | undefined {
  if (!KAFKA_SECURITY_PROTOCOL.startsWith("SASL_")) {
    if (KAFKA_SASL_USERNAME !== undefined || KAFKA_SASL_PASSWORD !== undefined)
      throw new SettingsError(
        "kafka_sasl_unused",
        `kafka: KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD is set but KAFKA_SECURITY_PROTOCOL=${KAFKA_SECURITY_PROTOCOL} sends neither: set SASL_SSL or SASL_PLAINTEXT`,
      );
    return undefined;
  }
  if (KAFKA_SASL_USERNAME === undefined || KAFKA_SASL_PASSWORD === undefined)
    throw new SettingsError(
      "kafka_sasl_missing",
      `kafka: KAFKA_SECURITY_PROTOCOL=${KAFKA_SECURITY_PROTOCOL} needs a user: set KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD`,
    );
  return {
    mechanism: KAFKA_SASL_MECHANISM.toLowerCase() as SaslOptions["mechanism"],
    username: KAFKA_SASL_USERNAME,
    password: KAFKA_SASL_PASSWORD,
  };
}

/** Names of the topics that there are, and may be seen. */
export async function listTopics(c: Pick<Context, "settings" | "log">): Promise<string[]> {
  const { KAFKA_BOOTSTRAP_SERVERS } = c.settings;
  if (KAFKA_BOOTSTRAP_SERVERS === undefined) return topicNames(c.settings);
  const { kafkaTopicNames } = await import("../topics/kafka/topic.ts");
  return kafkaTopicNames(kafkaOptions(KAFKA_BOOTSTRAP_SERVERS, c.settings, c.log));
}

/** Names of the topics in the embedded log. */
export function topicNames({ TOPIC_DIR }: Settings): string[] {
  try {
    return readdirSync(TOPIC_DIR)
      .filter((file) => file.endsWith(".db"))
      .map((file) => file.slice(0, -".db".length))
      .sort();
  } catch {
    return []; // no folder yet
  }
}

/** Removes the messages of every topic that are older than TOPIC_RETENTION_HOURS; how many, by topic. Kafka's brokers do so themselves. */
export async function expireTopics(c: Pick<Context, "settings" | "now" | "log">): Promise<Record<string, number>> {
  const removed: Record<string, number> = {};
  if (c.settings.KAFKA_BOOTSTRAP_SERVERS !== undefined) return removed;
  for (const name of topicNames(c.settings)) {
    const topic = await openTopic(name, c);
    try {
      removed[name] = await topic.expire();
    } finally {
      await topic.close();
    }
  }
  return removed;
}
