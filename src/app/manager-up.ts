import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CriticalError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { ACTIVE, type Managed } from "./manager-rows.ts";
import { isSilent, PATIENCE_MS } from "./manager-silent.ts";
import type { Control } from "./manager-table.ts";
import { unmarked } from "./supervise-marked.ts";

/** A supervisor that was started in the background. */
export interface Started {
  ended(): boolean;
  /** What it said, which it only does when something is wrong. */
  output(): string;
}

/** Starts a process in a session of its own: a terminal that closes ends it not. */
export function startInBackground(
  command: readonly string[],
  { cwd, settings }: { cwd: string; settings: Pick<Settings, "STATE_DIR"> },
): Started {
  mkdirSync(settings.STATE_DIR, { recursive: true });
  const path = join(settings.STATE_DIR, "manager.out");
  const output = openSync(path, "w");
  const [file, ...args] = command;
  const child = spawn(file!, args, { cwd, detached: true, stdio: ["ignore", output, output], env: unmarked(process.env) });
  closeSync(output);
  let ended = false;
  child.once("exit", () => (ended = true)).once("error", () => (ended = true));
  child.unref();
  return { ended: () => ended, output: () => readFileSync(path, "utf8").trim() };
}

const POLL_MS = 100;
/** One may lose, without a word, against another that starts at the same time, or that is just ending. */
const TRIES = 3;

export interface Asked {
  control: Control;
  settings: Pick<Settings, "STATE_DIR">;
  now: () => Date;
  /** The number of the `up` that each process was asked by. */
  asked: ReadonlyMap<string, number>;
  start: () => Started;
}

/**
 * Waits until what was asked for runs, has ended, or has failed to start; sees to it that somebody is there to do it.
 * @throws CriticalError `manager_start`, or `manager_silent` when the one that is there does nothing
 */
export async function untilSettled({ control, settings, now, asked, start }: Asked): Promise<Managed[]> {
  const until = performance.now() + PATIENCE_MS;
  let started: Started | undefined;
  for (let tries = 0; ; await sleep(POLL_MS)) {
    const rows = control.rows().filter((row) => asked.has(row.name));
    if (rows.every((row) => isSettled(row, asked.get(row.name)!))) return rows;
    const supervisor = control.supervisor();
    if (supervisor !== undefined && performance.now() > until && isSilent(supervisor, settings, now()))
      throw new CriticalError("manager_silent", `manager: process ${supervisor.identity.pid} does not answer: \`arachne down\` ends it`);
    if (supervisor !== undefined || started?.ended() === false) continue;
    const said = started?.output() ?? "";
    if (said !== "" || tries++ === TRIES)
      throw new CriticalError("manager_start", `manager: cannot be started: ${said || "its process ended at once"}`);
    started = start();
  }
}

/** Also when somebody has put it down meanwhile. */
function isSettled({ wanted, state, asked, answered }: Managed, own: number): boolean {
  if (!wanted && asked === own) return !ACTIVE.has(state);
  return answered >= own && state !== "starting" && state !== "stopping";
}
