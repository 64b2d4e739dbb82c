import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CriticalError } from "../core/errors.ts";
import { failpoint } from "./failpoint.ts";

/** Unfinished files: hidden, and with an ending that no glob for data files matches. */
const UNFINISHED = ".unfinished";

/**
 * Writes a file that appears whole or not at all: under a hidden name, fsync, rename, fsync of the folder. A file of that
 * name is replaced. `write` gets the hidden path and must have written and closed it, when it is not given chunks.
 * @throws CriticalError `file_write` (disk full, no permission): nothing has appeared
 */
export async function writeWhole(path: string, content: Iterable<string | Uint8Array> | ((hidden: string) => Promise<void>)): Promise<void> {
  const dir = dirname(path);
  const hidden = join(dir, `.${basename(path)}${UNFINISHED}`);
  try {
    mkdirSync(dir, { recursive: true });
    if (typeof content === "function") {
      await content(hidden);
      failpoint("batch_before_fsync");
      syncPath(hidden);
    } else writeChunks(hidden, content);
    failpoint("batch_after_fsync");
    renameSync(hidden, path);
    syncPath(dir);
  } catch (cause) {
    rmSync(hidden, { force: true });
    throw new CriticalError("file_write", `file: cannot write ${path}: check free space and permissions, then run again`, { cause });
  }
  failpoint("batch_after_rename");
}

function writeChunks(hidden: string, chunks: Iterable<string | Uint8Array>): void {
  const fd = openSync(hidden, "w");
  try {
    for (const chunk of chunks) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    }
    failpoint("batch_before_fsync");
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncPath(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Removes what a crash left unfinished of files whose names start with `prefix`; others may be being written by others. */
export function removeUnfinished(dir: string, prefix: string): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch {
    return;
  }
  for (const name of names) if (name.startsWith(`.${prefix}`) && name.endsWith(UNFINISHED)) rmSync(join(dir, name), { force: true });
}
