import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { checkedSql, defineItem, defineJob, oneRow, type Job, type JobContext, type JobResult } from "arachne";
import { collectRows } from "../../src/core/engine.ts";
import type { Logger } from "../../src/core/context.ts";
import type { Settings } from "../../src/core/settings.ts";
import type { Project } from "../../src/app/project.ts";
import { runJob, type JobRequest, type JobRun } from "../../src/app/run-job.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { verifyJob, type VerifyRun } from "../../src/app/verify-job.ts";
import { openDuckDbEngine } from "../../src/engines/duckdb.ts";
import { openBatchFiles } from "../../src/feeds/batch-file.ts";
import type { FormatName } from "../../src/feeds/format.ts";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import { batchOf, tempDir } from "../feeds/batches.ts";

export const Thing = defineItem({
  name: "thing",
  key: ["link"],
  schema: z.object({
    link: z.string().min(1),
    source: z.string().nullable(),
    price_vnd: z.int().nullable(),
    crawled_at: z.iso.datetime(),
  }),
});
export type Thing = z.output<typeof Thing.schema>;

export const thing = (n: number, change: Partial<Thing> = {}): Thing => ({
  link: `https://example.com/${n}`,
  source: "example.com",
  price_vnd: 1_000_000 + n * 1000,
  crawled_at: "2026-11-20T00:00:00.000Z",
  ...change,
});
export const things = (count: number, change: (n: number) => Partial<Thing> = () => ({})): Thing[] =>
  Array.from({ length: count }, (_, n) => thing(n, change(n)));

/** Reads, checks, verifies, writes `things.parquet`, serves `things` and a slice of `things_history`, merging what is published when asked for new files. */
export const thingsJob = (
  which: "all" | "new" = "all",
  more: Partial<Job> & { topic?: string; seen?: (c: JobContext) => void | Promise<void>; read?: (c: JobContext) => void } = {},
): Job =>
  defineJob({
    ...more,
    async run(c): Promise<JobResult> {
      await more.seen?.(c);
      const { missing } = await c.input("found", Thing, which, more.topic);
      await c.engine.stage("checked", checkedSql(Thing, "found"));
      more.read?.(c);
      const { n } = await oneRow<{ n: number }>(c.engine, "SELECT COUNT(*) AS n FROM checked");
      await c.checkCount("found", n);
      const rejected = await collectRows<{ reason: string; n: number }>(
        c.engine,
        "SELECT reject_reason AS reason, COUNT(*) AS n FROM checked WHERE reject_reason IS NOT NULL GROUP BY reject_reason",
      );
      const valid = "SELECT link, source, price_vnd, crawled_at FROM checked WHERE reject_reason IS NULL";
      const end = (c.asOf ?? new Date("9999-01-01")).toISOString().slice(0, 19).replace("T", " ");
      const before = ` AND crawled_at < TIMESTAMP '${end}'`;
      const { later } = await oneRow<{ later: number }>(
        c.engine,
        `SELECT COUNT(*) AS later FROM (${valid}) AS v WHERE crawled_at >= TIMESTAMP '${end}'`,
      );
      const merges = c.former !== undefined && (which === "new" || missing.length > 0);
      if (merges) await c.engine.open("former", join(c.former.dir, "things.parquet"));
      const read = "SELECT link FROM checked WHERE reject_reason IS NULL";
      const former = merges ? ` UNION ALL SELECT * FROM former WHERE link NOT IN (${read})` : "";
      await c.engine.stage("things", `${valid}${before}${former}`);
      await c.verify("things", Thing, "source");
      await c.engine.write("SELECT * FROM things", { path: join(c.outputDir, "things.parquet"), orderBy: ["link"] });
      const { kept } = await oneRow<{ kept: number }>(c.engine, "SELECT COUNT(*) AS kept FROM things");
      const rows = () => c.engine.query("SELECT * FROM things");
      await c.serving.buildTable({ alias: "things", item: Thing, rows: rows(), expected: kept });
      const History = defineItem({ name: "history", key: ["as_of"], schema: z.object({ as_of: z.iso.date(), n: z.int() }) });
      await c.serving.replaceSlice({
        alias: "things_history",
        item: History,
        rows: c.engine.query(`SELECT '${c.date}' AS as_of, COUNT(*) AS n FROM things`),
        expected: 1,
        slice: { field: "as_of", value: c.date },
        version: c.now().toISOString(),
      });
      const bad = rejected.reduce((sum, r) => sum + r.n, 0);
      return {
        rowsIn: n,
        rowsOut: n - bad - later,
        rejected: Object.fromEntries(rejected.map((r) => [r.reason, r.n])),
        duplicates: 0,
        later,
        tables: [],
      };
    },
  });

