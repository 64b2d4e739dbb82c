import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { expect } from "vitest";
import { textLiteral } from "../../src/core/schema/sql-text.ts";
import { openDuckDb } from "../../src/storage/duckdb.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";

/** A Parquet file's columns, as they are stored and as they are meant, and its rows as they stand. */
interface Content {
  stored: unknown[];
  columns: unknown[];
  rows: unknown[];
}

/** Every Parquet file below a folder, by its path there. */
async function parquetBelow(dir: string): Promise<Record<string, Content>> {
  await using db = await openDuckDb({ part: "test", memoryLimit: "1GB", threads: 1 });
  const found: Record<string, Content> = {};
  for (const file of filesBelow(dir)) {
    const path = textLiteral(file);
    const rows = `SELECT * FROM read_parquet(${path}, hive_partitioning = false)`;
    found[relative(dir, file)] = {
      stored: await db.all(`SELECT name, type, num_children, scale, precision FROM parquet_schema(${path}) OFFSET 1`),
      columns: await db.describe(rows),
      rows: await db.all(rows),
    };
  }
  return found;
}

/** All files: what a writer leaves behind is a difference too. */
function filesBelow(dir: string): string[] {
  const at = existsSync(dir) ? readdirSync(dir, { recursive: true, withFileTypes: true }) : [];
  return at
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !["run.json", "layout.parquet"].includes(basename(file))) // they name times and places
    .sort();
}

/** What an embedded serving store serves, by name; documents as the JSON that they are. */
export function servedBy(path: string): Record<string, unknown[]> {
  using db = readSqlite(path);
  const names = db.all<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name");
  return Object.fromEntries(
    names.map(({ name }) => {
      const rows = db.all<Record<string, unknown>>(`SELECT * FROM "${name}"`);
      const parsed = rows.map((row) => ("document" in row ? { ...row, document: JSON.parse(row["document"] as string) as unknown } : row));
      // By all columns: the rows of a day are written in no order.
      return [
        name,
        parsed
          .map((row) => [JSON.stringify(row), row] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([, row]) => row),
      ];
    }),
  );
}

/** The two outputs hold the same files with the same columns, types and rows, in the same order. */
export async function expectSameOutput(a: string, b: string): Promise<void> {
  const [first, second] = [await parquetBelow(a), await parquetBelow(b)];
  expect(Object.keys(second)).toEqual(Object.keys(first));
  for (const [file, content] of Object.entries(first)) expect(second[file], file).toEqual(content);
}
