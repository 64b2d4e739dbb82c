import { SettingsError } from "../core/errors.ts";
import { compileCheck, reasonOf } from "../core/schema/check.ts";
import type { ClickHouseTable } from "../core/schema/clickhouse.ts";
import type { Column } from "../core/schema/columns.ts";
import { identifier } from "../core/schema/sql-text.ts";
import type { Refusal, SinkWriter, StreamEntry, Written } from "../core/stream.ts";
import { failpoint } from "../storage/failpoint.ts";
import { openDatabase, type Db, type Value } from "../storage/sqlite.ts";
import { NoPlace, rowEncoder, secondsOf } from "./clickhouse/row-binary.ts";
import { MIGRATIONS } from "./embedded/schema.ts";
import { show } from "./embedded/versions.ts";

/** The rows that a ClickHouse table would have, in a table of the embedded store; times as ISO text, to the second. */
export function openEmbeddedRows(path: string, table: ClickHouseTable, window: number, now: () => Date): SinkWriter {
  const db = openDatabase(path, { migrations: MIGRATIONS });
  try {
    ensureTable(db, table);
    return createWriter(db, table, window, now);
  } catch (error) {
    db.close();
    throw error;
  }
}

function ensureTable(db: Db, { name, columns, stamp, key, time }: ClickHouseTable): void {
  const rows = `${name}@rows`;
  const wanted = [...columns.map((c) => c.name), ...(stamp === undefined ? [] : [stamp])];
  db.transaction(() => {
    const there = db.prepare<{ name: string }>("SELECT name FROM pragma_table_info(?)").all(rows);
    if (there.length === 0) {
      db.exec(`CREATE TABLE ${identifier(rows)} (${wanted.map((column) => `${identifier(column)} ${typeOf(columns.find((c) => c.name === column))}`).join(", ")});
        CREATE INDEX ${identifier(`${rows}@key`)} ON ${identifier(rows)} (${[...key, time].map(identifier).join(", ")});`);
      show(db, name, rows);
    } else if (there.map((column) => column.name).join() !== wanted.join())
      throw new SettingsError(
        "clickhouse_table",
        `embedded store: writing into ${name} in ${db.path}: it has the columns ${there.map((column) => column.name).join(", ")}, and not ${wanted.join(", ")}: name another with CLICKHOUSE_TABLE`,
      );
  });
}

function typeOf(column: Column | undefined): string {
  if (column?.kind === "integer" || column?.kind === "boolean") return "INTEGER";
  return column?.kind === "double" ? "REAL" : "TEXT";
}

function createWriter(db: Db, table: ClickHouseTable, window: number, now: () => Date): SinkWriter {
  const { name, columns, key, time, stamp, item: type } = table;
  const check = compileCheck(type);
  const encode = rowEncoder(columns);
  const names = [...columns.map((c) => c.name), ...(stamp === undefined ? [] : [stamp])];
  const rows = identifier(`${name}@rows`);
  const put = db.prepare(
    `INSERT INTO ${rows} (${names.map(identifier).join(", ")}) SELECT ${names.map(() => "?").join(", ")} WHERE NOT EXISTS
      (SELECT 1 FROM ${rows} WHERE ${key.map((k) => `${identifier(k)} = ?`).join(" AND ")} AND ${identifier(time)} BETWEEN ? AND ?)`,
  );

  function prepare({ item }: StreamEntry): Value[] | Omit<Refusal, "entry"> {
    const [wrong] = check(item) ?? [];
    if (wrong !== undefined) return { reason: reasonOf(wrong), detail: wrong.message };
    const encoded = encode(item); // for its refusals: what ClickHouse has no place for has none here
    if (encoded instanceof NoPlace) return { reason: encoded.reason, detail: encoded.detail };
    const row = item as Record<string, unknown>;
    const seconds = secondsOf(row[time] as string);
    return [
      ...columns.map((column) => valueOf(column, row[column.name])),
      ...(stamp === undefined ? [] : [isoOf(now().getTime() / 1000)]),
      ...key.map((k) => row[k] as string),
      isoOf(Math.max(0, seconds - window)),
      isoOf(seconds + window),
    ];
  }

  return {
    // oxlint-disable-next-line require-await -- so that what it throws is a rejection
    async write(entries): Promise<Written> {
      const refused: Refusal[] = [];
      const values: Value[][] = [];
      entries.forEach((entry, i) => {
        const row = prepare(entry);
        if ("reason" in row) refused.push({ entry: i, ...row });
        else values.push(row);
      });
      failpoint("clickhouse_recorded");
      const written = db.transaction(() => values.reduce((sum, row) => sum + put.run(...row).changes, 0));
      failpoint("clickhouse_inserted");
      return { written, kept: values.length - written, refused };
    },
    [Symbol.asyncDispose]() {
      db.close();
      return Promise.resolve();
    },
  };
}

/** Texts, numbers and truth values: the check has seen to that. */
function valueOf({ kind, decimal }: Column, value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (kind === "timestamp") return isoOf(secondsOf(value as string));
  if (kind === "decimal") return typeof value === "number" ? value.toFixed(decimal![1]) : (value as string);
  if (kind === "struct" || kind === "json") return JSON.stringify(value);
  if (kind === "integer" || kind === "boolean") return BigInt(value as number | boolean);
  return value as string | number;
}

function isoOf(seconds: number): string {
  return `${new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19)}Z`;
}
