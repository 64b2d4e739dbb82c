import { randomUUID } from "node:crypto";
import { hostname } from "node:os";

/** The process that builds an index: others leave what it has not published yet alone as long as it may be at it. */
export interface Builder {
  host: string;
  pid: number;
  /** Another one in every process: ids come back. */
  run: string;
  /** When it began, ISO. */
  at: string;
}

const RUN = randomUUID();
/** A process on another machine cannot be asked whether it lives; and process ids come back. */
const LONGEST_BUILD_HOURS = 24;

export function thisBuilder(now: Date): Builder {
  return { host: hostname(), pid: process.pid, run: RUN, at: now.toISOString() };
}

/** Whether it may still be at it: for a day at most, and on this machine only as long as the process lives. */
export function mayBeBuilding({ host, pid, run, at }: Builder, now: Date): boolean {
  if (run === RUN) return true;
  if (now.getTime() - Date.parse(at) >= LONGEST_BUILD_HOURS * 3_600_000) return false;
  return host !== hostname() || (pid !== process.pid && isAlive(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
