import { tmpdir } from "node:os";
import { createClient } from "@clickhouse/client";
import { Client } from "@elastic/elasticsearch";
import { createTableSql, tableOf } from "../../src/core/schema/clickhouse.ts";
import { settingsSchema } from "../../src/core/settings-schema.ts";
import { openElasticsearchServing } from "../../src/sinks/elasticsearch/serving.ts";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { messageAt, Record } from "./record.ts";
import type { Sink, Turn } from "./worker.ts";

const silent = (): void => undefined;
const log = { debug: silent, info: silent, warn: console.error, error: console.error };
const BATCH = 2_000;

/** The topic that both sides read: three partitions, gzip. */
export async function fill(url: string, name: string, records: number): Promise<void> {
  const topic = await openKafkaTopic(name, {
    brokers: [url],
    clientId: "bench",
    partitions: 3,
    replicationFactor: 1,
    retentionHours: 1,
    compression: "gzip",
    retrySeconds: 30,
    tls: false,
    caFile: undefined,
    sasl: undefined,
    log,
  });
  await using producer = await topic.producer();
  for (let at = 0; at < records; at += BATCH)
    await producer.send(Array.from({ length: Math.min(BATCH, records - at) }, (_, i) => messageAt(at + i)));
}

export interface Stores extends AsyncDisposable {
  /** Leaves an empty table or index for the bare loop; ours makes its own. */
  clear(sink: Sink, target: string): Promise<void>;
  /** What a target holds, to compare. */
  digest(sink: Sink, target: string): Promise<string>;
}

export function stores({ clickhouse, elasticsearch }: Pick<Turn, "clickhouse" | "elasticsearch">): Stores {
  const table = createClient({ url: clickhouse, keep_alive: { enabled: false } });
  const search = new Client({ node: elasticsearch });
  const indexOf = (target: string): string => (target === "bench_bare" ? target : `${target}-documents-1`);

  async function clearIndex(target: string): Promise<void> {
    await search.indices.delete({ index: indexOf(target), ignore_unavailable: true });
    if (target !== "bench_bare") return;
    // Ours makes one, whose settings and mapping the loop's gets.
    const settings = { ...settingsSchema.parse({}), ELASTICSEARCH_URL: elasticsearch };
    const alias = "bench_mapping";
    {
      const c = { settings, log, signal: new AbortController().signal, now: () => new Date() };
      await using serving = await openElasticsearchServing(c, tmpdir());
      await serving.upsert({ alias, item: Record, origin: "real", documents: none() });
    }
    const made = (await search.indices.get({ index: indexOf(alias) }))[indexOf(alias)]!;
    const { number_of_shards, number_of_replicas, refresh_interval, analysis } = made.settings!.index!;
    await search.indices.create({
      index: target,
      settings: { index: { number_of_shards, number_of_replicas, refresh_interval, analysis } as object },
      mappings: made.mappings!,
    });
    await search.indices.delete({ index: indexOf(alias) });
  }

  return {
    async clear(sink, target) {
      if (sink === "elasticsearch") await clearIndex(target);
      if (sink !== "clickhouse") return;
      await table.command({ query: `DROP TABLE IF EXISTS ${target}` });
      if (target === "bench_bare")
        await table.command({ query: createTableSql(tableOf({ name: target, item: Record, time: "at", engine: "MergeTree" }), {}) });
    },
    async digest(sink, target) {
      if (sink === "clickhouse") {
        const query = `SELECT count() AS n, uniqExact(id) AS ids, sum(price) AS price, sum(area) AS area,
          sum(cityHash64(id, toUInt32(at), kind, link, title, description)) AS hash FROM ${target}`;
        return JSON.stringify(await (await table.query({ query, format: "JSONEachRow" })).json());
      }
      const index = indexOf(target);
      await search.indices.refresh({ index });
      const { aggregations, hits } = await search.search({
        index,
        size: 0,
        track_total_hits: true,
        aggs: { price: { sum: { field: "price" } }, area: { sum: { field: "area" } }, at: { max: { field: "at" } } },
      });
      return JSON.stringify({ total: hits.total, aggregations });
    },
    async [Symbol.asyncDispose]() {
      if (!elasticsearch.endsWith(":1"))
        await search.indices.delete({ index: ["bench_ours", "bench_bare"].map(indexOf), ignore_unavailable: true });
      await search.close();
      await table.close();
    },
  };
}

// oxlint-disable-next-line require-await -- `upsert` reads an async source
async function* none(): AsyncGenerator<never> {}
