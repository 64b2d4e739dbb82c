import type { PlannedJob } from "../app/job-plan.ts";
import { scheduled } from "../app/run-history.ts";
import type { Run } from "../app/run-history-rows.ts";
import { GRACE_MS } from "../core/schedule-missed.ts";
import { blockedBy, upstreamVerdict } from "./downstream.ts";
import type { Planning } from "./planning.ts";

/** Ends queued runs that are overtaken: those of jobs that are gone, and those that a later run of the same job makes pointless. */
export function skipOvertaken({ jobs, history, log, started }: Planning): void {
  const queued = history.inState("queued").filter(scheduled);
  const open = [...queued, ...history.inState("running").filter(scheduled)];
  for (const run of queued.filter((r) => !started.has(r.id))) {
    const job = jobs.find((j) => j.name === run.job);
    const error = job === undefined ? "there is no such job any more" : overtaken(run, job, open) ? "a later run of it was due" : undefined;
    if (error === undefined) continue;
    history.finish(run.id, { state: "skipped", error });
    log.warn(`${run.job} for ${run.date} is skipped: ${error}`);
  }
}

/** A downstream job owes each date a run; a scheduled one whose policy is not `all`, only its latest. */
function overtaken(run: Run, job: PlannedJob, open: readonly Run[]): boolean {
  if (job.catchUp === "all") return false;
  return open.some(
    (r) => r.job === run.job && (r.scheduledFor ?? "") > (run.scheduledFor ?? "") && (job.schedule !== undefined || r.date === run.date),
  );
}

/** What a former scheduler has queued but not started has been missed, for a job that makes up nothing. To be called once, at the start. */
export function skipStale({ jobs, history, now }: Planning): void {
  for (const run of history.inState("queued").filter(scheduled)) {
    const late = now.getTime() - Date.parse(run.scheduledFor ?? "") > GRACE_MS;
    if (late && jobs.find((j) => j.name === run.job)?.catchUp === "none")
      history.finish(run.id, { state: "skipped", error: "the scheduler was down when it was due (policy: none)" });
  }
}

export interface ReadyRun {
  readonly run: Run;
  readonly job: PlannedJob;
}

/** The queued runs to start now, oldest first: one of a job at a time, and none before the jobs that it comes after. */
export function readyRuns({ jobs, history, now, log, started }: Planning): ReadyRun[] {
  const queued = history.inState("queued").filter(scheduled);
  const busy = new Set([...history.inState("running").filter(scheduled), ...queued.filter((r) => started.has(r.id))].map((r) => r.job));
  const ready: ReadyRun[] = [];
  for (const run of queued) {
    const job = jobs.find((j) => j.name === run.job);
    if (job === undefined || busy.has(run.job) || (run.notBefore !== null && new Date(run.notBefore) > now)) continue;
    const verdict = upstreamVerdict(job, run.date, history);
    if (verdict.state === "blocked") {
      history.finish(run.id, blockedBy(verdict.upstream, run.date));
      log.error(`${run.job} for ${run.date} is blocked: ${verdict.upstream} has not succeeded`);
    }
    if (verdict.state !== "ready") continue;
    busy.add(run.job);
    ready.push({ run, job });
  }
  return ready;
}
