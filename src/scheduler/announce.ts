import type { PlannedJob } from "../app/job-plan.ts";
import type { Run } from "../app/run-history-rows.ts";
import { localTime } from "../core/schedule-zone.ts";
import type { Planning } from "./planning.ts";

/** A line for each job: when it runs next, and why. */
export function announce({ jobs, now, zone, log }: Planning): void {
  log.info(`the scheduler has started, times are ${zone}'s`);
  for (const job of jobs) {
    const next = job.schedule?.next(now);
    const after = job.after.length > 0 ? ` after ${job.after.join(" and ")}` : "";
    if (next !== undefined) log.info(`${job.name} runs next at ${localTime(next, zone)}${after}`, { schedule: job.schedule?.cron });
    else log.info(after === "" ? `${job.name} runs by hand only` : `${job.name} runs${after}`);
  }
}

export function reportEnd(run: Run, { schedule }: PlannedJob, { log, now, zone }: Planning): void {
  const seconds = run.started === null || run.ended === null ? undefined : (Date.parse(run.ended) - Date.parse(run.started)) / 1000;
  const next = schedule?.next(now);
  const facts = {
    run: run.id,
    ...(seconds === undefined ? {} : { seconds }),
    ...(run.state === "succeeded"
      ? { rowsIn: run.rowsIn, rowsOut: run.rowsOut, rejected: run.rejected }
      : { error: run.error, log: run.logFile }),
    ...(next === undefined ? {} : { next: localTime(next, zone) }),
  };
  if (run.state === "succeeded") log.info(`${run.job} for ${run.date} succeeded`, facts);
  else log.error(`${run.job} for ${run.date}: ${run.state.replace("_", " ")}`, facts);
}
