import { mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CriticalError, describeError } from "../core/errors.ts";
import { failpoint } from "./failpoint.ts";

/** Unfinished files: hidden, and with an ending that no glob for data files matches. */
const UNFINISHED = ".unfinished";

/** What to write, or who writes it: a function gets the hidden path and has written and closed that file when it resolves. */
export type Content = string | Uint8Array | AsyncIterable<string | Uint8Array> | ((hidden: string) => Promise<void>);

export interface WriteOptions {
  /** Names its fault-injection points: `<faults>_before_fsync`, `<faults>_after_fsync`, `<faults>_after_rename`. */
  faults?: string;
}

/**
 * Writes a file that appears whole or not at all: under a hidden name beside it, fsync, rename, fsync of the folder. A
 * file of that name is replaced. Two writers of one name must be kept apart by their callers.
 * @throws CriticalError `file_write` (disk full, no permission): nothing has appeared, nothing is left over. What `content` itself throws comes through as it is.
 */
export async function writeWhole(path: string, content: Content, { faults = "file" }: WriteOptions = {}): Promise<void> {
  const hidden = join(dirname(path), `.${basename(path)}${UNFINISHED}`);
  try {
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === "function") await content(hidden);
    const file = await open(hidden, typeof content === "function" ? "r+" : "w");
    try {
      if (typeof content !== "function") await writeFile(file, content);
      failpoint(`${faults}_before_fsync`);
      await file.sync();
    } finally {
      await file.close();
    }
    failpoint(`${faults}_after_fsync`);
    await rename(hidden, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(hidden, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw isSystemError(cause) ? cannotWrite(path, cause) : cause;
  }
  failpoint(`${faults}_after_rename`);
}

/** Makes renames and removals in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what a crash left unfinished of files whose names start with `prefix`; others may be being written by others. */
export async function removeUnfinished(dir: string, prefix: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch {
    return; // no folder yet, or none that can be read: then writing says so
  }
  for (const name of names) if (name.startsWith(`.${prefix}`) && name.endsWith(UNFINISHED)) await rm(join(dir, name), { force: true });
}

const ADVICE: Record<string, string> = {
  ENOSPC: "the disk is full: free some space, then run again",
  EDQUOT: "the disk quota is used up: free some space, then run again",
  EACCES: "permission is denied: give the user who runs this write access to the folder",
  EPERM: "permission is denied: give the user who runs this write access to the folder",
  EROFS: "the file system is read-only: name another folder",
  EISDIR: "a folder of that name stands there: move it away or name another file",
  ENOTDIR: "a part of its path is a file, not a folder: name another path",
  EEXIST: "a part of its path is a file, not a folder: name another path",
  EMFILE: "too many files are open: raise the limit (ulimit -n), then run again",
};

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** A file system's error as a critical one, with what to do about it. */
export function cannotWrite(path: string, cause: unknown): CriticalError {
  const advice = (isSystemError(cause) ? ADVICE[cause.code ?? ""] : undefined) ?? `${describeError(cause)}: check the disk, then run again`;
  return new CriticalError("file_write", `file: cannot write ${path}: ${advice}`, { cause });
}
