import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { CriticalError } from "../core/errors.ts";

/** A file that is written bit by bit and yet appears whole. */
export interface WholeStream {
  /** @throws CriticalError `file_write` */
  write(text: string): void;
  /** Makes it appear, in place of a file of that name. */
  commit(): void;
  /** Forgets it; no effect once it has appeared. */
  abort(): void;
}

/** As `writeWhole`, for content that is too much to hold. @throws CriticalError `file_write` */
export function openWhole(path: string): WholeStream {
  const hidden = join(dirname(path), `.${basename(path)}.unfinished`);
  const attempt = <R>(work: () => R): R => {
    try {
      return work();
    } catch (cause) {
      throw new CriticalError("file_write", `file: cannot write ${path}: check free space and permissions, then run again`, { cause });
    }
  };
  const fd = attempt(() => {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(hidden, "w");
  });
  let open = true;
  const close = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  return {
    write(text) {
      const bytes = Buffer.from(text);
      attempt(() => {
        for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      });
    },
    commit() {
      attempt(() => {
        fsyncSync(fd);
        close();
        renameSync(hidden, path);
      });
    },
    abort() {
      if (!open) return;
      close();
      rmSync(hidden, { force: true });
    },
  };
}
