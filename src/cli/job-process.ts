import { StopRequest } from "../app/record-run.ts";
import type { Logger } from "../core/context.ts";
import { createInterrupt } from "./interrupt.ts";

export interface JobProcess {
  readonly signal: AbortSignal;
  /** To be called when the wait for others is over. */
  working(): void;
  /** Once it was stopped. */
  exitCode(): number | undefined;
  dispose(): void;
}

/**
 * The process of a run that the scheduler started: its worker (src/scheduler/worker.mjs) says by a message what it is to stop for.
 * @param killSeconds what it gets to end by itself when the scheduler is gone
 */
export function scheduledProcess(log: Logger, killSeconds: number): JobProcess {
  const controller = new AbortController();
  const stop = (request: StopRequest): void => {
    if (controller.signal.aborted) return;
    log.warn(`stopping: ${request.message}`);
    controller.abort(request);
  };
  const onMessage = (message: unknown): void => {
    if (typeof message !== "object" || message === null || !("stop" in message)) return;
    stop(
      message.stop === "timed_out"
        ? new StopRequest("timed_out", "it took longer than its time limit")
        : new StopRequest("scheduler_stopped", "the scheduler was stopped"),
    );
    process.send?.({ stopping: true });
  };
  const onGone = (): void => {
    stop(new StopRequest("scheduler_stopped", "the scheduler is gone"));
    // What it started itself is in its process group, and would outlive it: nobody else is left to end that.
    setTimeout(endGroup, killSeconds * 1000).unref();
    process.once("exit", endGroup);
  };
  const onSignal = (name: NodeJS.Signals): void => stop(new StopRequest("interrupted", `stopped by ${name}`));
  process.on("message", onMessage).on("disconnect", onGone).on("SIGTERM", onSignal).on("SIGINT", onSignal);
  if (!process.connected) onGone();
  process.channel?.unref();
  return {
    signal: controller.signal,
    working: () => void process.send?.({ working: true }),
    exitCode: () => (controller.signal.aborted ? 143 : undefined),
    dispose: () => void process.off("message", onMessage).off("disconnect", onGone).off("SIGTERM", onSignal).off("SIGINT", onSignal),
  };
}

function endGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    // It has no group of its own: no worker started it.
  }
}

/** A run that a person started. */
export function ownProcess(log: Logger): JobProcess {
  const interrupt = createInterrupt(log);
  return { ...interrupt, working: () => undefined };
}
