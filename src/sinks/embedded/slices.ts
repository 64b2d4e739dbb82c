import type { Logger } from "../../core/context.ts";
import { itemKey } from "../../core/item.ts";
import { columnsOf } from "../../core/schema/columns.ts";
import { identifier } from "../../core/schema/sql-text.ts";
import type { ServedSlice } from "../../core/serving.ts";
import type { Db } from "../../storage/sqlite.ts";
import { laterRun } from "../later-run.ts";
import { tableRows } from "../table-rows.ts";
import { inserter, toValue, written } from "./insert.ts";
import { requireOwn, show } from "./versions.ts";

/** The row's key as one text: NULLs in it are values here, which they are not for a UNIQUE of several columns. */
const ID = "@id";

/** Collects a slice's rows, then swaps them in whole; a slice that a later run has written stays as it is. */
export async function replaceSlice(db: Db, slice: ServedSlice, log: Logger): Promise<void> {
  const { alias, item, version } = slice;
  const { field, value } = slice.slice;
  requireOwn(db, alias, "slices");
  const columns = columnsOf(item).map((column) => column.name);
  const table = `${alias}@slices`;
  const incoming = `${alias}@incoming`;
  const list = [ID, ...columns].map(identifier).join(", ");
  db.exec(`DROP TABLE IF EXISTS ${identifier(incoming)}; CREATE TEMP TABLE ${identifier(incoming)} (${list})`);
  try {
    const insert = inserter(db, columns.length + 1, (values) => `INSERT INTO ${identifier(incoming)} VALUES ${values}`);
    for await (const rows of tableRows(slice))
      insert(rows.map((row) => [itemKey(item, row), ...columns.map((column) => toValue(row, column))]));
    written(db, () => {
      openTable(db, table, columns);
      const held = db
        .prepare<{ version: string }>("SELECT version FROM slice WHERE alias = ? AND field = ? AND value = ?")
        .get(alias, field, value)?.version;
      if (held !== undefined && held > version) return log.info(laterRun(slice));
      db.prepare("INSERT OR REPLACE INTO slice VALUES (?, ?, ?, ?)").run(alias, field, value, version);
      db.prepare(`DELETE FROM ${identifier(table)} WHERE ${identifier(field)} = ?`).run(value);
      db.exec(`INSERT OR REPLACE INTO ${identifier(table)} (${list}) SELECT ${list} FROM ${identifier(incoming)}`);
      show(db, alias, table, columns);
    });
  } finally {
    db.exec(`DROP TABLE IF EXISTS ${identifier(incoming)}`);
  }
}

/** The table as it must be, with columns that the item has got since. */
function openTable(db: Db, table: string, columns: readonly string[]): void {
  db.exec(
    `CREATE TABLE IF NOT EXISTS ${identifier(table)} (${identifier(ID)} TEXT NOT NULL UNIQUE, ${columns.map(identifier).join(", ")})`,
  );
  const there = new Set(
    db
      .prepare<{ name: string }>("SELECT name FROM pragma_table_info(?)")
      .all(table)
      .map((column) => column.name),
  );
  for (const column of columns) if (!there.has(column)) db.exec(`ALTER TABLE ${identifier(table)} ADD COLUMN ${identifier(column)}`);
}
