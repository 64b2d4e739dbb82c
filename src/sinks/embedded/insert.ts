import type { ResultRow } from "../../core/engine.ts";
import { CriticalError } from "../../core/errors.ts";
import type { Db, Value } from "../../storage/sqlite.ts";
import { jsonText } from "../json-text.ts";

/** Rows in one statement: crossing into SQLite costs more than the row itself. */
const STATEMENT_ROWS = 100;

/** Inserts rows in one transaction, many with each statement; gives the number of rows that changed. @throws CriticalError `serving_write` */
export function inserter(db: Db, width: number, sql: (values: string) => string): (rows: readonly Value[][]) => number {
  const row = `(${Array(width).fill("?").join(",")})`;
  const prepare = (rows: number) => db.prepare(sql(Array(rows).fill(row).join(",")));
  const many = prepare(STATEMENT_ROWS);
  const one = prepare(1);
  return (rows) => {
    if (rows.length === 0) return 0;
    return written(db, () => {
      let changes = 0;
      let at = 0;
      for (; at + STATEMENT_ROWS <= rows.length; at += STATEMENT_ROWS)
        changes += many.run(...rows.slice(at, at + STATEMENT_ROWS).flat()).changes;
      for (; at < rows.length; at++) changes += one.run(...rows[at]!).changes;
      return changes;
    });
  };
}

/** A transaction whose failure is told as what it is for the user. */
export function written<R>(db: Db, work: () => R): R {
  try {
    return db.transaction(work);
  } catch (cause) {
    throw new CriticalError("serving_write", `serving: cannot write ${db.path}: check free space and permissions, then run the job again`, {
      cause,
    });
  }
}

export function toValue(row: ResultRow, column: string): Value {
  const value = row[column];
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  // A number is bound as REAL, whatever it is; whole ones should come back as whole ones.
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "string" || typeof value === "bigint") return value;
  return jsonText(value);
}
