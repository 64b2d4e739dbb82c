import { SettingsError } from "../errors.ts";
import type { ItemType } from "../item.ts";
import { columnsOf, type Column } from "./columns.ts";

/** What a table in ClickHouse looks like, all from its item. */
export interface ClickHouseTable {
  readonly name: string;
  readonly item: ItemType;
  readonly columns: readonly Column[];
  /** Text columns that say what a row is of: the item's key. */
  readonly key: readonly string[];
  /** The timestamp that rows are sorted by first, and partitioned by month. */
  readonly time: string;
  /** A DateTime of the server's own, when it inserted the row; undefined: none. */
  readonly stamp: string | undefined;
  readonly engine: "MergeTree" | "ReplacingMergeTree";
}

export interface TableSpec extends Pick<ClickHouseTable, "name" | "item" | "time" | "engine"> {
  stamp?: string | undefined;
}

/** @throws SettingsError `clickhouse_table` when the item cannot be such a table's */
export function tableOf({ name, item, time, engine, stamp }: TableSpec): ClickHouseTable {
  const columns = columnsOf(item);
  const refuse = (what: string): never => {
    throw new SettingsError("clickhouse_table", `clickhouse: table ${name} of item ${item.name}: ${what}`);
  };
  const column = (wanted: string): Column | undefined => columns.find((c) => c.name === wanted);
  const timed = column(time);
  if (timed?.kind !== "timestamp" || timed.nullable) refuse(`its time ${time} must be a field of z.iso.datetime() that is always there`);
  for (const key of item.key) {
    const found = column(key);
    if (found?.kind !== "text" || found.nullable) refuse(`its key ${key} must be a text that is always there`);
  }
  if (stamp !== undefined && column(stamp) !== undefined) refuse(`${stamp} is a field of the item: name the server's own time otherwise`);
  return { name, item, columns, key: item.key, time, stamp, engine };
}

/** Types that servers from 2018 on know; structs and lists are kept as JSON text. */
export function clickHouseType({ kind, decimal, nullable }: Column): string {
  const type = {
    text: "String",
    integer: "Int64",
    decimal: `Decimal(${decimal?.join(", ") ?? ""})`,
    double: "Float64",
    boolean: "UInt8",
    date: "Date",
    timestamp: "DateTime",
    struct: "String",
    json: "String",
  }[kind];
  return nullable ? `Nullable(${type})` : type;
}

/** Columns with their types, the server's own among them. */
export function clickHouseColumns({ columns, stamp }: ClickHouseTable): { name: string; type: string; default?: string }[] {
  const own = stamp === undefined ? [] : [{ name: stamp, type: "DateTime", default: "now()" }];
  return [...columns.map((column) => ({ name: column.name, type: clickHouseType(column) })), ...own];
}

/** @param settings the table's, as the server at hand knows them */
export function createTableSql(table: ClickHouseTable, settings: Readonly<Record<string, number>> = {}): string {
  const columns = clickHouseColumns(table).map(
    (c) => `${quoted(c.name)} ${c.type}${c.default === undefined ? "" : ` DEFAULT ${c.default}`}`,
  );
  const sorted = [table.time, ...table.key].map(quoted).join(", ");
  const set = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return [
    `CREATE TABLE IF NOT EXISTS ${quoted(table.name)} (${columns.join(", ")})`,
    `ENGINE = ${table.engine}${table.engine === "MergeTree" ? "" : "()"}`,
    `PARTITION BY toYYYYMM(${quoted(table.time)})`,
    `ORDER BY (${sorted})`,
    ...(set.length === 0 ? [] : [`SETTINGS ${set.join(", ")}`]),
  ].join(" ");
}

export function quoted(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}

export function textValue(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
