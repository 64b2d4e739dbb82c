import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { StoredMessage, TopicMessage } from "../../src/core/topic.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { asAdmin, contents, optionsOf } from "../services/kafka-broker.ts";
import { eventsInput, rowOf, type Row } from "../streams/events-input.ts";
import { listingsInput } from "./listing-input.ts";
import { compare, type Figures } from "./stream-figures.ts";

/** A stream of this project over a topic, and what must come of its messages. */
export interface System {
  stream: string;
  /** Its project's folder; undefined: this project. */
  dir?: string;
  /** Of its processes. */
  env: Record<string, string>;
  messages: readonly TopicMessage[];
  /** Sends the next so many. */
  send: (count: number) => Promise<void>;
  /** Of what is served now. */
  figures: () => Promise<Figures>;
}

export interface SystemOptions {
  /** Of the broker. */
  kafka: string;
  seed: number;
  count: number;
  partitions?: number;
  /** Settings over our own. */
  env?: Readonly<Record<string, string>>;
}

const LARGEST = 8 * 1024 * 1024;

/** Listings into an Elasticsearch, in small batches. */
export async function listingsSystem(url: string, alias: string, options: SystemOptions): Promise<System> {
  const { messages, expected, poison } = listingsInput({ seed: options.seed, count: options.count, poison: 0.01, repeats: 0.1 });
  const { topic, env, send, letters } = await place(options, messages);
  return {
    stream: "bds_listings",
    env: { ...env, BDS_TOPIC: topic, ELASTICSEARCH_URL: url, ES_INDEX: alias, STREAM_BATCH_MESSAGES: "200", ...options.env },
    messages,
    send,
    figures: async () => compare({ rows: await documents(url, alias, ["link"]), expected, letters: await letters(), poison }),
  };
}

/** What a ClickHouse must offer. */
export interface Rows {
  settings: { CLICKHOUSE_HOST: string; CLICKHOUSE_PORT: number };
  sql<Row>(query: string): Promise<Row[]>;
}

export interface EventsOptions {
  /** Of a proxy before the server. */
  port?: number;
  /** The server refuses rows of ids that end so. */
  refuses?: string;
}

/** Events into a ClickHouse. */
export async function eventsSystem(store: Rows, options: SystemOptions & EventsOptions): Promise<System> {
  const { messages, events, poison } = eventsInput({
    seed: options.seed,
    count: options.count,
    poison: 0.01,
    repeats: 0.05,
    huge: 5_000_000,
  });
  const { topic, env, send, letters } = await place(options, messages);
  const table = `e_${randomUUID().replaceAll("-", "")}`;
  const { CLICKHOUSE_HOST, CLICKHOUSE_PORT } = store.settings;
  const isRefused = (id: string): boolean => options.refuses !== undefined && id.endsWith(options.refuses);
  if (options.refuses !== undefined)
    await store.sql(
      `CREATE TABLE ${table} (event_id String, event_type String, timestamp DateTime, payload String, source String, metadata String,
        processed_at DateTime DEFAULT now(), fits UInt8 DEFAULT throwIf(endsWith(event_id, '${options.refuses}'))) ENGINE = MergeTree ORDER BY event_id`,
    );
  const poisonous = new Set(poison.map(({ value }) => value.toString("base64")));
  const refused = messages.flatMap(({ key, value, bytes }) => {
    const whole = Buffer.from(bytes ?? value);
    return isRefused(key) && !poisonous.has(whole.toString("base64")) ? [{ reason: "refused_by_store", value: whole }] : [];
  });
  return {
    stream: "stream_events",
    env: {
      ...env,
      KAFKA_TOPIC: topic,
      KAFKA_GROUP_ID: topic,
      CLICKHOUSE_HOST,
      CLICKHOUSE_PORT: String(options.port ?? CLICKHOUSE_PORT),
      CLICKHOUSE_TABLE: table,
      BATCH_INTERVAL_SECONDS: "0.5",
      ...options.env,
    },
    messages,
    send,
    async figures() {
      const found = await store.sql<Row>(
        `SELECT event_id, event_type, toUInt32(timestamp) AS seconds, payload, source, metadata FROM ${table}`,
      );
      const taken = events.filter((event) => !isRefused(event.event_id));
      const expected = new Map(taken.map((event) => [event.event_id, rowOf(event)]));
      const rows = found.map((row) => [row.event_id, row] as const);
      return compare({ rows, expected, letters: await letters(), poison: [...poison, ...refused] });
    },
  };
}

export interface Place {
  topic: string;
  env: Record<string, string>;
  send: (count: number) => Promise<void>;
  letters: () => Promise<StoredMessage[]>;
}

/** A topic of its own that takes large messages, and folders of its own; pauses are short. */
export async function place({ kafka, partitions = 3 }: SystemOptions, messages: readonly TopicMessage[]): Promise<Place> {
  const dir = mkdtempSync(join(tmpdir(), "arachne-faults-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const topic = `f-${randomUUID()}`;
  const configEntries = [{ name: "max.message.bytes", value: String(LARGEST) }];
  await asAdmin(kafka, (admin) => admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] }));
  const opened = await openKafkaTopic(topic, optionsOf(kafka, { retrySeconds: 120 }));
  const producer = await opened.producer();
  onTestFinished(async () => {
    await Promise.allSettled([producer[Symbol.asyncDispose]()]);
    await opened.close();
  });
  let sent = 0;
  return {
    topic,
    env: {
      KAFKA_BOOTSTRAP_SERVERS: kafka,
      STATE_DIR: join(dir, "state"),
      LOG_DIR: join(dir, "logs"),
      CHECKPOINT_LOCATION: join(dir, "checkpoints"),
      STREAM_RETRY_BACKOFF_SECONDS: "0.1",
      STREAM_RETRY_BACKOFF_MAX_SECONDS: "1",
      STREAM_BREAKER_SECONDS: "1",
    },
    async send(count) {
      const part = messages.slice(sent, sent + count);
      sent += part.length;
      if (part.length > 0) await producer.send(part);
    },
    async letters() {
      const dead = await openKafkaTopic(`${topic}.dead`, optionsOf(kafka));
      try {
        return await contents(dead);
      } finally {
        await dead.close();
      }
    },
  };
}

interface Page {
  _scroll_id: string;
  hits: { hits: { _source: Record<string, string> }[] };
}

/** All that stands behind a name, by the fields of its key. */
export async function documents(url: string, alias: string, key: readonly string[]): Promise<[string, object][]> {
  const ask = async (path: string, body: object): Promise<Page> => {
    const answer = await fetch(url + path, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as Page;
  };
  await fetch(`${url}/${alias}/_refresh`, { method: "POST" });
  const all: [string, object][] = [];
  let page = await ask(`/${alias}/_search?scroll=1m`, { size: 5_000, sort: ["_doc"] });
  while (page.hits.hits.length > 0) {
    for (const { _source } of page.hits.hits) all.push([key.map((name) => _source[name]).join("\u001f"), _source]);
    page = await ask("/_search/scroll", { scroll: "1m", scroll_id: page._scroll_id });
  }
  return all;
}
