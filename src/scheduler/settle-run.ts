import type { RunHistory } from "../app/run-history.ts";
import type { Run } from "../app/run-history-rows.ts";
import type { RunEnd } from "./executor.ts";

/** Writes down what the process of a run could not write itself. @returns the run as it stands then */
export function settleRun(id: number, end: RunEnd, history: RunHistory): Run {
  const run = history.get(id)!;
  if (run.state === "queued") {
    const error = `its process ended before it began (${how(end)}): see ${run.logFile ?? "its log"}`;
    history.finish(id, { state: "failed", error, followUp: end.stopped === "scheduler_stopped" ? "catch_up" : "retry" });
  }
  // Held by somebody: then it was not the process that ended here.
  if (run.state === "running" && !history.held(id)) {
    if (end.stopped === "timed_out")
      history.finish(id, { state: "timed_out", error: "it took too long, and had to be killed", followUp: "retry" });
    else if (end.stopped === "scheduler_stopped")
      history.finish(id, { state: "stopped", error: "the scheduler stopped, and it had to be killed", followUp: "catch_up" });
    else history.finish(id, { state: "lost", error: `its process ended without a word (${how(end)})`, followUp: "retry" });
  }
  return history.get(id)!;
}

function how({ code, signal, error }: RunEnd): string {
  return error ?? (typeof signal === "string" ? signal : `exit code ${code ?? "unknown"}`);
}
