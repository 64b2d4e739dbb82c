import { existsSync } from "node:fs";
import { join } from "node:path";
import { CriticalError } from "../core/errors.ts";
import { acquireLock, type Lock } from "../storage/lock.ts";

export interface RunLock extends Lock {
  readonly number: number;
}

/**
 * Locks that the processes of runs hold from before a run is `running` until after it has ended: when the lock of a running run is free,
 * its process is gone. (A process number would not tell: the system gives it to another one.) Their files are numbered and used
 * again, never removed: to remove one while somebody opens it is an I/O error to SQLite.
 */
export function runLocks(dir: string, now: () => Date): { take(): RunLock; held(number: number): boolean } {
  const path = (number: number): string => join(dir, `${number}.lock`);
  function take(number: number): RunLock | undefined {
    try {
      return { number, ...acquireLock(path(number), `run lock ${number}`, now()) };
    } catch (error) {
      if (error instanceof CriticalError && error.code === "locked") return undefined;
      throw error;
    }
  }
  return {
    take() {
      for (let number = 0; ; number++) {
        const lock = take(number);
        if (lock !== undefined) return lock;
      }
    },
    held(number) {
      if (!existsSync(path(number))) return false;
      const lock = take(number);
      lock?.release();
      return lock === undefined;
    },
  };
}
