import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine, ResultRow, StoredDocument } from "../core/engine.ts";
import { identifier, textLiteral, type Sql } from "../core/schema/sql-text.ts";
import { openDuckDb } from "../storage/duckdb.ts";
import { documentsSql } from "./duckdb-documents.ts";
import { sourceSql } from "./duckdb-source.ts";

export interface DuckDbEngineOptions {
  memoryLimit: string;
  /** Where it spills, and where stages are kept until it is closed. */
  tempDir: string;
  signal?: AbortSignal;
}

/** Stages are read a few times and thrown away; outputs are kept and sent around. */
const STAGE = "(FORMAT parquet, COMPRESSION snappy)";
const OUTPUT = "(FORMAT parquet, COMPRESSION zstd)";

/** DuckDB in this process, over files: no server, no extension fetched. Results beyond its memory spill to `tempDir`. */
export async function openDuckDbEngine({ memoryLimit, tempDir, signal }: DuckDbEngineOptions): Promise<Engine> {
  const db = await openDuckDb({ part: "duckdb", memoryLimit, tempDir, ...(signal === undefined ? {} : { signal }) });
  // Rows are ordered where we say ORDER BY, and only there: without this promise big files are read in parallel and in little memory.
  await db.run("SET preserve_insertion_order = false");
  const stages = join(tempDir, "stages");

  /**
   * Sorted once as a whole, then a file at a time: with COPY … PARTITION_BY every open partition holds a row group in memory. One
   * thread keeps the order, and costs a third less than two that share these many small files.
   */
  async function writePartitions(sorted: Sql, path: string, partition: string): Promise<void> {
    mkdirSync(stages, { recursive: true });
    const whole = join(stages, "sorted.parquet");
    const from = `read_parquet(${textLiteral(whole)})`;
    const column = identifier(partition);
    await db.run(`COPY (${sorted}) TO ${textLiteral(whole)} ${STAGE}`);
    const values = await db.all(`SELECT DISTINCT CAST(${column} AS VARCHAR) AS value FROM ${from} ORDER BY value`);
    await db.run("SET preserve_insertion_order = true; SET threads = 1");
    for (const { value } of values as { value: string }[]) {
      const dir = join(path, `${partition}=${encodeURIComponent(value)}`);
      mkdirSync(dir, { recursive: true });
      const rows = `SELECT * EXCLUDE (${column}) FROM ${from} WHERE ${column} = ${textLiteral(value)}`;
      await db.run(`COPY (${rows}) TO ${textLiteral(join(dir, "part-0.parquet"))} ${OUTPUT}`);
    }
    await db.run("RESET threads; SET preserve_insertion_order = false");
    rmSync(whole);
  }

  const view = (name: string, sql: string) => db.run(`CREATE OR REPLACE VIEW ${identifier(name)} AS ${sql}`);
  return {
    name: "duckdb",
    source: async (name, from) => view(name, await sourceSql(db, from)),
    open: (name, path) =>
      view(
        name,
        `SELECT * FROM read_parquet(${textLiteral(path.endsWith(".parquet") ? path : join(path, "**", "*.parquet"))}, hive_partitioning = false)`,
      ),
    async stage(name, sql) {
      mkdirSync(stages, { recursive: true });
      const file = join(stages, `${name}.parquet`);
      await db.run(`COPY (${sql}) TO ${textLiteral(file)} ${STAGE}`);
      await view(name, `SELECT * FROM read_parquet(${textLiteral(file)})`);
    },
    query: <T extends ResultRow>(sql: string) => db.stream(sql) as AsyncIterable<T[]>,
    documents: (name, shape) =>
      db.stream(documentsSql(name, shape)) as AsyncIterable<readonly object[]> as AsyncIterable<readonly StoredDocument[]>,
    async write(sql, { path, partitionBy, orderBy }) {
      const order = [...(partitionBy === undefined ? [] : [partitionBy]), ...orderBy]
        .map((name) => `${identifier(name)} NULLS LAST`)
        .join(", ");
      if (partitionBy !== undefined) return writePartitions(`SELECT * FROM (${sql}) ORDER BY ${order}`, path, partitionBy);
      mkdirSync(dirname(path), { recursive: true });
      await db.run(`COPY (SELECT * FROM (${sql}) ORDER BY ${order}) TO ${textLiteral(path)} ${OUTPUT}`);
    },
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      rmSync(stages, { recursive: true, force: true });
    },
  };
}
