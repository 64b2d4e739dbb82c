import { join } from "node:path";
import type { Settings } from "../core/settings.ts";
import { openDatabase } from "../storage/sqlite.ts";
import { RUN_MIGRATIONS, runColumns, type Run, type RunState, type Trigger } from "./run-history-rows.ts";
import { runLocks } from "./run-history-lock.ts";

export interface NewRun {
  job: string;
  date: string;
  /** The cron time that it stands for; not given: it stands for none. */
  scheduledFor?: string | null;
  trigger: Trigger;
  attempt?: number;
  /** Not to be started earlier. */
  notBefore?: Date | undefined;
}

export interface Outcome {
  state: Exclude<RunState, "queued" | "running">;
  rowsIn?: number;
  rowsOut?: number;
  rejected?: number;
  error?: string;
  followUp?: Run["followUp"];
}

/** A run that this process does. */
export interface OwnRun {
  readonly run: Run;
  end(outcome: Outcome): void;
}

/** What a schedule's runs have been decided up to. */
export interface Planned {
  readonly cron: string;
  readonly zone: string;
  readonly until: string;
}

/**
 * Every run of every job, in `<STATE_DIR>/jobs.db`. Many processes write it: the scheduler decides on runs (`queue`), the process of
 * a run takes it (`claim`) and ends it (`finish`). Each cron time of a job is queued once, whoever tries: a unique index holds that.
 */
