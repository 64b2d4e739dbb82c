export type Trigger = "schedule" | "catch_up" | "retry" | "manual" | "backfill" | "after";

/**
 * `queued`: decided, not started yet. `timed_out`, `stopped`: ended from outside. `blocked`: not started, for a job that it comes after had
 * failed. `skipped`: not started, for a later run of the job was due. `lost`: its process died without a word.
 */
export const RUN_STATES = ["queued", "running", "succeeded", "failed", "timed_out", "stopped", "blocked", "skipped", "lost"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** A try of a job, as the history has it. Times are ISO 8601 in UTC. */
export interface Run {
  readonly id: number;
  readonly job: string;
  /** The day that it is for, YYYY-MM-DD. */
  readonly date: string;
  readonly scheduledFor: string | null;
  readonly trigger: Trigger;
  /** 1 is the first try for its cron time. */
  readonly attempt: number;
  readonly state: RunState;
  readonly notBefore: string | null;
  readonly started: string | null;
  readonly ended: string | null;
  readonly rowsIn: number | null;
  readonly rowsOut: number | null;
  readonly rejected: number | null;
  readonly error: string | null;
  /** What the scheduler has yet to do about it: try it again, or make it up as it makes up missed ones. */
  readonly followUp: "retry" | "catch_up" | null;
  readonly logFile: string | null;
  readonly pid: number | null;
}

export const runColumns = `id, job, date, scheduled_for AS scheduledFor, "trigger", attempt, state, not_before AS notBefore, started, ended,
  rows_in AS rowsIn, rows_out AS rowsOut, rejected, error, follow_up AS followUp, log_file AS logFile, pid`;

/** Append only: see `openDatabase`. */
export const RUN_MIGRATIONS: readonly string[] = [
  `CREATE TABLE run (
     id INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL, date TEXT NOT NULL, scheduled_for TEXT, "trigger" TEXT NOT NULL,
     attempt INTEGER NOT NULL, state TEXT NOT NULL, queued TEXT NOT NULL, not_before TEXT, started TEXT, ended TEXT,
     rows_in INTEGER, rows_out INTEGER, rejected INTEGER, error TEXT, follow_up TEXT, log_file TEXT, pid INTEGER, lock INTEGER
   );
   CREATE UNIQUE INDEX run_slot ON run (job, scheduled_for, attempt) WHERE scheduled_for IS NOT NULL;
   CREATE INDEX run_date ON run (job, date);
   CREATE INDEX run_open ON run (state) WHERE state IN ('queued', 'running');
   CREATE INDEX run_follow_up ON run (follow_up) WHERE follow_up IS NOT NULL;
   CREATE INDEX run_ended ON run (ended);
   CREATE TABLE planned (job TEXT PRIMARY KEY, cron TEXT NOT NULL, zone TEXT NOT NULL, until TEXT NOT NULL);`,
];
