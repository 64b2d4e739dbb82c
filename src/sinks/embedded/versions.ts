import { ArachneError, SettingsError } from "../../core/errors.ts";
import { identifier } from "../../core/schema/sql-text.ts";
import type { ServedName } from "../../core/serving.ts";
import type { Db } from "../../storage/sqlite.ts";
import { requireKind, type Kind } from "../kinds.ts";
import { STAMP, stampAfter } from "../stamp.ts";

/** Makes `alias` show a table: all its columns, or those named. Within a transaction. */
export function show(db: Db, alias: string, table: string, columns: readonly string[] = []): void {
  const selected = columns.length === 0 ? "*" : columns.map(identifier).join(", ");
  db.exec(`DROP VIEW IF EXISTS ${identifier(alias)}; CREATE VIEW ${identifier(alias)} AS SELECT ${selected} FROM ${identifier(table)};`);
  db.prepare("INSERT INTO alias VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET current = excluded.current").run(alias, table);
}

/** A name for a new version, behind all there are. */
export function newVersion(db: Db, alias: string, now: Date): string {
  return `${alias}@${stampAfter(now, stampsOf(db, alias).at(-1))}`;
}

export function currentOf(db: Db, alias: string): string | undefined {
  return db.prepare<{ current: string }>("SELECT current FROM alias WHERE name = ?").get(alias)?.current;
}

export function rowsOf(db: Db, table: string): number {
  return db.prepare<{ n: number }>(`SELECT count(*) AS n FROM ${identifier(table)}`).get()?.n ?? 0;
}

/** Rows behind each name; 0: nothing yet. @throws SettingsError `name_taken` when something else of the file has the name */
export function inspect(db: Db, aliases: readonly string[]): Map<string, number> {
  return new Map(
    aliases.map((alias) => {
      const current = ownOf(db, alias);
      return [alias, current === undefined ? 0 : rowsOf(db, current)];
    }),
  );
}

/** @throws SettingsError `other_kind`, `name_taken` */
export function requireOwn(db: Db, alias: string, wanted: Kind): void {
  const current = ownOf(db, alias)?.slice(alias.length + 1);
  if (current !== undefined) requireKind(alias, db.path, current === "documents" || current === "slices" ? current : "table", wanted);
}

/** What an alias shows; undefined: the name is free. @throws SettingsError `name_taken` */
function ownOf(db: Db, alias: string): string | undefined {
  const current = currentOf(db, alias);
  if (current !== undefined) return current;
  const type = db.prepare<{ type: string }>("SELECT type FROM sqlite_schema WHERE name = ? COLLATE NOCASE").get(alias)?.type;
  if (type === undefined) return undefined;
  throw new SettingsError(
    "name_taken",
    `serving: use the name ${alias} in ${db.path}: a ${type} of that file has it: choose another name, or another file with SERVING_PATH`,
  );
}

/** Removes former versions beyond `keep`, and tables that were never published or were gone back from. */
export function prune(db: Db, alias: string, keep: number): void {
  const kept = new Set([currentOf(db, alias), ...formerOf(db, alias).slice(0, keep)]);
  for (const stamp of stampsOf(db, alias)) {
    const table = `${alias}@${stamp}`;
    if (!kept.has(table)) db.transaction(() => drop(db, table));
  }
}

export function drop(db: Db, table: string): void {
  db.exec(`DROP TABLE IF EXISTS ${identifier(table)}`);
  db.prepare("DELETE FROM version WHERE name = ?").run(table);
}

export function servedNames(db: Db): ServedName[] {
  const names = db.prepare<{ name: string; current: string }>("SELECT name, current FROM alias ORDER BY name").all();
  return names.map(({ name, current }) => ({ alias: name, current, former: formerOf(db, name), rows: rowsOf(db, current) }));
}

/** What is gone back from is no version to go back to any more; the next publication removes it. */
export function rollback(db: Db, alias: string): { from: string; to: string } {
  return db.transaction(() => {
    const from = currentOf(db, alias);
    if (from === undefined) {
      const known = servedNames(db).map((name) => name.alias);
      throw new SettingsError(
        "unknown_alias",
        `serving: ${db.path} has no ${alias}. ${known.length === 0 ? "It has nothing yet: run a job first" : `It has: ${known.join(", ")}`}`,
      );
    }
    const to = formerOf(db, alias)[0];
    if (to === undefined) throw new ArachneError("no_former", `serving: ${alias} has no former version to go back to: it stays ${from}`);
    show(db, alias, to);
    db.prepare("DELETE FROM version WHERE name = ?").run(from);
    return { from, to };
  });
}

function formerOf(db: Db, alias: string): string[] {
  return db
    .prepare<{ name: string }>("SELECT name FROM version WHERE alias = ? AND name <> ? ORDER BY seq DESC")
    .all(alias, currentOf(db, alias) ?? "")
    .map((row) => row.name);
}

/** In order; those of tables in building too. */
function stampsOf(db: Db, alias: string): string[] {
  return db
    .prepare<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .filter(({ name }) => name.startsWith(`${alias}@`))
    .map(({ name }) => name.slice(alias.length + 1))
    .filter((stamp) => STAMP.test(stamp));
}
