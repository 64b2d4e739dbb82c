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
}

export interface JobContext extends Context {
  readonly engine: Engine;
  /**
   * The new version of the job's output: write below this folder. It takes the place of the former one, as a whole, when
   * `run` has resolved; when it throws, or the process dies, the former one stays.
   */
  readonly outputDir: string;
  readonly serving: ServingWriter;
  /**
   * Makes the batch files of this kind of item (SOURCE_TYPE, SOURCE_PATH) a view; see `Engine.source`.
   * @throws SettingsError and ArachneError when there are none, or they are not what their manifests say, or demo and real ones are mixed
   */
  input(view: string, item: ItemType): Promise<InputSummary>;
  /**
   * Call it once the input has been read: compares the rows that were read with the manifests.
   * @throws ArachneError `input_count` naming the files that differ
   */
  checkCount(view: string, rows: number): Promise<void>;
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
  /** Rows that broke a rule, by reason. rowsIn = rowsOut + rejected + duplicates. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Rows that a later crawl of the same thing replaced. */
  readonly duplicates: number;
  readonly tables: readonly ResultTable[];
}

export interface Job {
  /** For `arachne list`. */
  readonly description?: string;
  /** A cron expression, for the scheduler. */
  readonly schedule?: string;
  run(c: JobContext): Promise<JobResult>;
}

export function defineJob(job: Job): Job {
  return job;
}
