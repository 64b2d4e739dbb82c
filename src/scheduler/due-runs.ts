import type { PlannedJob } from "../app/job-plan.ts";
import { dayIn } from "../core/day.ts";
import { decideDue } from "../core/schedule-missed.ts";
import { localTime } from "../core/schedule-zone.ts";
import type { Planning } from "./planning.ts";

/** Queues the cron times that have passed since the last look. */
export function queueDueRuns(c: Planning): void {
  for (const job of c.jobs) if (job.schedule !== undefined) queueDue(job, job.schedule, c);
}

function queueDue(job: PlannedJob, schedule: NonNullable<PlannedJob["schedule"]>, { history, now, zone, log }: Planning): void {
  const planned = history.planned(job.name);
  const upToNow = { cron: schedule.cron, zone, until: now.toISOString() };
  // A schedule that did not exist yet has missed nothing.
  if (planned === undefined || planned.cron !== schedule.cron || planned.zone !== zone) return history.setPlanned(job.name, upToNow);

  const until = new Date(planned.until);
  if (until > now) {
    // Times that come again have their runs already: the history takes each once.
    log.warn(`the clock went back, from ${planned.until}: what ${job.name} has run is not run again`);
    return history.setPlanned(job.name, upToNow);
  }
  const times = schedule.between(until, now);
  if (times.length === 0) return;
  const due = decideDue(times, now, job.catchUp);
  for (const { at, trigger } of due.run) history.queue({ job: job.name, date: dayIn(zone, at), scheduledFor: at.toISOString(), trigger });
  if (due.missed > 0)
    log.warn(`${job.name}: ${due.missed} missed run${due.missed === 1 ? "" : "s"} not made up (policy: ${job.catchUp})`, {
      since: localTime(times[0]!, zone),
    });
  history.setPlanned(job.name, upToNow);
}
