import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine, ResultRow, StoredDocument } from "../core/engine.ts";
import { identifier, textLiteral } from "../core/schema/sql-text.ts";
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

  const view = (name: string, sql: string) => db.run(`CREATE OR REPLACE TEMP VIEW ${identifier(name)} AS ${sql}`);
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
      const order = `ORDER BY ${orderBy.map((name) => `${identifier(name)} NULLS LAST`).join(", ")}`;
      if (partitionBy === undefined) {
        mkdirSync(dirname(path), { recursive: true });
        return db.run(`COPY (SELECT * FROM (${sql}) ${order}) TO ${textLiteral(path)} ${OUTPUT}`);
      }
      // A file at a time: with COPY … PARTITION_BY every open partition holds a row group in memory, and threads mix up the order.
      const column = identifier(partitionBy);
      const values = await db.all(`SELECT DISTINCT ${column} AS value FROM (${sql}) ORDER BY 1`);
      for (const { value } of values) {
        const dir = join(path, `${partitionBy}=${encodeURIComponent(String(value))}`);
        mkdirSync(dir, { recursive: true });
        const rows = `SELECT * EXCLUDE (${column}) FROM (${sql}) WHERE ${column} = ${textLiteral(String(value))} ${order}`;
        await db.run(`COPY (${rows}) TO ${textLiteral(join(dir, "part-0.parquet"))} ${OUTPUT}`);
      }
    },
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      rmSync(stages, { recursive: true, force: true });
    },
  };
}
