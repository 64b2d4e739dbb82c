import type { Logger } from "../core/context.ts";
import type { Settings } from "../core/settings.ts";
import type { ManagedKind } from "./manager-plan.ts";
import { killSeconds } from "./schedule-status.ts";
import { endAll, markedProcesses } from "./supervise-marked.ts";

/** What a process gets to stop by itself. A scheduler gives its jobs JOB_STOP_SECONDS, and then their processes some more. */
export function stopSeconds(kind: ManagedKind, settings: Settings): number {
  const own = settings.MANAGER_STOP_SECONDS;
  return kind === "scheduler" ? Math.max(own, settings.JOB_STOP_SECONDS + killSeconds(settings) + 5) : own;
}

export interface LeftoverOptions {
  settings: Settings;
  force: AbortSignal;
  log: Pick<Logger, "info" | "error">;
}

/** Processes of a supervisor that was killed notice it and stop by themselves; those that do not are ended. */
export async function endLeftovers({ settings, force, log }: LeftoverOptions): Promise<void> {
  const find = (): number[] => markedProcesses(settings.STATE_DIR);
  const found = find();
  if (found.length === 0) return;
  log.info(`waiting for the end of ${found.length === 1 ? "a process" : `${found.length} processes`} of a manager that was killed`);
  const patience = stopSeconds("scheduler", settings) * 1000;
  const left = await endAll(find, { askAfterMs: patience, killAfterMs: patience + 2000, force });
  if (left.length > 0) log.error(`cannot be ended, not even by SIGKILL: process ${left.join(", ")}`);
}