export interface JobPlace {
  dir: string;
  input: string;
  output: string;
  serving: string;
  /** `NAME=VALUE`, as `-s` takes them. */
  assignments: string[];
  settings(...more: string[]): Settings;
  request(job: Job, options?: Partial<Omit<JobRequest, "job">> & { set?: string[] }): JobRequest;
  run(job: Job, options?: Partial<Omit<JobRequest, "job">> & { set?: string[] }): Promise<JobRun>;
  verify(job: Job, options?: Partial<Omit<JobRequest, "job">> & { set?: string[] }): Promise<VerifyRun>;
  /** Batch files with manifests. */
  feed(items: readonly object[], options?: { format?: FormatName; size?: number; origin?: string }): Promise<string[]>;
  send(topic: string, messages: readonly { value: string; headers?: Record<string, string> }[]): Promise<void>;
  record(): Record<string, unknown>;
  /** The links that are published. */
  links(): Promise<string[]>;
  logged: string[];
}

/** A place where jobs that are objects, not files, run. */
export function jobPlace(): JobPlace {
  const dir = tempDir();
  const [input, output, serving] = ["input", "out", "serving.db"].map((name) => join(dir, name)) as [string, string, string];
  mkdirSync(input);
  const logged: string[] = [];
  const line = (message: string): void => void logged.push(message);
  const log: Logger = { debug() {}, info: line, warn: line, error: line };
  let sequence = 0;
  const assignments = [
    `BATCH_OUTPUT_DIR=${input}`,
    `OUTPUT_PATH=${output}`,
    `SERVING_PATH=${serving}`,
    `TOPIC_DIR=${join(dir, "topics")}`,
    "BATCH_ARCHIVE_DIR=archive",
    "DUCKDB_MEMORY_LIMIT=512MB",
  ];
  const settings = (...more: string[]): Settings =>
    resolveSettings({
      root: dir,
      project: { values: {} },
      env: {},
      commandLine: [...assignments, ...more],
    }).settings;
  const request: JobPlace["request"] = (job, { set = [], ...more } = {}) => {
    const project: Project = { root: dir, settings: { values: {} }, names: () => ["things"], load: () => Promise.resolve(job as never) };
    return {
      project,
      job: "things",
      log,
      signal: new AbortController().signal,
      now: () => new Date(),
      settings: settings(...set),
      ...more,
    };
  };
  return {
    dir,
    input,
    output,
    serving,
    assignments,
    settings,
    request,
    logged,
    run: (job, options) => runJob(request(job, options)),
    verify: (job, options) => verifyJob(request(job, options)),
    async feed(items, { format = "json", size = 100, origin = "example.com" } = {}) {
      const files = await openBatchFiles({ dir: input, spider: "things", item: Thing, format });
      const written: string[] = [];
      for (let at = 0; at < items.length; at += size) {
        const part = items.slice(at, at + size);
        written.push(await files.write({ ...batchOf(sequence + 1, sequence + part.length, part), origin }));
        sequence += part.length;
      }
      return written;
    },
    async send(name, messages) {
      const topic = openEmbeddedTopic({ dir: join(dir, "topics"), name, retentionHours: 0, now: () => new Date() });
      await using producer = await topic.producer();
      await producer.send(messages.map((m, n) => ({ key: String(n), ...m })));
      await topic.close();
    },
    record: () => JSON.parse(readFileSync(join(output, "run.json"), "utf8")) as Record<string, unknown>,
    async links() {
      await using engine = await openDuckDbEngine({ memoryLimit: "512MB", tempDir: join(dir, "look") });
      await engine.open("t", join(output, "things.parquet"));
      const rows = await collectRows<{ link: string }>(engine, "SELECT link FROM t ORDER BY link");
      return rows.map((row) => row.link.replace("https://example.com/", ""));
    },
  };
}
