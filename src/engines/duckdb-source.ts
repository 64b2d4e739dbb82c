import type { SourceFiles } from "../core/engine.ts";
import type { Column } from "../core/schema/columns.ts";
import { identifier, reference, textLiteral, type Sql } from "../core/schema/sql-text.ts";
import type { DuckDb } from "../storage/duckdb.ts";

/** A query over the files with the columns as text; see `Engine.source`. Columns that no file has are NULL. */
export async function sourceSql(db: Pick<DuckDb, "describe">, { format, files, columns }: SourceFiles): Promise<Sql> {
  const list = `[${files.map(textLiteral).join(", ")}]`;
  const file = `filename AS source_file`;
  if (files.length === 0) return emptySql(columns);
  switch (format) {
    case "json":
    case "jsonl": {
      const spec = columns.map((c) => `${textLiteral(c.name)}: ${textLiteral(textType(c))}`).join(", ");
      const layout = format === "json" ? "auto" : "newline_delimited";
      const names = columns.map((c) => identifier(c.name)).join(", ");
      return `SELECT ${names}, ${file} FROM read_json(${list}, format = '${layout}', columns = {${spec}}, filename = true)`;
    }
    case "csv": {
      // An empty cell is NULL, a quoted empty one is an empty text: so our writer and RFC-minded others mean it.
      const read = `read_csv(${list}, header = true, all_varchar = true, union_by_name = true, filename = true, quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false)`;
      const present = await names(db, read);
      return `SELECT ${columns.map((c) => `${csvColumn(c, [], present)} AS ${identifier(c.name)}`).join(", ")}, ${file} FROM ${read}`;
    }
    case "parquet": {
      const read = `read_parquet(${list}, union_by_name = true, filename = true, hive_partitioning = false)`;
      const present = await names(db, read);
      const cells = columns.map(
        (c) => `${present.has(c.name) ? parquetColumn(c, [c.name]) : `CAST(NULL AS ${textType(c)})`} AS ${identifier(c.name)}`,
      );
      return `SELECT ${cells.join(", ")}, ${file} FROM ${read}`;
    }
  }
}

function emptySql(columns: readonly Column[]): Sql {
  const cells = columns.map((c) => `CAST(NULL AS ${textType(c)}) AS ${identifier(c.name)}`);
  return `SELECT ${cells.join(", ")}, CAST(NULL AS VARCHAR) AS source_file WHERE false`;
}

async function names(db: Pick<DuckDb, "describe">, read: Sql): Promise<ReadonlySet<string>> {
  return new Set((await db.describe(`SELECT * FROM ${read}`)).map((column) => column.name));
}

/** Times are text again as `Date.toISOString` writes it: the form that schemas ask for. */
function parquetColumn(column: Column, path: readonly string[]): Sql {
  const value = reference(...path);
  const asText = `CAST(${value} AS ${textType(column)})`;
  if (column.kind === "timestamp") return `COALESCE(strftime(TRY_CAST(${value} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ'), ${asText})`;
  if (column.kind !== "struct" || !hasTime(column)) return asText;
  return `struct_pack(${column.fields.map((field) => `${identifier(field.name)} := ${parquetColumn(field, [...path, field.name])}`).join(", ")})`;
}

function hasTime(column: Column): boolean {
  return column.kind === "timestamp" || column.fields.some(hasTime);
}

/** A struct whose fields are all text, or plain text. */
function textType(column: Column): Sql {
  if (column.kind !== "struct") return "VARCHAR";
  return `STRUCT(${column.fields.map((field) => `${identifier(field.name)} ${textType(field)}`).join(", ")})`;
}

function csvColumn(column: Column, outer: readonly string[], present: ReadonlySet<string>): Sql {
  const path = [...outer, column.name];
  if (column.kind === "struct")
    return `struct_pack(${column.fields.map((field) => `${identifier(field.name)} := ${csvColumn(field, path, present)}`).join(", ")})`;
  const name = path.join(".");
  if (!present.has(name)) return "CAST(NULL AS VARCHAR)";
  // Numbers are never guarded by their writer, so only text can carry the apostrophe (src/feeds/csv.ts).
  if (column.kind !== "text" && column.kind !== "json") return reference(name);
  return `CASE WHEN starts_with(${reference(name)}, '''') AND regexp_matches(${reference(name)}, '^''+[=+@\\t\\r-]') THEN substr(${reference(name)}, 2) ELSE ${reference(name)} END`;
}
