import type { Sql } from "../../core/schema/sql-text.ts";
import { sparkQuotes } from "./dialect.ts";
import type { DataSource, Relation } from "./protocol.ts";

/** A query and the files that it reads, by the names that it has for them. */
export interface Reading {
  sql: Sql;
  reads: Readonly<Record<string, DataSource>>;
}

export function sqlRelation(query: Sql): Relation {
  return { sql: { query: sparkQuotes(query) } };
}

export function readingRelation({ sql, reads }: Reading): Relation {
  const references = Object.entries(reads).map(([alias, data_source]) => ({
    subquery_alias: { input: withFile({ read: { data_source } }), alias },
  }));
  return { with_relations: { root: sqlRelation(sql), references } };
}

/** The path of a row's file, in every one of `reads`. */
export const FILE = "_source_file";

/** Spark has the path as a URI, and only right above the read itself. */
function withFile(input: Relation): Relation {
  const path = "url_decode(replace(regexp_replace(_metadata.file_path, '^file:(//)?/', '/'), '+', '%2B'))";
  return { project: { input, expressions: [{ unresolved_star: {} }, { expression_string: { expression: `${path} AS ${FILE}` } }] } };
}

/** A `*` or `[` in a file's name is no pattern: Spark would read other files, or none. */
export function exactPath(path: string): string {
  return path.replace(/[{}[\]*?\\]/g, "\\$&");
}

/** The folder's own files: names like `name=value` above them add no column. */
export function parquetFiles(paths: readonly string[]): DataSource {
  return { format: "parquet", paths: paths.map(exactPath), options: { recursiveFileLookup: "true" } };
}
