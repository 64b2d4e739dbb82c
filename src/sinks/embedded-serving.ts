import { CriticalError, SettingsError } from "../core/errors.ts";
import type { ResultRow } from "../core/engine.ts";
import type { ServedDocuments, ServedTable, Serving } from "../core/serving.ts";
import { identifier } from "../core/schema/sql-text.ts";
import { failpoint } from "../storage/failpoint.ts";
import { openDatabase, type Db, type Value } from "../storage/sqlite.ts";

const MIGRATIONS = [
  `CREATE TABLE alias (name TEXT PRIMARY KEY, current TEXT NOT NULL, previous TEXT, "rows" INTEGER, published_at INTEGER NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE document_origin (alias TEXT PRIMARY KEY, origin TEXT NOT NULL) WITHOUT ROWID;`,
];

/** Rows in one transaction: readers and other writers wait for the write lock no longer than it takes. */
const TRANSACTION_ROWS = 20_000;
/** Rows in one statement: crossing into SQLite costs more than the row itself. */
const STATEMENT_ROWS = 100;

/** The serving store in one SQLite file (WAL): views as aliases over versioned tables, and tables of JSON documents by key. */
export function openEmbeddedServing({ path, now }: { path: string; now: () => Date }): Serving {
  const db = openDatabase(path, { migrations: MIGRATIONS, cacheKiB: 64_000 });
  const built: { alias: string; table: string; rows: number }[] = [];
  const stamp = now().toISOString().replace(/[-:.]/g, "");
  return {
    async buildTable(table) {
      const name = `${table.alias}@${stamp}`;
      built.push({ alias: table.alias, table: name, rows: await fill(db, name, table) });
    },
    upsert: (documents) => upsert(db, documents, now),
    publish() {
      failpoint("serving_before_swap");
      db.transaction(() => {
        for (const b of built) moveAlias(db, b.alias, b.table, b.rows, now());
      });
      failpoint("serving_after_swap");
      for (const b of built.splice(0)) dropOldTables(db, b.alias);
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      return Promise.resolve();
    },
    [Symbol.asyncDispose]() {
      for (const b of built) db.exec(`DROP TABLE IF EXISTS ${identifier(b.table)}`);
      db.close();
      return Promise.resolve();
    },
  };
}

async function fill(db: Db, name: string, { rows, key, expected }: ServedTable): Promise<number> {
  db.exec(`DROP TABLE IF EXISTS ${identifier(name)}`);
  let insert: ((rows: readonly Value[][]) => number) | undefined;
  let count = 0;
  for await (const chunk of rows) {
    if (chunk.length === 0) continue;
    const columns = Object.keys(chunk[0]!);
    if (insert === undefined) {
      db.exec(`CREATE TABLE ${identifier(name)} (${columns.map(identifier).join(", ")})`);
      insert = inserter(db, columns.length, (values) => `INSERT INTO ${identifier(name)} VALUES ${values}`);
    }
    count += insert(chunk.map((row) => columns.map((column) => toValue(row, column))));
  }
  if (count !== expected)
    throw new CriticalError(
      "serving_count",
      `serving: ${name} got ${count} rows where ${expected} were expected: nothing was published; run the job again`,
    );
  if (count === 0) db.exec(`CREATE TABLE ${identifier(name)} (${key.map(identifier).join(", ")})`);
  else db.exec(`CREATE INDEX ${identifier(`${name} key`)} ON ${identifier(name)} (${key.map(identifier).join(", ")})`);
  return count;
}

async function upsert(db: Db, { alias, origin, documents }: ServedDocuments, now: () => Date): Promise<number> {
  const table = `${alias}@documents`;
  db.transaction(() => {
    const held = db.prepare<{ origin: string }>("SELECT origin FROM document_origin WHERE alias = ?").get(alias)?.origin ?? origin;
    if (held !== origin)
      throw new SettingsError(
        "mixed_origins",
        `serving: ${alias} in ${db.path} holds ${held} documents and these are ${origin}: remove that file, or name another with SERVING_PATH`,
      );
    db.prepare("INSERT OR IGNORE INTO document_origin VALUES (?, ?)").run(alias, origin);
    db.exec(`CREATE TABLE IF NOT EXISTS ${identifier(table)} (key TEXT NOT NULL UNIQUE, version TEXT NOT NULL, document TEXT NOT NULL)`);
    moveAlias(db, alias, table, null, now());
  });
  const put = inserter(
    db,
    3,
    (values) => `INSERT INTO ${identifier(table)} VALUES ${values} ON CONFLICT (key) DO UPDATE SET
      version = excluded.version, document = excluded.document WHERE excluded.version > version OR (excluded.version = version AND excluded.document <> document)`,
  );
  let changed = 0;
  let waiting: Value[][] = [];
  for await (const chunk of documents) {
    for (const { key, version, document } of chunk) waiting.push([key, version, document]);
    if (waiting.length < TRANSACTION_ROWS) continue;
    changed += put(waiting);
    waiting = [];
  }
  return changed + put(waiting);
}

/** Inserts rows in one transaction, many with each statement. */
function inserter(db: Db, width: number, sql: (values: string) => string): (rows: readonly Value[][]) => number {
  const row = `(${Array(width).fill("?").join(",")})`;
  const prepare = (rows: number) => db.prepare(sql(Array(rows).fill(row).join(",")));
  const many = prepare(STATEMENT_ROWS);
  const one = prepare(1);
  return (rows) => {
    if (rows.length === 0) return 0;
    try {
      return db.transaction(() => {
        let changes = 0;
        let at = 0;
        for (; at + STATEMENT_ROWS <= rows.length; at += STATEMENT_ROWS)
          changes += many.run(...rows.slice(at, at + STATEMENT_ROWS).flat()).changes;
        for (; at < rows.length; at++) changes += one.run(...rows[at]!).changes;
        return changes;
      });
    } catch (cause) {
      throw new CriticalError(
        "serving_write",
        `serving: cannot write ${db.path}: check free space and permissions, then run the job again`,
        { cause },
      );
    }
  };
}

function moveAlias(db: Db, alias: string, table: string, rows: number | null, now: Date): void {
  db.exec(`DROP VIEW IF EXISTS ${identifier(alias)}; CREATE VIEW ${identifier(alias)} AS SELECT * FROM ${identifier(table)};`);
  db.prepare(
    `INSERT INTO alias VALUES (?, ?, NULL, ?, ?) ON CONFLICT (name) DO UPDATE SET
       previous = CASE WHEN current = excluded.current THEN previous ELSE current END,
       current = excluded.current, "rows" = excluded."rows", published_at = excluded.published_at`,
  ).run(alias, table, rows, now.getTime());
}

/** All of this alias's tables but its current and its previous one: older ones, and what crashed runs left. */
function dropOldTables(db: Db, alias: string): void {
  const names = db
    .prepare<{ name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE ? || '@%'
         AND name NOT IN (SELECT current FROM alias UNION SELECT previous FROM alias WHERE previous IS NOT NULL)`,
    )
    .all(alias);
  for (const { name } of names) db.exec(`DROP TABLE ${identifier(name)}`);
}

function toValue(row: ResultRow, column: string): Value {
  const value = row[column];
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  // A number is bound as REAL, whatever it is; whole ones should come back as whole ones.
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "string" || typeof value === "bigint") return value;
  return JSON.stringify(value);
}
