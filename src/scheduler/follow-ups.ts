import type { PlannedJob } from "../app/job-plan.ts";
import type { Run } from "../app/run-history-rows.ts";
import { localTime } from "../core/schedule-zone.ts";
import type { Planning } from "./planning.ts";

const LONGEST_PAUSE_SECONDS = 3600;
const FAILED: ReadonlySet<Run["state"]> = new Set<Run["state"]>(["failed", "timed_out", "lost"]);

/** Sees to runs that have ended badly: tries failed ones again after a pause, makes up those that were stopped with the scheduler. */
export function followUp(c: Planning): void {
  for (const run of c.history.followUps()) {
    c.history.clearFollowUp(run.id);
    const job = c.jobs.find((j) => j.name === run.job);
    if (job === undefined || run.scheduledFor === null) continue;
    if (run.followUp === "retry") retry(run, run.scheduledFor, job, c);
    else if (job.catchUp !== "none") queueAgain(run, run.scheduledFor, "catch_up", c);
  }
}

function retry(run: Run, scheduledFor: string, job: PlannedJob, c: Planning): void {
  const failures = c.history.attempts(job.name, scheduledFor).filter((r) => FAILED.has(r.state)).length;
  if (failures > job.retries)
    return c.log.error(`${job.name} for ${run.date} has failed: no try left after ${failures}`, { error: run.error ?? run.state });
  const notBefore = new Date(c.now.getTime() + pauseSeconds(failures, c) * 1000);
  queueAgain(run, scheduledFor, "retry", c, notBefore);
  c.log.warn(`${job.name} for ${run.date} is tried again at ${localTime(notBefore, c.zone)} (${failures} of ${job.retries})`, {
    error: run.error ?? run.state,
  });
}

function queueAgain(run: Run, scheduledFor: string, trigger: "retry" | "catch_up", { history }: Planning, notBefore?: Date): void {
  const attempt = Math.max(...history.attempts(run.job, scheduledFor).map((r) => r.attempt)) + 1;
  history.queue({ job: run.job, date: run.date, scheduledFor, trigger, attempt, notBefore });
}

/** Doubles with each failure; a fifth more or less, so that jobs which failed together do not come back together. */
function pauseSeconds(failures: number, { retryBackoffSeconds, random }: Planning): number {
  return Math.min(retryBackoffSeconds * 2 ** (failures - 1), LONGEST_PAUSE_SECONDS) * (0.8 + 0.4 * random());
}
