import { ArachneError, CriticalError, describeError, RejectedError, SettingsError, TransientError } from "../../core/errors.ts";
import type { KafkaOptions } from "./options.ts";

/** What kafkajs's errors have, some of them each. */
interface Facts {
  type?: unknown;
  code?: unknown;
  broker?: unknown;
  name?: unknown;
}

const SETTINGS: Readonly<Record<string, string>> = {
  TOPIC_AUTHORIZATION_FAILED:
    "this user may not use the topic: have an administrator allow Describe, Read and Write on it (and Create, or make it for you)",
  GROUP_AUTHORIZATION_FAILED: "this user may not use the consumer group: have an administrator allow Read on it",
  CLUSTER_AUTHORIZATION_FAILED:
    "this user may not do that on the cluster: have an administrator allow it (IdempotentWrite, or Create for topics that are missing)",
  POLICY_VIOLATION:
    "the cluster's policy refuses such a topic: make it by hand, or change KAFKA_TOPIC_PARTITIONS and KAFKA_REPLICATION_FACTOR",
  INVALID_REPLICATION_FACTOR: "there are fewer brokers than KAFKA_REPLICATION_FACTOR: lower it",
  INVALID_PARTITIONS: "the brokers refuse KAFKA_TOPIC_PARTITIONS: lower it",
  INVALID_TOPIC_EXCEPTION: 'a topic\'s name may only have up to 249 letters, digits, "_", "-" and "."',
  UNSUPPORTED_SASL_MECHANISM: "the brokers do not know this KAFKA_SASL_MECHANISM: choose one that they do",
  ILLEGAL_SASL_STATE: "the brokers did not expect this KAFKA_SASL_MECHANISM: choose one that they do",
  SASL_AUTHENTICATION_FAILED: "check KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD and KAFKA_SASL_MECHANISM",
};

/**
 * An error of kafkajs as one of ours.
 * @param action what failed, as "sending to topic t"
 */
export function kafkaError(action: string, error: unknown, { brokers }: Pick<KafkaOptions, "brokers">): ArachneError {
  if (error instanceof ArachneError) return error;
  const chain = [...causes(error)];
  const type = first(chain, (e) => (typeof e.type === "string" ? e.type : undefined));
  const broker = first(chain, (e) => (typeof e.broker === "string" ? e.broker : undefined)) ?? brokers.join(",");
  const say = (what: string): string => `kafka: ${action} at ${broker}: ${what}`;
  const options = { cause: error };

  if (type !== undefined && SETTINGS[type] !== undefined) return new SettingsError("kafka_refused", say(SETTINGS[type]), options);
  if (chain.some((e) => e.name === "KafkaJSSASLAuthenticationError"))
    return new SettingsError("kafka_authentication", say(SETTINGS["SASL_AUTHENTICATION_FAILED"]!), options);
  if (chain.some((e) => typeof e.code === "string" && /CERT|SELF_SIGNED|ERR_TLS/.test(e.code)) || /certificate/i.test(describeError(error)))
    return new SettingsError(
      "kafka_certificate",
      say("the broker's certificate is not trusted: name its authority in KAFKA_SSL_CA_FILE"),
      options,
    );
  if (/wrong version number|before secure TLS connection/i.test(describeError(error)))
    return new SettingsError("kafka_tls", say("the broker does not speak TLS there: check its port and KAFKA_SECURITY_PROTOCOL"), options);
  if (type === "MESSAGE_TOO_LARGE" || type === "RECORD_LIST_TOO_LARGE")
    return new RejectedError(
      "kafka_message_too_large",
      say("a message is larger than the topic's max.message.bytes: raise that, or make it smaller"),
      options,
    );
  if (type === "UNKNOWN_TOPIC_OR_PARTITION")
    return new CriticalError("kafka_topic_gone", say("the topic is there no more (was it deleted?): run again to make it anew"), options);
  if (type === "UNSUPPORTED_VERSION" || chain.some((e) => e.name === "KafkaJSServerDoesNotSupportApiKey"))
    return new SettingsError(
      "kafka_version",
      say("the brokers and this client share no version of the protocol: use Kafka 3.9 to 4.4, which are tested"),
      options,
    );
  if (chain.some((e) => e.name === "KafkaJSNotImplemented"))
    return new CriticalError(
      "kafka_compression",
      say("the topic holds batches in a compression that this client cannot read: have its producers use gzip or none"),
      options,
    );
  return new TransientError(
    "kafka_unavailable",
    say("no answer that could be used: see that the brokers run, and check KAFKA_BOOTSTRAP_SERVERS and KAFKA_SECURITY_PROTOCOL"),
    options,
  );
}

/** The broker no longer takes this member's word: others may own its partitions by now. */
export function isFenced(error: unknown): boolean {
  return [...causes(error)].some(({ type }) =>
    ["REBALANCE_IN_PROGRESS", "NOT_COORDINATOR_FOR_GROUP", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "FENCED_INSTANCE_ID"].includes(
      String(type),
    ),
  );
}

/** The broker's and our count of what this producer sent differ. */
export function isOutOfSequence(error: unknown): boolean {
  return [...causes(error)].some(({ type }) =>
    [
      "OUT_OF_ORDER_SEQUENCE_NUMBER",
      "DUPLICATE_SEQUENCE_NUMBER",
      "UNKNOWN_PRODUCER_ID",
      "INVALID_PRODUCER_EPOCH",
      "INVALID_PRODUCER_ID_MAPPING",
    ].includes(String(type)),
  );
}

function* causes(error: unknown): Generator<Facts> {
  for (let e: unknown = error, depth = 0; typeof e === "object" && e !== null && depth < 10; depth++) {
    yield e;
    if ("errors" in e && Array.isArray(e.errors)) for (const one of e.errors) yield* causes(one);
    e = "cause" in e ? e.cause : undefined;
  }
}

function first<T>(chain: readonly Facts[], pick: (e: Facts) => T | undefined): T | undefined {
  for (const e of chain) {
    const value = pick(e);
    if (value !== undefined) return value;
  }
  return undefined;
}
