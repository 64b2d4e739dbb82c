import type { SASLOptions } from "kafkajs";
import type { Logger } from "../../core/context.ts";

/** How Kafka is reached, and how topics that are missing are made. */
export interface KafkaOptions {
  /** host:port of one or several brokers. */
  brokers: readonly string[];
  clientId: string;
  /** Of a topic that is created; a topic that exists keeps what it has. */
  partitions: number;
  /** Of a topic that is created; undefined: the brokers' default. */
  replicationFactor: number | undefined;
  /** Of a topic that is created; 0: for ever. */
  retentionHours: number;
  /** Of a topic that is created: it takes what stands in this one, with some headers more; undefined: what the brokers say. */
  as?: string | undefined;
  compression: "gzip" | "none";
  /** How long brokers that do not answer are tried again. */
  retrySeconds: number;
  tls: boolean;
  /** PEM file; undefined: the system's authorities. */
  caFile: string | undefined;
  sasl: SaslOptions | undefined;
  log: Logger;
}

export type SaslOptions = Extract<SASLOptions, { mechanism: "plain" | "scram-sha-256" | "scram-sha-512" }>;
