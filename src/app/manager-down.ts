import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../core/context.ts";
import { CriticalError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { waitForLock } from "../storage/lock.ts";
import { ACTIVE, type Managed, type SupervisorRow } from "./manager-rows.ts";
import { isSilent, PATIENCE_MS } from "./manager-silent.ts";
import { supervisorLock, type Control } from "./manager-table.ts";
import { lifeOf } from "./process-state-identity.ts";
import { endLeftovers } from "./supervise-leftovers.ts";
import { signal } from "./supervise-marked.ts";

export interface DownOptions {
  control: Control;
  settings: Settings;
  names: readonly string[];
  log: Logger;
  now: () => Date;
  /** Called for each as it ends, in whatever order. */
  onEnd: (row: Managed) => void;
}

const POLL_MS = 100;

/**
 * Stops processes, and the supervisor when it has nothing else; resolves when nothing is left of them.
 * @returns the names of those that somebody has asked for again meanwhile
 */
export async function bringDown({ control, settings, names, log, now, onEnd }: DownOptions): Promise<string[]> {
  control.unwant(names);
  const open = new Set(names);
  const again: string[] = [];
  const serving = control.supervisor();
  const until = performance.now() + PATIENCE_MS;
  for (; ; await sleep(POLL_MS)) {
    for (const row of control.rows()) {
      if (!open.has(row.name) || (!row.wanted && ACTIVE.has(row.state))) continue;
      open.delete(row.name);
      if (row.wanted) again.push(row.name);
      else onEnd(row);
    }
    const supervisor = control.supervisor();
    const idle = control.rows().every((row) => !row.wanted && !ACTIVE.has(row.state));
    // With nothing else to do it ends, and only then is nothing left.
    if (open.size === 0 && (!idle || (supervisor === undefined && !isThere(serving)))) return again;
    if (supervisor === undefined && open.size > 0) await settleLost({ control, settings, log, now });
    // How long its processes may take to end it knows better: its settings may be others than those here.
    if (performance.now() < until || serving === undefined || !isThere(serving) || !isSilent(serving, settings, now())) continue;
    log.warn(`the manager, process ${serving.identity.pid}, does not answer: it is ended`);
    signal(serving.identity.pid, "SIGKILL");
  }
}

/** Its last step is to give up the table, and then its process still has to exit (one that supervises in its own does not). */
function isThere(supervisor: SupervisorRow | undefined): boolean {
  return supervisor !== undefined && supervisor.identity.pid !== process.pid && lifeOf(supervisor.identity) === "alive";
}

/** In place of a supervisor that was killed: ends what it has left. */
async function settleLost({ control, settings, log, now }: Pick<DownOptions, "control" | "settings" | "log" | "now">): Promise<void> {
  const never = new AbortController().signal;
  let lock;
  try {
    lock = await waitForLock(supervisorLock(settings), "the manager", { now, signal: never, seconds: 2 });
  } catch (error) {
    if (error instanceof CriticalError && error.code === "locked") return; // one has just been started: it does it
    throw error;
  }
  try {
    await endLeftovers({ settings, force: never, log });
    control.settleLost();
  } finally {
    lock.release();
  }
}
