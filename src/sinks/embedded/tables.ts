import { identifier } from "../../core/schema/sql-text.ts";
import { columnsOf } from "../../core/schema/columns.ts";
import type { ServedTable } from "../../core/serving.ts";
import type { Db } from "../../storage/sqlite.ts";
import { tableRows, wrongCount } from "../table-rows.ts";
import { inserter, toValue } from "./insert.ts";
import { rowsOf } from "./versions.ts";

/** Builds a table that nothing shows yet; gives its rows. */
export async function buildTable(db: Db, name: string, table: ServedTable): Promise<number> {
  const columns = columnsOf(table.item).map((column) => column.name);
  db.exec(`CREATE TABLE ${identifier(name)} (${columns.map(identifier).join(", ")})`);
  const insert = inserter(db, columns.length, (values) => `INSERT INTO ${identifier(name)} VALUES ${values}`);
  for await (const rows of tableRows(table)) insert(rows.map((row) => columns.map((column) => toValue(row, column))));
  const key = table.item.key.map(identifier).join(", ");
  const rows = rowsOf(db, name);
  const keys = db.prepare<{ n: number }>(`SELECT count(*) AS n FROM (SELECT DISTINCT ${key} FROM ${identifier(name)})`).get()?.n ?? 0;
  if (keys !== rows) throw wrongCount(table.alias, `got ${rows} rows with ${keys} different keys (${table.item.key.join(", ")})`);
  db.exec(`CREATE INDEX ${identifier(`${name} key`)} ON ${identifier(name)} (${key})`);
  return rows;
}
