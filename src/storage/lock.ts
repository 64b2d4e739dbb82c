import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CriticalError } from "../core/errors.ts";
import { openDatabase } from "./sqlite.ts";

export interface Lock {
  release(): void;
}

/**
 * An exclusive lock across processes that no crash can leave behind: the operating system holds it on an open SQLite file
 * and drops it with the process. Who holds it stands in a text file beside it, for the message only.
 * @throws CriticalError `locked`, naming the holder.
 */
export function acquireLock(path: string, what: string, now: Date): Lock {
  const db = openDatabase(path, { migrations: [] });
  const holder = `${path}.holder`;
  try {
    db.exec("PRAGMA busy_timeout=0; BEGIN EXCLUSIVE;");
  } catch (cause) {
    db.close();
    if ((cause as { code?: string }).code !== "SQLITE_BUSY") throw cause;
    throw new CriticalError("locked", `${what} is already running (${describeHolder(holder)}): wait for it or stop it`);
  }
  writeFileSync(holder, `process ${process.pid} since ${now.toISOString()}`);
  return {
    release() {
      db.exec("ROLLBACK"); // close() alone leaves the lock until libsql's statements are collected
      db.close();
    },
  };
}

const POLL_MS = 250;

export interface LockWait {
  now: () => Date;
  signal: AbortSignal;
  /** 0: not at all. */
  seconds: number;
  /** Called once, when the wait begins. */
  onWait?: () => void;
}

/** The same, waiting for its holder to let go. @throws CriticalError `locked` when the time is up, or the wait was aborted */
export async function waitForLock(path: string, what: string, { now, signal, seconds, onWait }: LockWait): Promise<Lock> {
  const until = performance.now() + seconds * 1000;
  for (let first = true; ; first = false) {
    try {
      return acquireLock(path, what, now());
    } catch (error) {
      const left = until - performance.now();
      if (!(error instanceof CriticalError) || error.code !== "locked" || left <= 0 || signal.aborted) throw error;
      if (first) onWait?.();
      await sleep(Math.min(POLL_MS, left), undefined, { signal }).catch(() => undefined);
    }
  }
}

function describeHolder(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "holder unknown";
  }
}
