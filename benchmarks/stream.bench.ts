/**
 * `npm run bench stream [records] [rounds] [sinks]`: records of 1 kB from Kafka through our stream (decode, validate, a stage, sink, commit)
 * beside a bare kafkajs loop that parses them and does the same write; sinks: none (the records are counted), clickhouse, elasticsearch.
 * Alternating, each run its own process; what arrived is compared. Goal: 70 % of the bare loop's records a CPU second, below 300 MB.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startClickHouse } from "../scripts/services/clickhouse.ts";
import { startElasticsearch } from "../scripts/services/elasticsearch.ts";
import { startKafka } from "../scripts/services/kafka.ts";
import { median } from "./measure.ts";
import { fill, stores } from "./stream/stores.ts";
import type { Sink, Turn } from "./stream/worker.ts";

interface Taken {
  cpu: number;
  wall: number;
  rss: number;
  /** Of the prices, where no store keeps the records. */
  sum: string | undefined;
}

const exec = promisify(execFile);
const worker = fileURLToPath(import.meta.resolve("./stream/worker.ts"));
const SINKS: readonly Sink[] = ["none", "clickhouse", "elasticsearch"];
const SIDES = ["ours", "bare"] as const;

export default async function bench(args: readonly string[]): Promise<void> {
  const records = Number(args[0] ?? 200_000);
  const rounds = Number(args[1] ?? 4);
  const sinks = SINKS.filter((sink) => args[2]?.split(",").includes(sink) ?? true);
  const dirs: string[] = [];
  const stops: (() => Promise<unknown>)[] = [];
  const dir = async (name: string): Promise<string> => {
    const made = await mkdtemp(join(tmpdir(), `arachne-bench-${name}-`));
    dirs.push(made);
    return made;
  };
  try {
    const kafka = await startKafka({ dir: await dir("kafka"), say: console.log });
    stops.push(() => kafka.kill());
    const clickhouse = sinks.includes("clickhouse") ? await startClickHouse({ dir: await dir("clickhouse"), say: console.log }) : undefined;
    stops.push(async () => clickhouse?.kill());
    const given = process.env["ARACHNE_TEST_ELASTICSEARCH_URL"];
    const own = sinks.includes("elasticsearch") && !given;
    const elasticsearch = own ? await startElasticsearch({ dir: await dir("elasticsearch"), say: console.log }) : undefined;
    stops.push(async () => elasticsearch?.kill());
    const places = {
      kafka: kafka.url,
      clickhouse: clickhouse?.url ?? "http://127.0.0.1:1",
      elasticsearch: given || (elasticsearch?.url ?? "http://127.0.0.1:1"),
    };
    await fill(kafka.url, "bench", records);
    await using there = stores(places);
    for (const sink of sinks) {
      const taken: Record<string, Taken[]> = { ours: [], bare: [] };
      // One round more, to warm up the brokers' and the stores' files and code.
      for (let round = 0; round <= rounds; round++) {
        const found: Record<string, string> = {};
        for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
          const turn: Turn = {
            ...places,
            topic: "bench",
            records,
            group: `${side}-${sink}-${round}`,
            target: `bench_${side}`,
            dir: await dir("state"),
          };
          await there.clear(sink, turn.target);
          const one = await measured(side, sink, turn);
          found[side] = one.sum ?? (await there.digest(sink, turn.target));
          if (round > 0) taken[side]!.push(one);
        }
        if (found["ours"] !== found["bare"]) throw new Error(`${sink}: ours ${found["ours"]}, bare ${found["bare"]}`);
        if (round > 0) console.log(`${sink}, round ${round}: ours ${show(taken["ours"]!.at(-1)!)}; bare ${show(taken["bare"]!.at(-1)!)}`);
        else console.log(`${sink}: both wrote ${found["ours"]}`);
      }
      console.log(summary(sink, records, taken));
    }
  } finally {
    for (const stop of stops.reverse()) await stop();
    for (const made of dirs) await rm(made, { recursive: true, force: true });
  }
}

async function measured(side: string, sink: Sink, turn: Turn): Promise<Taken> {
  // As src/cli/stream.ts has it.
  const node = side === "ours" ? ["--heap-growing-percent=200"] : [];
  const { stdout, stderr } = await exec(process.execPath, [...node, "--import", "tsx", worker, side, sink, JSON.stringify(turn)]);
  return { ...(JSON.parse(stdout) as Omit<Taken, "sum">), sum: /^sum \d+$/m.exec(stderr)?.[0] };
}

function show({ cpu, wall, rss }: Taken): string {
  return `${cpu.toFixed(2)} CPU s, ${wall.toFixed(1)} s, ${rss.toFixed(0)} MB`;
}

function summary(sink: Sink, records: number, taken: Readonly<Record<string, readonly Taken[]>>): string {
  const rate = (side: string): number => records / median(taken[side]!.map((t) => t.cpu));
  const peak = (side: string): string => Math.max(...taken[side]!.map((t) => t.rss)).toFixed(0);
  const of = (side: string): string => `${Math.round(rate(side)).toLocaleString("en-US")} records a CPU second (${peak(side)} MB)`;
  return `${sink}: ours ${of("ours")}, bare ${of("bare")}: ${((100 * rate("ours")) / rate("bare")).toFixed(0)} %`;
}
