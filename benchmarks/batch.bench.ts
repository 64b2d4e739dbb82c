/**
 * `npm run bench batch [rows] [memory limit]`: listings as JSON lines (830 bytes each, 1 in 20 twice) through the
 * batch job: CPU seconds and peak memory, up to the Parquet and statistics, and with the serving store.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeListings } from "./batch/generate.ts";
import { measure } from "./measure.ts";

export default async function bench(args: readonly string[]): Promise<void> {
  const rows = Number(args[0] ?? 1_000_000);
  const memory = args[1] ?? "1GB";
  const work = mkdtempSync(join(tmpdir(), "arachne-bench-batch-"));
  try {
    const file = join(work, "listings.jsonl");
    const bytes = writeListings(file, rows);
    console.log(`${rows.toLocaleString("en-US")} listings, ${(bytes / 1e9).toFixed(2)} GB of JSON lines, DUCKDB_MEMORY_LIMIT=${memory}`);
    const settings = [
      `SOURCE_PATH=${file}`,
      "SOURCE_TYPE=jsonl",
      `OUTPUT_PATH=${join(work, "out")}`,
      `SERVING_PATH=${join(work, "serving.db")}`,
      `DUCKDB_MEMORY_LIMIT=${memory}`,
    ];
    const script = join(import.meta.dirname, "batch", "run.ts");
    const { cpu, wall, rss, stdout } = await measure(process.execPath, ["--import", "tsx", script, ...settings]);
    const phase = JSON.parse(stdout) as { cpu: number; seconds: number; rss: number; rowsOut: number };
    const line = (what: string, c: number, w: number, m: number) =>
      console.log(`${what.padEnd(36)} ${c.toFixed(1).padStart(7)} CPU s ${w.toFixed(1).padStart(7)} s ${m.toFixed(0).padStart(6)} MB`);
    line("clean, dedup, Parquet, statistics", phase.cpu, phase.seconds, phase.rss);
    line("… and the serving store", cpu, wall, rss);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
