/**
 * `npm run bench latency [crawls] [warm-up]`: how long from a message's append to Kafka until its document is found in Elasticsearch, while the
 * demo site is crawled and `bds_listings` runs, all with the settings as they are by default, on servers as `npm run services` starts them. The
 * broker stamps messages as it appends them; each is searched for by its link until it is found in its version, so what is measured is never too
 * short. Then `reconcile bds`. Goal: p99 < 1 s. The first crawl meets servers that were just started; those after the warm-up are told of apart.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startElasticsearch } from "../scripts/services/elasticsearch.ts";
import { startKafka } from "../scripts/services/kafka.ts";
import type { Service } from "../scripts/services/process.ts";
import { settingsSchema } from "../src/core/settings-schema.ts";
import { joined, POLL_MS, watchTopic, type Seen } from "./latency/watch.ts";
import { measure } from "./measure.ts";

const ROOT = resolve(import.meta.dirname, "..");
const BIN = join(ROOT, "bin/arachne.mjs");
const TOPIC = "batdongsan";
/** pipelines/push_to_kafka.ts: how long its first item waits for others. */
const LINGER_SECONDS = 0.2;

export default async function bench(args: readonly string[]): Promise<void> {
  const crawls = Number(args[0] ?? 5);
  const warmUp = Number(args[1] ?? 2);
  // One each: Elasticsearch's unprivileged user cannot enter a temporary folder of ours.
  const dirs = await Promise.all(["kafka", "elasticsearch", "project"].map((name) => mkdtemp(join(tmpdir(), `arachne-latency-${name}-`))));
  const services: Service[] = [];
  let stream: ChildProcess | undefined;
  try {
    const [kafka, elasticsearch] = await Promise.all([
      startKafka({ dir: dirs[0]!, quick: true, say: console.log, properties: { "log.message.timestamp.type": "LogAppendTime" } }),
      startElasticsearch({ dir: dirs[1]!, quick: true, say: console.log }),
    ]);
    services.push(kafka, elasticsearch);
    const env = environment(dirs[2]!, kafka.url, elasticsearch.url);
    stream = spawn(process.execPath, [BIN, "stream", "run", "bds_listings"], {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: "ignore",
    });
    const { ELASTICSEARCH_REFRESH_INTERVAL: refresh, STREAM_TRIGGER_SECONDS: trigger } = settingsSchema.parse({});
    console.log(
      `refresh interval ${refresh}, linger of push_to_kafka ${LINGER_SECONDS} s (before the append), stream trigger ${trigger} s, a search every ${POLL_MS} ms`,
    );
    await joined(kafka.url, "bds_listings.serving");
    const watch = await watchTopic(kafka.url, TOPIC, elasticsearch.url, TOPIC);
    let warm = 0;
    for (let crawl = 1; crawl <= crawls; crawl++) {
      const from = watch.seen.length;
      if (crawl <= warmUp + 1) warm = from;
      const { wall, stdout } = await measure(process.execPath, [BIN, "crawl", "bds_spider", "--json"], { cwd: ROOT, env });
      const { stored } = JSON.parse(stdout) as { stored: number };
      while (watch.seen.length < from + stored) await sleep(50);
      report(`crawl ${crawl}: ${stored} listings in ${wall.toFixed(1)} s`, watch.seen.slice(from));
    }
    report("all", watch.seen);
    report(`from crawl ${warmUp + 1} on`, watch.seen.slice(warm));
    await watch.stop();
    const { stdout } = await measure(process.execPath, [BIN, "reconcile", "bds", "--json", "--wait", "30"], { cwd: ROOT, env });
    const { differing, servedDocuments } = JSON.parse(stdout) as { differing: number; servedDocuments: number };
    console.log(`reconcile bds: ${servedDocuments} documents, ${differing} differences`);
  } finally {
    if (stream !== undefined && stream.exitCode === null) {
      stream.kill("SIGTERM");
      await once(stream, "exit");
    }
    await Promise.all(services.map((service) => service.stop()));
    for (const dir of dirs) await rm(dir, { recursive: true, force: true });
  }
}

function environment(dir: string, kafka: string, elasticsearch: string): Record<string, string> {
  const places = { STATE_DIR: "state", BATCH_OUTPUT_DIR: "in", BATCH_ARCHIVE_DIR: "archive", OUTPUT_PATH: "out", LOG_DIR: "logs" };
  return {
    ...Object.fromEntries(Object.entries(places).map(([name, value]) => [name, join(dir, value)])),
    BDS_START_URL: "demo",
    KAFKA_BOOTSTRAP_SERVERS: kafka,
    ELASTICSEARCH_URL: elasticsearch,
  };
}

function report(what: string, seen: readonly Seen[]): void {
  const line = (name: keyof Seen): string => {
    const sorted = seen.map((s) => s[name]).sort((a, b) => a - b);
    const at = (share: number): string => `${sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0} ms`;
    return `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, longest ${at(1)}`;
  };
  console.log(`${what}\n  append to searchable: ${line("fromAppend")}\n  page's fetch to searchable: ${line("fromFetch")}`);
}
