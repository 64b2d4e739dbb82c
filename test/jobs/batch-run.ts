import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import type { Logger } from "../../src/core/context.ts";
import { collectRows } from "../../src/core/engine.ts";
import { openProject } from "../../src/app/project.ts";
import { rollBack } from "../../src/app/rollback.ts";
import { runJob, type JobRun } from "../../src/app/run-job.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { openDuckDbEngine } from "../../src/engines/duckdb.ts";
import { openBatchFiles } from "../../src/feeds/batch-file.ts";
import type { FormatName } from "../../src/feeds/format.ts";
import { Listing } from "../../domain/bds/listing.ts";
import { batchOf } from "../feeds/batches.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export interface RunOptions {
  /** Default: bds_batch. */
  job?: string;
  /** An earlier day than today. */
  date?: string;
  now?: Date;
  acceptChange?: boolean;
  settings?: readonly string[];
  /** Settings that may only stand in the environment. */
  env?: Record<string, string>;
}

export interface BatchPlace {
  dir: string;
  input: string;
  output: string;
  serving: string;
  /** `-s` settings of a run here. */
  settings: string[];
  /** Writes items as batch files with manifests, `size` each. */
  feed(items: readonly Listing[], options?: { size?: number; format?: FormatName; origin?: string; spider?: string }): Promise<string[]>;
  /** Runs bds_batch. */
  run(...more: string[]): Promise<JobRun>;
  runJob(options: RunOptions): Promise<JobRun>;
  /** `arachne rollback NAME` */
  rollBack(name: string): Promise<unknown>;
  /** The same in a process of its own, which ARACHNE_FAILPOINT may kill. */
  runProcess(env: Record<string, string>, ...more: string[]): Promise<{ code: number | null; signal: string | null; stderr: string }>;
  rows<T extends Record<string, unknown> = Record<string, unknown>>(file: string, sql?: string): Promise<T[]>;
}

/** A place with folders of its own, for the bundled jobs. */
export function batchPlace(base = tmpdir()): BatchPlace {
  const dir = mkdtempSync(join(base, "arachne-batch-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const [input, output, serving] = ["input", "out", "serving.db"].map((name) => join(dir, name)) as [string, string, string];
  mkdirSync(input);
  const settings = [
    `BATCH_OUTPUT_DIR=${input}`,
    `BATCH_ARCHIVE_DIR=${join(dir, "archive")}`,
    `OUTPUT_PATH=${output}`,
    `SERVING_PATH=${serving}`,
    `STATE_DIR=${join(dir, "state")}`,
    `TOPIC_DIR=${join(dir, "topics")}`,
    `LOG_DIR=${join(dir, "logs")}`,
    `REFUSED_DIR=${join(dir, "refused")}`,
    "DUCKDB_MEMORY_LIMIT=512MB",
  ];
  let sequence = 0;
  async function runIn({ job = "bds_batch", date, now, acceptChange = false, settings: more = [], env = {} }: RunOptions): Promise<JobRun> {
    const project = await openProject(ROOT);
    const { settings: resolved } = resolveSettings({ root: ROOT, project: project.settings, env, commandLine: [...settings, ...more] });
    return runJob({
      project,
      job,
      date,
      acceptChange,
      log: SILENT,
      signal: new AbortController().signal,
      now: () => now ?? new Date(),
      settings: resolved,
    });
  }
  return {
    dir,
    input,
    output,
    serving,
    settings,
    async feed(items, { size = 100, format = "json", origin = "demo", spider = "bds_spider" } = {}) {
      const files = await openBatchFiles({ dir: input, spider, item: Listing, format });
      const written: string[] = [];
      for (let at = 0; at < items.length; at += size) {
        const part = items.slice(at, at + size);
        written.push(await files.write({ ...batchOf(sequence + 1, sequence + part.length, part), origin }));
        sequence += part.length;
      }
      return written;
    },
    run: (...more) => runIn({ settings: more }),
    runJob: runIn,
    async rollBack(name) {
      const project = await openProject(ROOT);
      const resolved = resolveSettings({ root: ROOT, project: project.settings, env: {}, commandLine: settings }).settings;
      return rollBack(name, { settings: resolved, log: SILENT, signal: new AbortController().signal, now: () => new Date() }, ROOT);
    },
    runProcess(env, ...more) {
      const script = `
        import { batchJob } from ${JSON.stringify(join(import.meta.dirname, "batch-process.ts"))};
        await batchJob(process.argv.slice(1));`;
      const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script, ...settings, ...more], {
        env: { ...process.env, ...env },
        cwd: ROOT,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      return new Promise((done) => child.on("close", (code, signal) => done({ code, signal, stderr })));
    },
    async rows<T extends Record<string, unknown>>(file: string, sql = "SELECT * FROM t") {
      await using engine = await openDuckDbEngine({ memoryLimit: "512MB", tempDir: join(dir, "look") });
      await engine.open("t", join(output, file));
      return await collectRows<T>(engine, sql); // not before it is read is the engine closed
    },
  };
}
