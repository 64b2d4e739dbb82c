import { existsSync } from "node:fs";
import { join } from "node:path";
import { CriticalError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { acquireLock } from "../storage/lock.ts";
import type { PlannedJob } from "./job-plan.ts";
import type { RunHistory } from "./run-history.ts";
import type { Run } from "./run-history-rows.ts";

export interface JobStatus {
  readonly name: string;
  readonly description: string;
  readonly schedule: string | null;
  readonly after: readonly string[];
  /** ISO 8601 in UTC. */
  readonly next: string | null;
  /** Its newest run. */
  readonly last: Run | null;
}

export function jobStatus(jobs: readonly PlannedJob[], history: RunHistory, now: Date): JobStatus[] {
  history.settleLost();
  return jobs.map(({ name, description, schedule, after }) => ({
    name,
    description,
    schedule: schedule?.cron ?? null,
    after,
    next: schedule?.next(now)?.toISOString() ?? null,
    last: history.latest(name) ?? null,
  }));
}

/** The lock that the scheduler of a project holds. */
export function schedulerLock(settings: Pick<Settings, "STATE_DIR">): string {
  return join(settings.STATE_DIR, "scheduler.lock");
}

/** Between asking a run to stop and ending it, with all that it has started. */
export function killSeconds(settings: Pick<Settings, "JOB_STOP_SECONDS">): number {
  return Math.min(settings.JOB_STOP_SECONDS, 10);
}

export function schedulerRuns(settings: Pick<Settings, "STATE_DIR">, now: Date): boolean {
  const path = schedulerLock(settings);
  if (!existsSync(path)) return false;
  try {
    acquireLock(path, "the scheduler", now).release();
    return false;
  } catch (error) {
    if (error instanceof CriticalError && error.code === "locked") return true;
    throw error;
  }
}
