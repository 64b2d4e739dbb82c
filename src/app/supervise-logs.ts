import { join } from "node:path";
import type { Logger } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { createLogger } from "./logger.ts";
import { openLog, type LogWriter } from "./log-writer.ts";
import { MANAGER } from "./manager-plan.ts";

export interface SupervisorLogs extends Disposable {
  /** Whole lines of a process's, into its log. */
  print(name: string, lines: string): void;
  /** What the manager has to say of a process, in that one's log, too. */
  of(name: string): Logger;
}

/** Where the log of a managed process stands. */
export function logPath(settings: Pick<Settings, "LOG_DIR">, name: string): string {
  return join(settings.LOG_DIR, `${name}.log`);
}

/** A file each; `onLines` sees all that is written, and what cannot be. */
export function openLogs({
  settings,
  now,
  onLines,
}: {
  settings: Settings;
  now: () => Date;
  onLines: (name: string, lines: string) => void;
}): SupervisorLogs {
  const files = new Map<string, LogWriter>();
  function fileOf(name: string): LogWriter {
    const open = files.get(name);
    if (open !== undefined) return open;
    const file = openLog(logPath(settings, name), {
      maxBytes: settings.LOG_MAX_BYTES,
      files: settings.LOG_FILES,
      dated: settings.LOG_FORMAT === "text",
      now,
      onTrouble: (error) => onLines(MANAGER, `the log of ${name} cannot be written: ${describeError(error)}\n`),
    });
    files.set(name, file);
    return file;
  }
  function print(name: string, lines: string): void {
    fileOf(name).write(lines);
    onLines(name, lines);
  }
  return {
    print,
    of(name) {
      const log = createLogger({
        level: settings.LOG_LEVEL,
        format: settings.LOG_FORMAT,
        now,
        write: (line) => print(name, `${line}\n`),
      });
      const at =
        (level: keyof Logger): Logger["info"] =>
        (message, fields) =>
          log[level](name === MANAGER ? message : `${MANAGER}: ${message}`, fields);
      return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
    },
    [Symbol.dispose]: () => files.forEach((file) => file.close()),
  };
}
