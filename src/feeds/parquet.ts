import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SettingsError } from "../core/errors.ts";
import type { ItemType } from "../core/item.ts";
import { columnsOf, type Column } from "../core/schema/columns.ts";
import { identifier, textLiteral, type Sql } from "../core/schema/sql-text.ts";
import { duckDbType, openDuckDb } from "../storage/duckdb.ts";
import type { FeedFormat } from "./feed-format.ts";

/** zstd level 3: two thirds of snappy's size here at the same speed, and every reader of today has it. */
const OPTIONS = "(FORMAT parquet, COMPRESSION zstd)";

/** A column a field in its own type (BIGINT, DECIMAL, DATE, TIMESTAMP in UTC, structs), written by DuckDB in this process. */
export const parquet: FeedFormat = {
  extension: "parquet",
  async write(file, type, json) {
    const lines = `${file}.lines`;
    try {
      await pipeline(Readable.from(json.map((text) => `${text}\n`)), createWriteStream(lines));
      await linesToParquet(file, type, lines);
    } finally {
      await rm(lines, { force: true });
    }
  },
};

/** Writes the items of a JSON lines file, behind those of `before`, another such Parquet file, if that is given. */
export async function linesToParquet(file: string, type: ItemType, lines: string, before?: string): Promise<void> {
  await using db = await openDuckDb({ part: "parquet", memoryLimit: "1GB", threads: 1 });
  const columns = columnsOf(type);
  const found = columns.map((c) => `${textLiteral(c.name)}: ${textLiteral(foundType(c))}`).join(", ");
  const typed = columns.map((c) => `CAST(${identifier(c.name)} AS ${duckDbType(c)}) AS ${identifier(c.name)}`).join(", ");
  const items = `SELECT ${typed} FROM read_json(${textLiteral(lines)}, format = 'newline_delimited', columns = {${found}}, maximum_object_size = 268435456)`;
  const all = before === undefined ? items : `SELECT * FROM read_parquet(${textLiteral(before)}) UNION ALL BY NAME ${items}`;
  await db.run(`COPY (${all}) TO ${textLiteral(file)} ${OPTIONS}`);
}

/** @throws SettingsError `feed_mismatch` for a file that is no Parquet file */
export async function refuseOtherFile(file: string): Promise<void> {
  await using db = await openDuckDb({ part: "parquet", threads: 1 });
  try {
    await db.describe(`SELECT * FROM read_parquet(${textLiteral(file)})`);
  } catch (cause) {
    throw new SettingsError(
      "feed_mismatch",
      `feed: ${file} is no Parquet file, so nothing can be added to it: -O replaces it, or name another file`,
      { cause },
    );
  }
}

/**
 * Times are read as text: of the forms that a schema allows, DuckDB's JSON reader knows only some, its CAST all. Decimals too, or the
 * reader would go over a double: 1.005 then rounds to 1.00, where its digits say 1.01.
 */
function foundType(column: Column): Sql {
  if (column.kind === "timestamp" || column.kind === "decimal") return "VARCHAR";
  if (column.kind === "struct") return `STRUCT(${column.fields.map((f) => `${identifier(f.name)} ${foundType(f)}`).join(", ")})`;
  return duckDbType(column);
}
