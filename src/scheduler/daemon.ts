import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { planJobs } from "../app/job-plan.ts";
import type { Project } from "../app/project.ts";
import { openRunHistory } from "../app/run-history.ts";
import { killSeconds, schedulerLock } from "../app/schedule-status.ts";
import type { Run } from "../app/run-history-rows.ts";
import type { ResolvedSettings } from "../app/settings.ts";
import type { Logger } from "../core/context.ts";
import { waitForLock } from "../storage/lock.ts";
import type { Clock } from "./clock.ts";
import { createExecutor } from "./executor.ts";
import { plan, untilNext } from "./planner.ts";
import { announce, reportEnd } from "./announce.ts";
import type { Planning } from "./planning.ts";
import { skipStale, type ReadyRun } from "./ready-runs.ts";
import { settleRun } from "./settle-run.ts";

export interface SchedulerOptions {
  project: Project;
  resolved: ResolvedSettings;
  log: Logger;
  clock: Clock;
  /** Aborted: nothing new is started, what runs gets JOB_STOP_SECONDS. */
  signal: AbortSignal;
  /** The process that does a run. It is asked to stop, and told what for, by messages: see src/cli/job.ts. */
  command: (run: Run) => readonly string[];
  random?: () => number;
}

/** A process that starts up on a busy machine, before it waits for anything. */
const START_SECONDS = 120;

/**
 * Starts the project's jobs when they are due, until `signal`. All that it decides stands in the run history first: whoever
 * comes after it goes on from there.
 * @throws SettingsError for jobs that cannot be planned; CriticalError `locked` when another scheduler is at work here
 */
export async function runScheduler({
  project,
  resolved,
  log,
  clock,
  signal,
  command,
  random = Math.random,
}: SchedulerOptions): Promise<void> {
  const { settings } = resolved;
  const jobs = await planJobs(project, resolved);
  // Not at once: somebody may just be looking whether there is one.
  const lock = await waitForLock(schedulerLock(settings), "the scheduler", { now: () => clock.now(), signal, seconds: 1 });
  try {
    mkdirSync(settings.LOG_DIR, { recursive: true });
    using history = openRunHistory({ settings, now: () => clock.now() });
    const executor = createExecutor({ cwd: project.root, killSeconds: killSeconds(settings) });
    const running = new Map<number, Promise<void>>();
    let wake = new AbortController();
    signal.addEventListener("abort", () => wake.abort(), { once: true });

    const look = (): Planning => ({
      jobs,
      history,
      now: clock.now(),
      zone: settings.SCHEDULER_TIMEZONE,
      log,
      random,
      retryBackoffSeconds: settings.JOB_RETRY_BACKOFF_SECONDS,
      started: new Set(running.keys()),
    });

    async function execute({ run, job }: ReadyRun): Promise<void> {
      const logFile = join(settings.LOG_DIR, `${run.job}-${run.date}-${run.id}.log`);
      history.setLogFile(run.id, logFile);
      log.info(`${run.job} for ${run.date} starts`, { run: run.id, ...(run.attempt > 1 ? { attempt: run.attempt } : {}), log: logFile });
      const end = await executor.run({
        name: `${run.job}-${run.id}`,
        command: command(run),
        logFile,
        startSeconds: START_SECONDS + settings.JOB_LOCK_WAIT_SECONDS,
        timeoutSeconds: job.timeoutSeconds,
      });
      reportEnd(settleRun(run.id, end, history), job, look());
    }

    /** What runs gets its time to end by itself, then is asked to, then is ended. */
    async function endAll(): Promise<void> {
      if (running.size === 0) return;
      log.info(`waiting up to ${settings.JOB_STOP_SECONDS} s for ${running.size} running job${running.size === 1 ? "" : "s"}`);
      const all = Promise.all(running.values());
      const ended = new AbortController();
      const patience = sleep(settings.JOB_STOP_SECONDS * 1000, undefined, { signal: ended.signal }).catch(() => undefined);
      await Promise.race([all, patience]);
      ended.abort();
      await executor.stopAll();
      await all;
    }

    const failures: unknown[] = [];
    try {
      skipStale(look());
      announce(look());
      while (!signal.aborted && failures.length === 0) {
        wake = new AbortController();
        for (const ready of plan(look()))
          running.set(
            ready.run.id,
            execute(ready)
              .catch((error: unknown) => void failures.push(error))
              .finally(() => {
                running.delete(ready.run.id);
                wake.abort();
              }),
          );
        await clock.wait(untilNext(look()), wake.signal);
      }
    } finally {
      await endAll();
    }
    if (failures.length > 0) throw failures[0];
    log.info("the scheduler has stopped");
  } finally {
    lock.release();
  }
}
