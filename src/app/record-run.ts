import type { Day } from "../core/day.ts";
import { ArachneError, CriticalError, describeError, TransientError } from "../core/errors.ts";
import type { OwnRun, Outcome, RunHistory } from "./run-history.ts";
import { scheduled } from "./run-history.ts";
import type { Run, Trigger } from "./run-history-rows.ts";
import { runJob, type JobRequest, type JobRun } from "./run-job.ts";

/** Why a run is to stop, as its signal's reason: what the history says of it, and whether the scheduler is to make it up. */
export class StopRequest extends ArachneError {
  readonly state: "stopped" | "timed_out";
  readonly followUp: Run["followUp"];

  constructor(code: "timed_out" | "scheduler_stopped" | "interrupted", message: string) {
    super(code, message);
    this.state = code === "timed_out" ? "timed_out" : "stopped";
    this.followUp = code === "timed_out" ? "retry" : code === "scheduler_stopped" ? "catch_up" : null;
  }
}

export interface RecordRequest extends JobRequest {
  history: RunHistory;
  /** What started it, when it is no run that the scheduler has queued. */
  trigger: Exclude<Trigger, "schedule" | "catch_up" | "retry" | "after">;
}

/** Runs a job, by hand, and writes it down once it has begun: what was refused before (a bad date, a locked output) is no run. @throws what `runJob` throws */
export async function recordRun({ history, trigger, ...request }: RecordRequest): Promise<JobRun> {
  let own: OwnRun | undefined;
  const onStart = (date: Day): void => {
    own = history.begin({ job: request.job, date, trigger });
    request.onStart?.(date);
  };
  return record(() => own, { ...request, onStart });
}

/**
 * Does a run that the scheduler has queued.
 * @throws ArachneError `not_queued` when it is under way or has ended already; what `runJob` throws
 */
export async function recordQueuedRun(id: number, { history, ...request }: Omit<RecordRequest, "trigger">): Promise<JobRun> {
  const own = history.claim(id);
  if (own === undefined)
    throw new ArachneError(
      "not_queued",
      `scheduler: run ${id} is not waiting to be started (${history.get(id)?.state ?? "there is none"})`,
    );
  return record(() => own, { ...request, job: own.run.job, date: own.run.date });
}

async function record(own: () => OwnRun | undefined, request: JobRequest): Promise<JobRun> {
  try {
    const done = await runJob(request);
    const { rowsIn, rowsOut, rejected } = done.result;
    own()?.end({ state: "succeeded", rowsIn, rowsOut, rejected: Object.values(rejected).reduce((sum, n) => sum + n, 0) });
    return done;
  } catch (error) {
    const run = own();
    run?.end(outcomeOf(error, request.signal, scheduled(run.run)));
    throw error;
  }
}

function outcomeOf(error: unknown, signal: AbortSignal, byScheduler: boolean): Outcome {
  if (signal.aborted) {
    const reason: unknown = signal.reason;
    const stop = reason instanceof StopRequest ? reason : new StopRequest("interrupted", "stopped by a signal");
    const words = isStop(error, signal) ? stop.message : `${stop.message}: ${describeError(error)}`;
    return { state: stop.state, error: words, followUp: byScheduler ? stop.followUp : null };
  }
  return { state: "failed", error: describeError(error), followUp: byScheduler && mayPass(error) ? "retry" : null };
}

/** What the data, the settings or the published output have against a run, they have against it in half a minute, too. */
function mayPass(error: unknown): boolean {
  return !(error instanceof ArachneError) || error instanceof TransientError || error instanceof CriticalError;
}

/** Whether an error is nothing but a run's being stopped; what else went wrong meanwhile is to be told. */
export function isStop(error: unknown, signal: AbortSignal): boolean {
  for (let e = error; signal.aborted && e !== undefined && e !== null; e = e instanceof Error ? e.cause : undefined) {
    if (e === signal.reason || (e instanceof Error && e.name === "AbortError") || (e instanceof ArachneError && e.code === "aborted"))
      return true;
  }
  return false;
}
