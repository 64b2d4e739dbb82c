import { SettingsError } from "../../core/errors.ts";
import { identifier } from "../../core/schema/sql-text.ts";
import type { ServedDocuments, UpsertCounts } from "../../core/serving.ts";
import type { Db } from "../../storage/sqlite.ts";
import { inserter, written } from "./insert.ts";
import { requireOwn, show } from "./versions.ts";

type Row = [key: string, version: string, document: string];

/** Rows in one transaction: readers and other writers wait for the write lock no longer than it takes. */
const TRANSACTION_ROWS = 20_000;

/** Makes an alias of documents, which holds none yet. */
export function prepare(db: Db, alias: string): void {
  db.transaction(() => make(db, alias));
}

export async function upsert(db: Db, { alias, origin, documents, prefer }: ServedDocuments): Promise<UpsertCounts> {
  const table = tableOf(alias);
  db.transaction(() => {
    const held = db.prepare<{ origin: string }>("SELECT origin FROM document_origin WHERE alias = ?").get(alias)?.origin ?? origin;
    if (held !== origin)
      throw new SettingsError(
        "mixed_origins",
        `serving: ${alias} in ${db.path} holds ${held} documents and these are ${origin}: remove that file, or name another with SERVING_PATH`,
      );
    db.prepare("INSERT OR IGNORE INTO document_origin VALUES (?, ?)").run(alias, origin);
    make(db, alias);
  });
  const equal = prefer === undefined ? " OR (excluded.version = version AND excluded.document <> document)" : "";
  const insert = inserter(
    db,
    3,
    (values) => `INSERT INTO ${identifier(table)} VALUES ${values} ON CONFLICT (key) DO UPDATE SET
      version = excluded.version, document = excluded.document WHERE excluded.version > version${equal}`,
  );
  const put = (rows: readonly Row[]): number => {
    const changes = insert(rows);
    return prefer === undefined || changes === rows.length ? changes : changes + settle(db, table, rows, prefer);
  };
  let seen = 0;
  let changed = 0;
  let waiting: Row[] = [];
  for await (const chunk of documents) {
    for (const { key, version, document } of chunk) waiting.push([key, version, document]);
    seen += chunk.length;
    if (waiting.length < TRANSACTION_ROWS) continue;
    changed += put(waiting);
    waiting = [];
  }
  changed += put(waiting);
  return { written: changed, kept: seen - changed };
}

function make(db: Db, alias: string): void {
  requireOwn(db, alias, "documents");
  const table = tableOf(alias);
  db.exec(`CREATE TABLE IF NOT EXISTS ${identifier(table)} (key TEXT NOT NULL UNIQUE, version TEXT NOT NULL, document TEXT NOT NULL)`);
  show(db, alias, table);
}

function tableOf(alias: string): string {
  return `${alias}@documents`;
}

/** Puts those of the rows that are preferred to what is there of their version; gives their number. */
function settle(db: Db, table: string, rows: readonly Row[], prefer: NonNullable<ServedDocuments["prefer"]>): number {
  const there = db.prepare<{ version: string; document: string }>(`SELECT version, document FROM ${identifier(table)} WHERE key = ?`);
  const replace = db.prepare(`UPDATE ${identifier(table)} SET document = ? WHERE key = ?`);
  return written(db, () => {
    let changes = 0;
    for (const [key, version, document] of rows) {
      const found = there.get(key);
      if (found?.version !== version || found.document === document || !prefer(document, found.document)) continue;
      changes += replace.run(document, key).changes;
    }
    return changes;
  });
}
