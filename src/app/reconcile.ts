import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Context, Logger } from "../core/context.ts";
import { ArachneError } from "../core/errors.ts";
import type { JobResult } from "../core/job.ts";
import { checkReconciliation, type Difference, type Reconciliation } from "../core/reconcile.ts";
import { columnsOf } from "../core/schema/columns.ts";
import type { ServingWriter } from "../core/serving.ts";
import { openDuckDbEngine } from "../engines/duckdb.ts";
import { countLetters } from "./dead-letters-read.ts";
import { readProcesses } from "./process-state-read.ts";
import type { Project } from "./project.ts";
import { compareDocuments, type BatchOnly, type DocumentCounts } from "./reconcile-documents.ts";
import { waitForStream, type StreamLag } from "./reconcile-lag.ts";
import { batchDocuments, openSide, scanServed } from "./reconcile-sides.ts";
import { compareStatistics, stageServedDocuments, type StatisticResult } from "./reconcile-statistics.ts";
import { withJob, type OpenJob } from "./run-job-open.ts";

export interface ReconcileRequest extends Context {
  project: Project;
  /** Name of a file in reconcile/. */
  name: string;
  /** Compare with the output that is published, instead of one built now from the batch files. */
  published?: boolean;
  /** How long to wait for the stream, and for a job that writes the same output. */
  waitSeconds: number;
  /** Differing documents, in the order of their keys. */
  onDifference: (difference: Difference) => void | Promise<void>;
  onProgress?: (what: string) => void;
}

export interface Reconciled {
  readonly date: string;
  readonly job: string;
  readonly alias: string;
  readonly stream: StreamLag;
  /** undefined: what is published was compared with, and nothing built. */
  readonly built: Pick<JobResult, "rowsIn" | "rejected" | "duplicates"> | undefined;
  readonly batchDocuments: number;
  readonly servedDocuments: number;
  readonly counts: DocumentCounts;
  readonly statistics: readonly StatisticResult[];
  /** Spiders that were crawling: what they find is served at once, and stands in batch files later. */
  readonly crawling: readonly string[];
  /** Messages that the stream set aside and nobody has put back; asked for where documents are missing. */
  readonly deadLetters: number | undefined;
  /** Documents and rows of statistics that differ; those that await the batch are none. */
  readonly differences: number;
  readonly elapsedMs: number;
}

/**
 * Holds all documents that the serving store has against those that the batch makes of the same crawls, then the statistics of the
 * ones against those of the others. The batch's side is built as `arachne verify` does: nothing is published, and the store is only read.
 * @throws SettingsError and ArachneError when there is nothing to compare with
 */
