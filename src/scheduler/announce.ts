import type { Run } from "../app/run-history-rows.ts";
import type { Logger } from "../core/context.ts";
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

export function reportEnd(run: Run, log: Logger): void {
  const seconds = run.started === null || run.ended === null ? undefined : (Date.parse(run.ended) - Date.parse(run.started)) / 1000;
  const facts = { run: run.id, ...(seconds === undefined ? {} : { seconds }) };
  if (run.state === "succeeded")
    log.info(`${run.job} for ${run.date} succeeded`, { ...facts, rowsIn: run.rowsIn, rowsOut: run.rowsOut, rejected: run.rejected });
  else log.error(`${run.job} for ${run.date}: ${run.state.replace("_", " ")}`, { ...facts, error: run.error, log: run.logFile });
}
