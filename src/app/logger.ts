import type { Logger } from "../core/context.ts";
import { printable } from "../core/printable.ts";

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40 } as const;
type Level = keyof typeof LEVELS;

export interface LoggerOptions {
  level: Level;
  format: "text" | "json";
  write: (line: string, level: Level) => void;
  now: () => Date;
}

export function createLogger({ level, format, write, now }: LoggerOptions): Logger {
  const at =
    (own: Level) =>
    (message: string, fields?: Record<string, unknown>): void => {
      if (LEVELS[own] < LEVELS[level]) return;
      write(
        format === "json"
          ? JSON.stringify({ at: now().toISOString(), level: own, message: printable(message), ...fields })
          : text(now(), own, message, fields),
        own,
      );
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function text(at: Date, level: Level, message: string, fields: Record<string, unknown> = {}): string {
  const tail = Object.entries(fields).map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  return printable(`${at.toISOString().slice(11, 19)} ${level === "info" ? "" : `${level} `}${message}${tail.join("")}`);
}