export async function reconcile(r: ReconcileRequest): Promise<Reconciled> {
  const { project, name, settings, waitSeconds, published = false } = r;
  const started = performance.now();
  const definition = await project.load("reconcile", name);
  const { item, alias: named, batchOnly = [], version } = definition.documents;
  checkReconciliation(
    name,
    definition,
    columnsOf(item).map((column) => column.name),
  );
  const alias = typeof named === "function" ? named(r) : named;
  const crawling = readProcesses(settings, r.now()).flatMap((process) => (process.kind === "crawl" ? [process.name] : []));
  const stream = await waitForStream(definition.stream, project, r, waitSeconds);
  // What the job says of its steps is not what happens here.
  const log: Logger = { ...r.log, info: (message, fields) => r.log.debug(message, fields) };
  return withJob({ ...r, log, job: definition.job, lockWaitSeconds: waitSeconds }, "collect", async (open) => {
    const dir = join(open.version.workDir, "reconcile");
    mkdirSync(dir, { recursive: true });
    await using engine = await openDuckDbEngine({
      memoryLimit: settings.DUCKDB_MEMORY_LIMIT,
      tempDir: join(dir, "duckdb"),
      signal: r.signal,
    });
    const side = (view: string, what: string, documents: Parameters<typeof openSide>[0]["documents"]): Promise<number> =>
      openSide({
        engine,
        view,
        dir,
        documents,
        signal: r.signal,
        onProgress: (n) => r.onProgress?.(`${what}: ${n.toLocaleString("en-US")} documents`),
      });

    // The store first: batch files come later than what is served, never earlier.
    r.log.info(`reading what is served as ${alias}`);
    const servedDocuments = await side("served_lines", alias, await scanServed(alias, item, r, project.root));
    r.log.info(published ? "reading what is published" : `building what ${definition.job} makes of the batch files`);
    const batch = published ? publishedSide(open, definition) : await builtSide(open, definition);
    if (batch.path !== undefined) await engine.open("batch_documents", batch.path);
    const batchCount =
      batch.path === undefined
        ? await side("batch_lines", definition.job, none())
        : await side("batch_lines", definition.job, batchDocuments(engine, "batch_documents", item, version));

    r.log.info("comparing", { batch: batchCount, served: servedDocuments });
    const awaitingFile = join(dir, "awaiting.jsonl");
    const counts = await compareDocuments({
      engine,
      batch: "batch_lines",
      served: "served_lines",
      batchOnly: published || batchOnly.length === 0 ? undefined : await openPublished(open, definition, engine),
      awaitingFile,
      onDifference: r.onDifference,
    });
    const statistics =
      batch.path === undefined
        ? []
        : await compareStatistics({
            engine,
            statistics: definition.statistics ?? {},
            date: batch.date,
            batch: "batch_documents",
            served: await stageServedDocuments({
              engine,
              served: "served_lines",
              batch: "batch_documents",
              item,
              batchOnly,
              awaitingFile: counts.awaiting === 0 ? undefined : awaitingFile,
            }),
          });
    return {
      date: batch.date,
      job: definition.job,
      alias,
      stream,
      built: batch.built,
      batchDocuments: batchCount,
      servedDocuments,
      counts,
      statistics,
      crawling,
      deadLetters: counts.missing === 0 ? undefined : await countDead(definition.stream, project, r),
      differences: statistics.reduce((sum, s) => sum + s.differences.length, counts.changed + counts.missing + counts.extra),
      elapsedMs: performance.now() - started,
    };
  });
}

interface BatchSide {
  /** undefined: it has no documents. */
  path: string | undefined;
  date: string;
  built: Reconciled["built"];
}

async function builtSide(open: OpenJob, { documents }: Reconciliation): Promise<BatchSide> {
  const { rowsIn, rejected, duplicates, unchanged } = await open.build(TAKES_NOTHING);
  const path = unchanged === true ? undefined : join(open.version.dir, documents.output);
  return { path, date: open.date, built: { rowsIn, rejected, duplicates } };
}

function publishedSide({ former }: OpenJob, { job, documents }: Reconciliation): BatchSide {
  if (former === undefined)
    throw new ArachneError(
      "nothing_published",
      `reconcile: nothing is published yet: run the batch first (arachne batch ${job}), or go without --published`,
    );
  return { path: join(former.dir, documents.output), date: former.date, built: undefined };
}

async function openPublished(
  { former }: OpenJob,
  { documents }: Reconciliation,
  engine: { open(view: string, path: string): Promise<void> },
): Promise<BatchOnly> {
  const { batchOnly: columns = [], item, version, output } = documents;
  if (former !== undefined) await engine.open("published_documents", join(former.dir, output));
  return { columns, published: former === undefined ? undefined : "published_documents", key: item.key[0]!, version };
}

async function countDead(stream: string, project: Project, c: Context): Promise<number> {
  const counts = await countLetters(project, { stream }, c);
  return counts.reduce((sum, { letters, replayed }) => sum + letters - replayed, 0);
}

/** For a job whose output is wanted, and nothing else. */
const TAKES_NOTHING: ServingWriter = {
  inspect: (aliases) => Promise.resolve(new Map(aliases.map((alias) => [alias, 0]))),
  buildTable: () => Promise.resolve(),
  replaceSlice: () => Promise.resolve(),
  upsert: () => Promise.resolve({ written: 0, kept: 0 }),
};

async function* none(): AsyncGenerator<never> {}
