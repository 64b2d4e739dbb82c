import type { Column } from "../../core/schema/columns.ts";

/** Why a value has no place in its column: a few stable words, and the whole. */
export class NoPlace {
  readonly reason: string;
  readonly detail: string;

  constructor(reason: string, detail: string) {
    this.reason = reason;
    this.detail = detail;
  }
}

/** The last day that servers of all versions can show in a DateTime. */
const LAST = Date.UTC(2106, 0, 1) / 1000 - 1;

/** Whole seconds since 1970; sub-seconds are cut off. */
export function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}

/**
 * An item as a line of TabSeparated, the one format that servers of all versions read alike: JSON's decimals and short times they do not.
 * https://clickhouse.com/docs/interfaces/formats/TabSeparated
 */
export function lineWriter(columns: readonly Column[]): (item: object) => string | NoPlace {
  const cells = columns.map(({ name }) => name);
  const writers = columns.map(cellWriter);
  return (item) => {
    let line = "";
    for (let i = 0; i < cells.length; i++) {
      const value = (item as Record<string, unknown>)[cells[i]!];
      const cell = value === null || value === undefined ? "\\N" : writers[i]!(value);
      if (typeof cell !== "string") return cell;
      line += i === 0 ? cell : `\t${cell}`;
    }
    return `${line}\n`;
  };
}

function cellWriter({ name, kind, decimal }: Column): (value: unknown) => string | NoPlace {
  switch (kind) {
    case "text":
      return (value) => {
        const text = String(value);
        return !HALF.test(text)
          ? escaped(text)
          : new NoPlace(`${name}: not_utf8`, `${name} holds half a character, which UTF-8 has no form for`);
      };
    case "boolean":
      return (value) => (value === true ? "1" : "0");
    case "decimal":
      return (value) => (typeof value === "number" ? value.toFixed(decimal![1]) : escaped(String(value)));
    case "timestamp":
      return (value) => {
        const seconds = secondsOf(String(value));
        // Ten digits: shorter ones are taken for a year.
        return seconds >= 0 && seconds <= LAST ? String(seconds).padStart(10, "0") : outOfRange(name, value);
      };
    case "date":
      return (value) => (String(value) >= "1970-01-01" && String(value) <= "2105-12-31" ? String(value) : outOfRange(name, value));
    case "struct":
    case "json":
      return (value) => escaped(JSON.stringify(value));
    default:
      return (value) => String(value);
  }
}

function outOfRange(name: string, value: unknown): NoPlace {
  return new NoPlace(`${name}: range`, `${name} must be from 1970-01-01 to 2105-12-31 to fit its column, is ${String(value)}`);
}

/** Half of a surrogate pair. */
const HALF = /\p{Surrogate}/u;

const SPECIAL = /[\\\t\n\r\0]/g;
const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0" };

export function escaped(text: string): string {
  return text.replace(SPECIAL, (character) => ESCAPES[character]!);
}
