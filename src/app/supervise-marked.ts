import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const VARIABLE = "ARACHNE_SUPERVISED";
/** Holds, for a process that the manager starts, how many seconds it has to end once its supervisor is gone. */
export const SUPERVISED_CHILD = "ARACHNE_SUPERVISED_CHILD";

/**
 * Every process that a managed one starts, in whatever group or session, has its environment: by a mark in there they are all found, as Jenkins
 * finds what a build has left. (supervisord knows its own children only: https://github.com/Supervisor/supervisor/issues/1101.)
 */
export function mark(stateDir: string, name: string): Record<string, string> {
  return { [VARIABLE]: `${name}@${stateDir}` };
}

/** The environment without marks: of a process that is not to be found. */
export function unmarked(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, [VARIABLE]: undefined };
}

/** Numbers of the processes with a mark; of any name when none is given. None where the system has no /proc. */
export function markedProcesses(stateDir: string, name?: string): number[] {
  let entries: string[];
  try {
    entries = readdirSync("/proc");
  } catch {
    return [];
  }
  const matches = (value: string): boolean => (name === undefined ? value.endsWith(`@${stateDir}`) : value === `${name}@${stateDir}`);
  return entries
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => {
      const own = environmentOf(pid).find((variable) => variable.startsWith(`${VARIABLE}=`));
      return own !== undefined && matches(own.slice(VARIABLE.length + 1));
    })
    .map(Number);
}

/** Empty of a process that has ended, or is another user's. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

export interface Patience {
  /** Until they are asked to end. */
  askAfterMs: number;
  /** Until they are ended. */
  killAfterMs: number;
  /** Aborted: they are ended at once. */
  force: AbortSignal;
}

const LOOK_MS = 50;
/** A process in an uninterruptible wait of the kernel's stays even then. */
const UNKILLABLE_MS = 10_000;

/** Resolves when none of them is left, with those that nothing could end. */
export async function endAll(find: () => number[], { askAfterMs, killAfterMs, force }: Patience): Promise<number[]> {
  const began = performance.now();
  const asked = new Set<number>();
  let killed: number | undefined;
  for (;;) {
    const left = find();
    const now = performance.now();
    if (left.length === 0 || (killed !== undefined && now - killed > UNKILLABLE_MS)) return left;
    if (force.aborted || now - began >= killAfterMs) {
      killed ??= now;
      for (const pid of left) signal(pid, "SIGKILL");
    } else if (now - began >= askAfterMs)
      for (const pid of left.filter((each) => !asked.has(each))) {
        asked.add(pid);
        signal(pid, "SIGTERM");
      }
    await sleep(LOOK_MS);
  }
}

/** false: there is no such process. 0: only look. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
