import Database from "libsql";
import { CriticalError } from "../core/errors.ts";
import type { Sql } from "../core/schema/sql-text.ts";

export interface SqliteReader extends Disposable {
  all<Row>(sql: Sql): Row[];
  iterate<Row>(sql: Sql): IterableIterator<Row>;
}

/** Looks into a SQLite file, whatever wrote it, beside its writers; changes nothing. @throws CriticalError when it is no such file */
export function readSqlite(path: string): SqliteReader {
  let db: Database.Database;
  try {
    db = new Database(path, { readonly: true });
    db.exec("PRAGMA busy_timeout=10000");
  } catch (cause) {
    throw new CriticalError("storage_unusable", `storage: cannot read ${path}`, { cause });
  }
  return {
    all: <Row>(sql: Sql) => db.prepare(sql).all() as Row[],
    iterate: <Row>(sql: Sql) => db.prepare(sql).iterate() as IterableIterator<Row>,
    [Symbol.dispose]: () => void db.close(),
  };
}
