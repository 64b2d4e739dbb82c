import type { Context } from "./context.ts";
import type { Engine } from "./engine.ts";
import type { ItemType } from "./item.ts";
import type { ServingWriter } from "./serving.ts";

/** What the batch files hold, as their names and manifests tell before anything is read. */
export interface InputSummary {
  readonly files: readonly string[];
  /** Rows by the manifests; undefined when a file has none. */
  readonly rows: number | undefined;
  /** `demo`, hosts; empty when no file has a manifest. */
  readonly origins: readonly string[];
  /**
   * Batch files, or a topic's earlier messages, that the published output holds and this input of `all` lacks (moved away, expired,
   * not mounted, of another format): what only they held is to be kept from that output. Empty when that was accepted to be forgotten.
   */
  readonly missing: readonly string[];
}

/** The published output that a run's own takes the place of. */
export interface FormerOutput {
  /** Absolute; stays as it is while the job runs. */
  readonly dir: string;
  /** The date that it was made for, YYYY-MM-DD. */
  readonly date: string;
  /** Batch files that went into it, relative to the project. */
  readonly taken: readonly string[];
  /** false: it was made as of an earlier day, and left out rows of those files that were crawled later. Only a full run goes beyond it. */
  readonly complete: boolean;
  /** The serving store's names moved with it. false: that run was cut off between the two, and its tables may be the run's before. */
  readonly served: boolean;
}

/** Of a view: how many rows it has and whether all groups are there, which fields are filled, how values are distributed. */
export type QualityCheck = "rows" | "coverage" | "drift";

export interface JobContext extends Context {
  readonly engine: Engine;
  /** The run's logical date, YYYY-MM-DD in SCHEDULER_TIMEZONE: today, unless an earlier one was asked for. */
  readonly date: string;
  /** The end of `date` when that is an earlier day: only what was crawled before it counts. undefined: all there is. */
  readonly asOf: Date | undefined;
  /** What is published now; undefined: nothing yet. */
  readonly former: FormerOutput | undefined;
  /**
   * The new version of the job's output: write below this folder. It takes the place of the former one, as a whole, when
   * `run` has resolved; when it throws, or the process dies, the former one stays. A run for an earlier date than the published
   * one's publishes nothing but slices.
   */
  readonly outputDir: string;
  readonly serving: ServingWriter;
  /**
   * Makes the batch files of this kind of item (SOURCE_TYPE, SOURCE_PATH) a view; see `Engine.source`.
   * `which`: all there are, in the archive too (the default), or those alone that the published output does not hold; then the
   * view may be empty.
   * `topic`: what SOURCE_TYPE=kafka_replay reads where SOURCE_TOPIC names none; default: the only topic that there is.
   * @throws SettingsError and ArachneError: when there are none, or they are not what their manifests say, or demo and real ones are mixed;
   * of new ones also `changed_input` when a taken file is no longer what it was, and `incomplete_output` (see `FormerOutput.complete`)
   */
  input(view: string, item: ItemType, which?: "all" | "new", topic?: string): Promise<InputSummary>;
  /**
   * Call it once the input has been read: compares the rows that were read with the manifests.
   * @throws ArachneError `input_count` naming the files that differ
   */
  checkCount(view: string, rows: number): Promise<void>;
  /**
   * The quality gate: counts, field coverage and distributions of a view against the published output's, for each value of `by`
   * apart (a site that changed its layout does not hide behind the others). Call it before anything is served, on a staged or opened
   * view. An output that only grows hides what its latest rows have lost: verify a view of those alone too, for `coverage`.
   * @throws ArachneError `quality` with what changed and by how much, unless the change was accepted
   */
  verify(view: string, item: ItemType, by?: string, checks?: readonly QualityCheck[]): Promise<void>;
}

/** A table for people to look at. */
export interface ResultTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | bigint | null)[])[];
  /** Rows that the full result has; the table shows its first ones. */
  readonly total: number;
}

export interface JobResult {
  readonly rowsIn: number;
  readonly rowsOut: number;
  /** Rows that broke a rule, by reason. rowsIn = rowsOut + rejected + duplicates + later. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Rows that a later crawl of the same thing replaced. */
  readonly duplicates: number;
  /** Rows crawled after the run's date. */
  readonly later?: number;
  readonly tables: readonly ResultTable[];
  /** Lines for people, under the tables. */
  readonly notes?: readonly string[];
  /** There was nothing to do: what is published stays, and nothing was written to `outputDir` nor to the serving store. */
  readonly unchanged?: boolean;
}

export type CatchUp = "none" | "latest" | "all";

export interface Job {
  /** For `arachne list` and `arachne jobs`. */
  readonly description?: string;
  /** A cron expression in SCHEDULER_TIMEZONE; JOB_SCHEDULES replaces it. */
  readonly schedule?: string;
  /** Jobs that must have succeeded for the same date; a job without a schedule runs when they have. */
  readonly after?: readonly string[];
  /** Runs that were missed; default JOB_CATCH_UP. */
  readonly catchUp?: CatchUp;
  /** Default JOB_RETRIES. */
  readonly retries?: number;
  /** Default JOB_TIMEOUT_SECONDS. */
  readonly timeoutSeconds?: number;
  /**
   * What it leaves: `version` (the default) a new version of OUTPUT_PATH; `none` nothing of its own there (`outputDir` is scratch
   * space), but it holds the same lock, so that no two jobs work on one output.
   */
  readonly output?: "version" | "none";
  run(c: JobContext): Promise<JobResult>;
}

export function defineJob(job: Job): Job {
  return job;
}
