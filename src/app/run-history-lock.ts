import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CriticalError } from "../core/errors.ts";
import { acquireLock, type Lock } from "../storage/lock.ts";

/**
 * A lock for each run, held by its process from before it is `running` until after it has ended: whoever can take the lock of a running
 * run knows that its process is gone. A process number would not tell: the system gives it to another one.
 */
export function runLocks(dir: string, now: () => Date): { take(id: number): Lock; held(id: number): boolean } {
  const path = (id: number): string => join(dir, `${id}.lock`);
  const take = (id: number): Lock => {
    const lock = acquireLock(path(id), `run ${id}`, now());
    return {
      release() {
        lock.release();
        for (const ending of ["", "-wal", "-shm", ".holder"]) rmSync(path(id) + ending, { force: true });
      },
    };
  };
  return {
    take,
    held(id) {
      if (!existsSync(path(id))) return false;
      try {
        take(id).release();
        return false;
      } catch (error) {
        if (error instanceof CriticalError && error.code === "locked") return true;
        throw error;
      }
    },
  };
}