export function openRunHistory({ settings, now }: { settings: Pick<Settings, "STATE_DIR">; now: () => Date }) {
  const db = openDatabase(join(settings.STATE_DIR, "jobs.db"), { migrations: RUN_MIGRATIONS });
  const locks = runLocks(join(settings.STATE_DIR, "runs"), now);
  const stamp = (): string => now().toISOString();
  const insert = db.prepare(
    `INSERT INTO run (job, date, scheduled_for, "trigger", attempt, state, queued, not_before) VALUES (?, ?, ?, ?, ?, 'queued', ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const byId = db.prepare<Run>(`SELECT ${runColumns} FROM run WHERE id = ?`);
  const byState = db.prepare<Run>(`SELECT ${runColumns} FROM run WHERE state = ? ORDER BY id`);
  const end = db.prepare(
    `UPDATE run SET state = ?, ended = ?, rows_in = ?, rows_out = ?, rejected = ?, error = ?, follow_up = ? WHERE id = ? AND state IN ('queued', 'running')`,
  );

  /** undefined: that cron time has its run already. */
  function queue(run: NewRun): Run | undefined {
    const { changes, lastInsertRowid } = insert.run(
      run.job,
      run.date,
      run.scheduledFor ?? null,
      run.trigger,
      run.attempt ?? 1,
      stamp(),
      run.notBefore?.toISOString() ?? null,
    );
    return changes === 0 ? undefined : get(lastInsertRowid);
  }

  /** `all` and not `get`: libsql puts fields of its own into what `get` gives. */
  function get(id: number | bigint): Run | undefined {
    return byId.all(id)[0];
  }

  /** false: it has ended already, and stays as it is. */
  function finish(id: number, o: Outcome): boolean {
    const values = [o.rowsIn ?? null, o.rowsOut ?? null, o.rejected ?? null, o.error ?? null, o.followUp ?? null];
    return end.run(o.state, stamp(), ...values, id).changes > 0;
  }

  function lockOf(id: number): number | undefined {
    return db.prepare<{ lock: number | null }>("SELECT lock FROM run WHERE id = ?").all(id)[0]?.lock ?? undefined;
  }

  function held(id: number): boolean {
    const lock = lockOf(id);
    return lock !== undefined && locks.held(lock);
  }

  function lose(run: Run): void {
    const error = "its process ended without a word: it was killed, or the machine went down";
    finish(run.id, { state: "lost", error, followUp: scheduled(run) ? "retry" : null });
  }

  /**
   * Makes a queued run this process's own: running, until it is finished or its process is gone.
   * @returns undefined when somebody else has it or it was ended
   */
  function claim(id: number): OwnRun | undefined {
    const lock = locks.take();
    // Who held it before is gone: the lock must not speak for that run any more.
    for (const former of byState.all("running")) if (lockOf(former.id) === lock.number) lose(former);
    const { changes } = db
      .prepare("UPDATE run SET state = 'running', started = ?, pid = ?, lock = ? WHERE id = ? AND state = 'queued'")
      .run(stamp(), process.pid, lock.number, id);
    const run = changes === 0 ? undefined : get(id);
    if (run === undefined) {
      lock.release();
      return undefined;
    }
    return {
      run,
      end(outcome) {
        finish(id, outcome);
        lock.release();
      },
    };
  }

  return {
    queue,
    finish,
    get,
    claim,
    inState: (state: RunState): Run[] => byState.all(state),

    /** A run of this process, from the start. */
    begin: (run: NewRun): OwnRun => db.transaction(() => claim(queue(run)!.id)!),

    setLogFile: (id: number, file: string): void => void db.prepare("UPDATE run SET log_file = ? WHERE id = ?").run(file, id),

    /** Ends the runs whose processes are gone: nobody holds their locks. `but`: of these, somebody who knows more tells. */
    settleLost(but: ReadonlySet<number> = new Set()): void {
      for (const run of byState.all("running")) if (!but.has(run.id) && !held(run.id)) lose(run);
    },
    /** Whether a process is at it. */
    held,

    /** Newest first. */
    list: ({ job, limit }: { job?: string | undefined; limit: number }): Run[] =>
      db.prepare<Run>(`SELECT ${runColumns} FROM run WHERE job = COALESCE(?, job) ORDER BY id DESC LIMIT ?`).all(job ?? null, limit),
    /** The last one of a job. */
    latest: (job: string): Run | undefined =>
      db.prepare<Run>(`SELECT ${runColumns} FROM run WHERE job = ? ORDER BY id DESC LIMIT 1`).all(job)[0],
    /** All of a job for a date, oldest first. */
    onDate: (job: string, date: string): Run[] =>
      db.prepare<Run>(`SELECT ${runColumns} FROM run WHERE job = ? AND date = ? ORDER BY id`).all(job, date),
    /** The last cron time of a job on a date. */
    lastSlot: (job: string, date: string): string | undefined =>
      db.prepare<{ slot: string | null }>("SELECT max(scheduled_for) AS slot FROM run WHERE job = ? AND date = ?").get(job, date)?.slot ??
      undefined,
    /** All tries for one cron time, oldest first. */
    attempts: (job: string, scheduledFor: string): Run[] =>
      db.prepare<Run>(`SELECT ${runColumns} FROM run WHERE job = ? AND scheduled_for = ? ORDER BY id`).all(job, scheduledFor),
    /** Days of runs that ended since. */
    datesEndedSince: (since: Date): string[] =>
      db
        .prepare<{ date: string }>("SELECT DISTINCT date FROM run WHERE ended >= ? ORDER BY date")
        .all(since.toISOString())
        .map((row) => row.date),
    succeededDates: (job: string, from: string, to: string): Set<string> =>
      new Set(
        db
          .prepare<{ date: string }>("SELECT DISTINCT date FROM run WHERE job = ? AND state = 'succeeded' AND date BETWEEN ? AND ?")
          .all(job, from, to)
          .map((row) => row.date),
      ),

    /** Ended runs that the scheduler still has to see to. */
    followUps: (): Run[] => db.prepare<Run>(`SELECT ${runColumns} FROM run WHERE follow_up IS NOT NULL ORDER BY id`).all(),
    clearFollowUp: (id: number): void => void db.prepare("UPDATE run SET follow_up = NULL WHERE id = ?").run(id),

    planned: (job: string): Planned | undefined => db.prepare<Planned>("SELECT cron, zone, until FROM planned WHERE job = ?").get(job),
    setPlanned: (job: string, { cron, zone, until }: Planned): void =>
      void db
        .prepare(
          "INSERT INTO planned VALUES (?, ?, ?, ?) ON CONFLICT (job) DO UPDATE SET cron = excluded.cron, zone = excluded.zone, until = excluded.until",
        )
        .run(job, cron, zone, until),

    /**
     * Removes runs that ended before a time. What is decided from stays for good: of each job's runs for a date the last one, the last
     * that succeeded, the last that the scheduler started; and what it has yet to see to. @returns how many went
     */
    prune: (before: Date): number =>
      db
        .prepare(
          `DELETE FROM run WHERE ended < ? AND follow_up IS NULL
             AND id NOT IN (SELECT max(id) FROM run GROUP BY job, date)
             AND id NOT IN (SELECT max(id) FROM run WHERE state = 'succeeded' GROUP BY job, date)
             AND id NOT IN (SELECT max(id) FROM run WHERE scheduled_for IS NOT NULL GROUP BY job, date)`,
        )
        .run(before.toISOString()).changes,

    transaction: <R>(work: () => R): R => db.transaction(work),
    [Symbol.dispose]: (): void => db.close(),
  };
}

export type RunHistory = ReturnType<typeof openRunHistory>;

const SCHEDULED: ReadonlySet<Trigger> = new Set<Trigger>(["schedule", "catch_up", "retry", "after"]);

/** Started by the scheduler, which then sees to what becomes of it. */
export function scheduled(run: Pick<Run, "trigger">): boolean {
  return SCHEDULED.has(run.trigger);
}
