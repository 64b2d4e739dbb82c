import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { logFiles } from "./log-files.ts";
import { wholeLines } from "./supervise-lines.ts";

export interface Follower {
  /** Gives what has been written since. */
  poll(): void;
  /** Where in the newest file it has come to. */
  position(): number;
  close(): void;
}

const BLOCK = 64 * 1024;

/**
 * Reads a log from its end on, over rotations: an open file stays the same when it is renamed, so what is left of it is read before the next
 * one is begun. The log need not be there yet.
 */
export function followLog(path: string, onLines: (lines: string) => void): Follower {
  const buffer = Buffer.alloc(BLOCK);
  const lines = wholeLines(onLines);
  let fd = open(path);
  let at = fd === undefined ? 0 : fstatSync(fd).size;

  function drain(from: number): void {
    if (fstatSync(from).size < at) at = 0; // somebody has emptied it
    for (;;) {
      const read = readSync(from, buffer, 0, BLOCK, at);
      if (read === 0) return;
      at += read;
      lines.push(Buffer.from(buffer.subarray(0, read)));
    }
  }

  /** The files begun after the one that is open, oldest first. */
  function later(from: number): string[] {
    const own = fstatSync(from).ino;
    const files = logFiles(path);
    const index = files.findIndex((file) => inodeOf(file) === own);
    return (index < 0 ? files : files.slice(0, index)).reverse();
  }

  return {
    poll() {
      if (fd === undefined) {
        fd = open(path);
        at = 0;
        if (fd === undefined) return;
      }
      drain(fd);
      if (inodeOf(path) === fstatSync(fd).ino) return;
      drain(fd); // what was written before it was renamed
      for (const file of later(fd)) {
        const next = open(file);
        if (next === undefined) continue;
        closeSync(fd);
        fd = next;
        at = 0;
        drain(fd);
      }
    },
    position: () => at,
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}

function open(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
