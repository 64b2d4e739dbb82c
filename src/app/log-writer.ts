import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { logFiles, rotatedName } from "./log-files.ts";

export interface LogWriterOptions {
  /** Above this a new file is begun. */
  maxBytes: number;
  /** That are kept, with the one that is written. */
  files: number;
  /** Whether a line with the date goes before a day's first: lines for people have the time only. */
  dated: boolean;
  now: () => Date;
  /** Called when writing begins to fail: what follows is lost, and counted, until it works again. */
  onTrouble: (error: unknown) => void;
}

export interface LogWriter {
  /** Whole lines, with their ends. Never throws: who logs has other work to do. */
  write(lines: string): void;
  close(): void;
}

/** A log file with rotation. It alone may write there. */
export function openLog(path: string, { maxBytes, files, dated, now, onTrouble }: LogWriterOptions): LogWriter {
  let fd: number | undefined;
  let size = 0;
  let day = "";
  let lost = 0;
  let looked = 0;

  function open(): number {
    if (fd !== undefined) return fd;
    mkdirSync(dirname(path), { recursive: true });
    fd = openSync(path, "a");
    size = fstatSync(fd).size;
    return fd;
  }

  function close(): void {
    const file = fd;
    fd = undefined;
    try {
      if (file !== undefined) closeSync(file);
    } catch {
      // What could not be written has been told already.
    }
  }

  function rotate(): void {
    close();
    for (let age = files - 1; age > 0; age--)
      if (existsSync(rotatedName(path, age - 1))) renameSync(rotatedName(path, age - 1), rotatedName(path, age));
    // Those that the setting no longer keeps, and the newest itself where only one is.
    for (const file of logFiles(path)) if (files === 1 || Number(file.slice(path.length + 1)) >= files) rmSync(file, { force: true });
  }

  /** A clean-up of old logs, or a person, may have removed it. */
  function reopenRemoved(at: number): void {
    if (fd === undefined || at - looked < 1000) return;
    looked = at;
    if (fstatSync(fd).nlink === 0) close();
  }

  function append(text: string): void {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += writeSync(open(), bytes, done);
    size += bytes.length;
  }

  const missing = (count: number): string => {
    const words = `missing here, for they could not be written: ${count} lines`;
    return `${dated ? `-- ${words}` : JSON.stringify({ at: now().toISOString(), level: "warn", message: words })}\n`;
  };

  return {
    write(lines) {
      const at = now();
      const today = at.toISOString().slice(0, 10);
      try {
        reopenRemoved(at.getTime());
        open();
        if (size > 0 && size + lines.length > maxBytes) {
          rotate();
          day = "";
        }
        if (lost > 0) append(missing(lost));
        lost = 0;
        if (dated && day !== today) append(`-- ${today}, times are UTC\n`);
        day = today;
        append(lines);
      } catch (error) {
        close(); // the next write looks at what there is then
        if (lost === 0) onTrouble(error);
        lost += lines.split("\n").length - 1;
      }
    },
    close,
  };
}
