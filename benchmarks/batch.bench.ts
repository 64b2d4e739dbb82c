/**
 * `npm run bench batch [rows] [rounds]`: generated listings as JSON lines (about 350 bytes each, 20 % crawled again, 5 % bad) through
 * bds_batch, on DuckDB and on Spark local[2] in turns; each run of DuckDB a process of its own, each of Spark with a server of its own. CPU seconds of all
 * processes, Spark's start counted apart; peak memory of all of them. What they write is compared. Then DuckDB once more with 1 GB.
 * Goal: DuckDB takes at most a fifth of Spark's CPU seconds at 10 M, in 2 GB.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import { startSparkConnect } from "../scripts/services/spark.ts";
import { settingsSchema } from "../src/core/settings-schema.ts";
import { writeListings } from "./batch/generate.ts";
import { groupUsage } from "./batch/process-tree.ts";
import { median } from "./measure.ts";

interface Phase {
  cpu: number;
  wall: number;
  rss: number;
}

interface Run {
  /** Clean, dedup, Parquet by province, statistics, changes. */
  tables: Phase;
  /** And all rows and documents for the serving store. */
  documents: Phase;
  /** CPU seconds of the server until it answered. */
  start: number;
  output: unknown;
}

const worker = join(import.meta.dirname, "batch", "run.ts");

export default async function bench(args: readonly string[]): Promise<void> {
  const rows = Number(args[0] ?? 1_000_000);
  const rounds = Number(args[1] ?? 2);
  const dir = mkdtempSync(join(tmpdir(), "arachne-bench-batch-"));
  const runs: Record<"duckdb" | "spark", Run[]> = { duckdb: [], spark: [] };
  try {
    const file = join(dir, "listings.jsonl");
    const bytes = writeListings(file, rows);
    console.log(
      `${rows.toLocaleString("en-US")} listings, ${(bytes / 1e9).toFixed(2)} GB of JSON lines, ${Math.round(bytes / rows)} bytes each`,
    );
    let output: unknown;
    const keep = (name: string, run: Run): Run => {
      output ??= run.output;
      if (!isDeepStrictEqual(run.output, output)) throw new Error(`${name} wrote something else: ${JSON.stringify([output, run.output])}`);
      print(name, run);
      return run;
    };
    for (let round = 0; round < rounds; round++)
      for (const engine of round % 2 === 0 ? (["duckdb", "spark"] as const) : (["spark", "duckdb"] as const))
        runs[engine].push(keep(engine, await (engine === "duckdb" ? duckdb(dir, file) : spark(dir, file))));
    keep("duckdb, 1 GB", await duckdb(dir, file, "1GB"));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  for (const phase of ["tables", "documents"] as const) {
    const cpu = (engine: "duckdb" | "spark"): number => median(runs[engine].map((run) => run[phase].cpu));
    console.log(
      `${phase}: DuckDB ${cpu("duckdb").toFixed(1)} CPU s, Spark ${cpu("spark").toFixed(1)} CPU s: ${(cpu("spark") / cpu("duckdb")).toFixed(1)} times`,
    );
  }
}

function duckdb(dir: string, file: string, memory = settingsSchema.parse({}).DUCKDB_MEMORY_LIMIT): Promise<Run> {
  return work(dir, file, { BATCH_ENGINE: "duckdb", DUCKDB_MEMORY_LIMIT: memory });
}

async function spark(dir: string, file: string): Promise<Run> {
  const home = mkdtempSync(join(dir, "spark-"));
  const server = await startSparkConnect({ dir: home, master: "local[2]", memory: "6g", conf: { "spark.sql.shuffle.partitions": "32" } });
  try {
    return await work(dir, file, { BATCH_ENGINE: "spark", SPARK_REMOTE: server.url }, server.pid);
  } finally {
    await server.kill();
    rmSync(home, { recursive: true, force: true });
  }
}

/** `server`: the process group whose use counts too. */
async function work(dir: string, file: string, env: Record<string, string>, server?: number): Promise<Run> {
  const settings = [
    `SOURCE_PATH=${file}`,
    "SOURCE_TYPE=jsonl",
    `OUTPUT_PATH=${join(dir, "out")}`,
    `SERVING_PATH=${join(dir, "serving.db")}`,
  ];
  const child = spawn(process.execPath, ["--import", "tsx", worker, ...settings], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true, // a group of its own, to be told from ours
  });
  const group = (leader: number | undefined): { cpu: number; rss: number } =>
    leader === undefined ? { cpu: 0, rss: 0 } : groupUsage(leader);
  const start = group(server).cpu;
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, group(server).rss + group(child.pid).rss)), 100);
  const phases: Record<string, Phase & { result?: unknown; files?: unknown }> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const { phase, ...used } = JSON.parse(line) as Phase & { phase: string };
    // DuckDB's one process knows its own peak to the byte; two are looked at ten times a second.
    phases[phase] = { ...used, cpu: used.cpu + group(server).cpu - start, rss: server === undefined ? used.rss : peak };
  }
  clearInterval(watch);
  const { tables, documents, digest } = phases;
  if (tables === undefined || documents === undefined || digest === undefined) throw new Error("the run failed");
  return { tables, documents, start, output: { result: digest.result, files: digest.files } };
}

function print(name: string, { tables, documents, start }: Run): void {
  const part = (what: string, { cpu, wall, rss }: Phase): string =>
    `${what} ${cpu.toFixed(1)} CPU s, ${wall.toFixed(1)} s, ${rss.toFixed(0)} MB`;
  const first = start === 0 ? "" : `; server start ${start.toFixed(1)} CPU s`;
  console.log(`${name.padEnd(14)} ${part("tables", tables)}; ${part("with documents", documents)}${first}`);
}
