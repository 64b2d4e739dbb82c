import type { PlannedJob } from "../app/job-plan.ts";
import { scheduled, type RunHistory } from "../app/run-history.ts";
import type { Planning } from "./planning.ts";

/** How far back ended runs are looked at: a downstream job has long been decided on by then. */
const LOOK_BACK_MS = 7 * 86_400_000;

export type Verdict =
  | { readonly state: "ready" }
  | { readonly state: "waiting" }
  /** `upstream` has failed for that date, and will not be tried again. */
  | { readonly state: "blocked"; readonly upstream: string };

/** Whether the jobs that a job comes after have succeeded for a date. */
export function upstreamVerdict(job: PlannedJob, date: string, history: RunHistory): Verdict {
  const states = job.after.map((name) => ({ name, state: stateOn(name, date, history) }));
  const failed = states.find((s) => s.state === "failed");
  if (failed !== undefined) return { state: "blocked", upstream: failed.name };
  return { state: states.every((s) => s.state === "succeeded") ? "ready" : "waiting" };
}

/** Of the scheduler's newest run for the date and of what was run by hand since: a success counts, whatever came after it. */
function stateOn(name: string, date: string, history: RunHistory): "succeeded" | "failed" | "open" {
  const runs = history.onDate(name, date);
  const newest = runs.slice(Math.max(0, runs.findLastIndex(scheduled)));
  if (newest.some((r) => r.state === "succeeded")) return "succeeded";
  return newest.length === 0 || newest.some((r) => r.state === "queued" || r.state === "running" || r.followUp !== null)
    ? "open"
    : "failed";
}

/** Queues jobs without a schedule whose upstream jobs have succeeded, and writes down those that cannot run. */
export function queueDownstream(c: Planning): void {
  const { history, now, zone } = c;
  const dates = history.datesEndedSince(new Date(now.getTime() - LOOK_BACK_MS));
  for (const job of c.jobs) {
    if (job.after.length === 0) continue;
    if (job.schedule !== undefined) {
      for (const date of dates) unblock(job, date, c);
      continue;
    }
    const cron = `after ${job.after.join(", ")}`;
    const planned = history.planned(job.name);
    if (planned === undefined || planned.cron !== cron || planned.until > now.toISOString()) {
      history.setPlanned(job.name, { cron, zone, until: now.toISOString() }); // what its upstream jobs did before it came is not its affair
      continue;
    }
    for (const date of dates) decide(job, date, planned.until, c);
  }
}

function decide(job: PlannedJob, date: string, since: string, { history, log }: Planning): void {
  const verdict = upstreamVerdict(job, date, history);
  if (verdict.state === "waiting") return;
  const slots = job.after.map((name) => history.lastSlot(name, date)).filter((slot) => slot !== undefined);
  const slot = slots.sort().at(-1);
  if (slot === undefined || slot <= since) return; // only by hand, or before its time
  const last = history.attempts(job.name, slot).at(-1);
  const run = { job: job.name, date, scheduledFor: slot, trigger: "after" as const, attempt: (last?.attempt ?? 0) + 1 };
  if (verdict.state === "ready") {
    if (last === undefined || last.state === "blocked") history.queue(run);
  } else if (last === undefined) {
    const blocked = history.queue(run);
    if (blocked !== undefined) history.finish(blocked.id, blockedBy(verdict.upstream, date));
    log.error(`${job.name} for ${date} is blocked: ${verdict.upstream} has not succeeded`);
  }
}

/** A job with a schedule is queued at its time; one that was blocked then still runs when it can. */
function unblock(job: PlannedJob, date: string, { history }: Planning): void {
  const last = history.onDate(job.name, date).findLast(scheduled);
  if (last?.state === "blocked" && upstreamVerdict(job, date, history).state === "ready")
    history.queue({ job: job.name, date, scheduledFor: last.scheduledFor, trigger: "after", attempt: last.attempt + 1 });
}

export function blockedBy(upstream: string, date: string): { state: "blocked"; error: string } {
  return {
    state: "blocked",
    error: `${upstream} has not succeeded for ${date}: when it has (arachne job run ${upstream} --date ${date}), this job follows`,
  };
}
