import { queueDownstream } from "./downstream.ts";
import { queueDueRuns } from "./due-runs.ts";
import { followUp } from "./follow-ups.ts";
import type { Planning } from "./planning.ts";
import { readyRuns, skipOvertaken, type ReadyRun } from "./ready-runs.ts";

/** The planner looks at the clock at least this often: it may be set, or the machine may sleep. */
const LONGEST_WAIT_MS = 30_000;
/** Runs of others (by hand, of a former scheduler) end without telling. */
const WATCH_MS = 1_000;

/** One look at clock and history: what is due is queued, what can be started is given. All of it in one transaction, or nothing. */
export function plan(c: Planning): ReadyRun[] {
  c.history.settleLost(c.started);
  return c.history.transaction(() => {
    queueDueRuns(c);
    followUp(c);
    queueDownstream(c);
    skipOvertaken(c);
    return readyRuns(c);
  });
}

/** How long nothing will be due. */
export function untilNext({ jobs, history, now, started }: Planning): number {
  const times = [
    ...jobs.map((job) => job.schedule?.next(now)),
    ...history.inState("queued").map((run) => (run.notBefore === null ? undefined : new Date(run.notBefore))),
  ].filter((at) => at !== undefined && at > now);
  const longest = history.inState("running").some((run) => !started.has(run.id)) ? WATCH_MS : LONGEST_WAIT_MS;
  return Math.min(longest, ...times.map((at) => at!.getTime() - now.getTime()));
}
