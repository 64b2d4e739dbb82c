import type { Column } from "./schema/columns.ts";
import type { Sql } from "./schema/sql-text.ts";

/** A result row: JSON's values, whole numbers beyond 2^53 as bigints, dates and times as ISO text. */
export type ResultRow = Readonly<Record<string, unknown>>;

export type SourceFormat = "json" | "jsonl" | "csv" | "parquet";

/** Files of one format and their item's columns. No files: an empty view. */
export interface SourceFiles {
  format: SourceFormat;
  files: readonly string[];
  columns: readonly Column[];
  /**
   * Adds a column `extra`: the row's fields that `columns` do not have, as the text of a JSON object with its keys in order; NULL
   * where it has none (a field that is null does not count). Costs a second parse of JSON input.
   */
  extra?: boolean;
}

export interface DocumentShape {
  columns: readonly Column[];
  key: string;
  /** A timestamp column: of two versions of a document the later one is newer. */
  version: string;
}

export interface StoredDocument {
  key: string;
  version: string;
  document: string;
}

export interface WriteTarget {
  /** A file, or with `partitionBy` a folder; it must not be there yet. */
  path: string;
  /** A text column, never NULL, that becomes folders `name=value` with one file each. It is not in the files. */
  partitionBy?: string;
  /** Columns whose order is total: the rows of every file stand in it. */
  orderBy: readonly string[];
}

/**
 * What runs a job's SQL: DuckDB in this process, or Spark through Spark Connect. The SQL must keep to what both read alike (docs/batch.md).
 * The suite in test/contracts/engine.ts is what every implementation passes.
 */
export interface Engine extends AsyncDisposable {
  readonly name: string;
  /**
   * A view of the files with every value as text as found (NULL: not there), structs with text fields, whatever the format;
   * `source_file` is the path of the row's file. `checkedSql` gives the values their types. Nothing is read yet.
   */
  source(view: string, from: SourceFiles): Promise<void>;
  /** A view of what `write` has written, typed. */
  open(view: string, path: string): Promise<void>;
  /** Computes the query once, on disk, under a name for the queries that follow; gone when the engine is closed. */
  stage(view: string, sql: Sql): Promise<void>;
  /** The rows in the query's order, in chunks, as they are computed. */
  query<T extends ResultRow = ResultRow>(sql: Sql): AsyncIterable<readonly T[]>;
  /** A typed view's rows as JSON text, as the items were: times as ISO 8601 in UTC. */
  documents(view: string, as: DocumentShape): AsyncIterable<readonly StoredDocument[]>;
  /** Writes the query's rows as Parquet. After an error the target may be there in part. */
  write(sql: Sql, to: WriteTarget): Promise<void>;
}

/** A small result as one list. */
export async function collectRows<T extends ResultRow>(engine: Pick<Engine, "query">, sql: Sql): Promise<T[]> {
  const rows: T[] = [];
  for await (const chunk of engine.query<T>(sql)) rows.push(...chunk);
  return rows;
}

/** The one row of a query that always gives one. */
export async function oneRow<T extends ResultRow>(engine: Pick<Engine, "query">, sql: Sql): Promise<T> {
  const [row] = await collectRows<T>(engine, sql);
  if (row === undefined) throw new TypeError(`this query gave no row: ${sql}`);
  return row;
}
