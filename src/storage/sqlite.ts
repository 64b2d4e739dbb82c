import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "libsql";
import { CriticalError } from "../core/errors.ts";

export type Value = string | number | bigint | null | Uint8Array;

export interface Statement<Row> {
  run(...values: Value[]): { changes: number; lastInsertRowid: number | bigint };
  get(...values: Value[]): Row | undefined;
  all(...values: Value[]): Row[];
}

export interface Db {
  readonly path: string;
  exec(sql: string): void;
  prepare<Row = unknown>(sql: string): Statement<Row>;
  /** Runs `work` in one IMMEDIATE transaction: all of it, or nothing. Not to be nested. */
  transaction<R>(work: () => R): R;
  close(): void;
}

export interface OpenOptions {
  /** SQL scripts that bring an empty file to today's shape, in order. Append only: `user_version` counts those applied. */
  migrations: readonly string[];
  /** NORMAL survives kill -9; FULL also a power cut, at an fsync a commit. */
  synchronous?: "NORMAL" | "FULL";
  cacheKiB?: number;
}

/**
 * Opens a SQLite file once and well: WAL, so that other processes read while one writes; a busy timeout; migrations.
 * @throws CriticalError when the file cannot be opened, is not a database, or was written by a newer version.
 */
export function openDatabase(path: string, { migrations, synchronous = "NORMAL", cacheKiB = 2_000 }: OpenOptions): Db {
  const raw = open(path);
  const db = wrap(path, raw);
  try {
    db.exec(`PRAGMA busy_timeout=10000; PRAGMA journal_mode=WAL; PRAGMA synchronous=${synchronous};
      PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-${cacheKiB}; PRAGMA foreign_keys=ON;`);
    migrate(db, migrations);
  } catch (cause) {
    raw.close();
    throw cause instanceof CriticalError ? cause : unusable(path, cause);
  }
  return db;
}

function open(path: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return new Database(path);
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): CriticalError {
  return new CriticalError(
    "storage_unusable",
    `storage: cannot open ${path}: check that the folder is writable and the file is Arachne's own`,
    {
      cause,
    },
  );
}

function migrate(db: Db, migrations: readonly string[]): void {
  const version = () => db.prepare<{ user_version: number }>("PRAGMA user_version").get()?.user_version ?? 0;
  if (version() === migrations.length) return;
  db.transaction(() => {
    const from = version(); // again under the write lock: another process may have been quicker
    if (from > migrations.length)
      throw new CriticalError(
        "storage_newer",
        `storage: ${db.path} was written by a newer Arachne (schema ${from}, this one knows ${migrations.length}): update Arachne`,
      );
    for (let i = from; i < migrations.length; i++) db.exec(migrations[i]!);
    db.exec(`PRAGMA user_version=${migrations.length}`);
  });
}

function wrap(path: string, raw: Database.Database): Db {
  const begin = raw.prepare("BEGIN IMMEDIATE");
  const commit = raw.prepare("COMMIT");
  return {
    path,
    exec: (sql) => void raw.exec(sql),
    prepare<Row>(sql: string): Statement<Row> {
      const statement = raw.prepare(sql);
      // Parameters always go as one array: libsql 0.5 aborts the process on a lone Buffer and throws on a lone null.
      return {
        run: (...values) => statement.run(values),
        get: (...values) => statement.get(values) as Row | undefined,
        all: (...values) => statement.all(values) as Row[],
      };
    },
    transaction(work) {
      begin.run();
      try {
        const result = work();
        commit.run();
        return result;
      } catch (error) {
        if (raw.inTransaction) raw.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => void raw.close(),
  };
}
