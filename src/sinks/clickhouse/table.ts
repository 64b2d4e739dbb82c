import { SettingsError } from "../../core/errors.ts";
import { clickHouseColumns, createTableSql, textValue, type ClickHouseTable } from "../../core/schema/clickhouse.ts";
import type { Server } from "./server.ts";

/** Blocks whose repetition a server that can tell (since 2021) tells. */
const DEDUPLICATION_WINDOW = 1000;

interface Existing {
  name: string;
  type: string;
  default_kind: string;
}

/**
 * Makes the table if it is not there.
 * @throws SettingsError `clickhouse_table` when it is there with other columns
 */
export async function ensureTable(server: Server, table: ClickHouseTable): Promise<void> {
  let found = await columnsThere(server, table);
  if (found.length === 0) {
    const known = await server.rows(
      "SELECT name FROM system.merge_tree_settings WHERE name = 'non_replicated_deduplication_window'",
      "asking what it can",
    );
    const settings = known.length === 0 ? {} : { non_replicated_deduplication_window: DEDUPLICATION_WINDOW };
    await server.run(createTableSql(table, settings), `creating ${server.database}.${table.name}`);
    found = await columnsThere(server, table); // another process may have been quicker
  }
  const wrong = differences(table, found);
  if (wrong.length > 0)
    throw new SettingsError(
      "clickhouse_table",
      `clickhouse: writing into ${server.database}.${table.name} at ${server.place}: it is another table: ${wrong.join("; ")}: name another with CLICKHOUSE_TABLE, or alter that one`,
    );
}

async function columnsThere(server: Server, { name }: ClickHouseTable): Promise<Existing[]> {
  // An unknown database has no columns either: the select from it says so.
  await server.run("SELECT 1", `opening ${server.database}`);
  return server.rows<Existing>(
    `SELECT name, type, default_kind FROM system.columns WHERE database = ${textValue(server.database)} AND table = ${textValue(name)}`,
    `looking for ${server.database}.${name}`,
  );
}

/** What stands in the way of inserting the item's columns and reading them back as they were. */
function differences(table: ClickHouseTable, found: readonly Existing[]): string[] {
  const there = new Map(found.map((column) => [column.name, column]));
  const wrong: string[] = [];
  for (const { name, type } of clickHouseColumns(table)) {
    const column = there.get(name);
    there.delete(name);
    if (column === undefined) wrong.push(`it has no column ${name} (${type})`);
    else if (plain(column.type) !== type) wrong.push(`its ${name} is ${column.type}, and not ${type}`);
    else if (name !== table.stamp && (column.default_kind === "MATERIALIZED" || column.default_kind === "ALIAS"))
      wrong.push(`its ${name} is ${column.default_kind}, which nothing can be inserted into`);
  }
  for (const { name, default_kind } of there.values())
    if (default_kind === "") wrong.push(`its ${name} is none of ours, and has no DEFAULT`);
  return wrong;
}

/** Without what changes neither the values nor how they are written. */
function plain(type: string): string {
  return type
    .replace(/LowCardinality\((.*)\)/, "$1")
    .replace(/DateTime\('[^']*'\)/, "DateTime")
    .replace(/^Bool$|(?<=\()Bool(?=\))/, "UInt8");
}
