import type { SourceFiles } from "../core/engine.ts";
import { flatten, type Column } from "../core/schema/columns.ts";
import { identifier, reference, textLiteral, type Sql } from "../core/schema/sql-text.ts";
import type { DuckDb } from "../storage/duckdb.ts";
import { groupByHeader, type CsvHeader } from "./csv-header.ts";

/** A query over the files with the columns as text; see `Engine.source`. Columns that no file has are NULL. */
export async function sourceSql(db: Pick<DuckDb, "describe">, from: SourceFiles): Promise<Sql> {
  const { format, files, columns } = from;
  if (files.length === 0) return emptySql(from);
  const list = `[${files.map(textLiteral).join(", ")}]`;
  const file = `filename AS source_file`;
  const extra = (sql: () => Sql): Sql => (from.extra === true ? `, ${sql()} AS extra` : "");
  switch (format) {
    case "json":
    case "jsonl": {
      const layout = format === "json" ? "auto" : "newline_delimited";
      const names = columns.map((c) => identifier(c.name)).join(", ");
      if (from.extra === true) return `SELECT ${names}, extra, source_file FROM (${jsonWithExtraSql(list, layout, columns)})`;
      const spec = columns.map((c) => `${textLiteral(c.name)}: ${textLiteral(textType(c))}`).join(", ");
      return `SELECT ${names}, ${file} FROM read_json(${list}, format = '${layout}', columns = {${spec}}, filename = true)`;
    }
    case "csv": {
      const known = new Set(flatten(columns).map(({ path }) => path.join(".")));
      const parts = groupByHeader(files, columns).map((group) => {
        const present = new Set(group.names);
        const cells = columns.map((c) => `${csvColumn(c, [], present)} AS ${identifier(c.name)}`).join(", ");
        return `SELECT ${cells}${extra(() => othersSql(present, known))}, ${file} FROM ${readCsv(group)}`;
      });
      return parts.join("\nUNION ALL\n");
    }
    case "parquet": {
      const read = `read_parquet(${list}, union_by_name = true, filename = true, hive_partitioning = false)`;
      const present = await names(db, read);
      const cells = columns.map(
        (c) => `${present.has(c.name) ? parquetColumn(c, [c.name]) : `CAST(NULL AS ${textType(c)})`} AS ${identifier(c.name)}`,
      );
      const known = new Set(columns.map((c) => c.name));
      return `SELECT ${cells.join(", ")}${extra(() => othersSql(present, known))}, ${file} FROM ${read}`;
    }
  }
}

/** An empty cell is NULL, a quoted empty one is an empty text: so our writer and RFC-minded others mean it. Too few cells, or too many, are an error. */
function readCsv({ files, delimiter, names }: CsvHeader & { files: readonly string[] }): Sql {
  const columns = names.map((name) => `${textLiteral(name)}: 'VARCHAR'`).join(", ");
  return `read_csv([${files.map(textLiteral).join(", ")}], auto_detect = false, header = true, delim = ${textLiteral(delimiter)}, columns = {${columns}}, filename = true,
    quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, strict_mode = true)`;
}

function emptySql({ columns, extra }: SourceFiles): Sql {
  const none = (type: Sql, name: string) => `CAST(NULL AS ${type}) AS ${identifier(name)}`;
  const cells = columns.map((c) => none(textType(c), c.name));
  return `SELECT ${[...cells, ...(extra === true ? [none("VARCHAR", "extra")] : []), none("VARCHAR", "source_file")].join(", ")} WHERE false`;
}

async function names(db: Pick<DuckDb, "describe">, read: Sql): Promise<ReadonlySet<string>> {
  const found = (await db.describe(`SELECT * FROM ${read}`)).map((column) => column.name);
  return new Set(found.filter((name) => name !== "filename"));
}

/** `read_json` drops what its columns do not name, so here each object is read whole and taken apart. */
function jsonWithExtraSql(list: Sql, layout: Sql, columns: readonly Column[]): Sql {
  const shape = (fields: readonly Column[]): object =>
    Object.fromEntries(fields.map((f) => [f.name, f.kind === "struct" ? shape(f.fields) : "VARCHAR"]));
  const known = columns.map((c) => textLiteral(c.name)).join(", ");
  const others = `list_sort(list_filter(map_entries(CAST(json AS MAP(VARCHAR, JSON))), lambda e: e.key NOT IN (${known}) AND e.value <> 'null'))`;
  const extra = `'{' || array_to_string(list_transform(${others}, lambda e: to_json(e.key) || ':' || e.value), ',') || '}'`;
  const object = (sql: Sql) =>
    `CASE WHEN json_type(json) = 'OBJECT' THEN ${sql} ELSE error('Expected OBJECT in file ' || filename || ', but got ' || json_type(json)) END`;
  return `SELECT unnest(${object(`json_transform(json, ${textLiteral(JSON.stringify(shape(columns)))})`)}), ${object(`NULLIF(${extra}, '{}')`)} AS extra, filename AS source_file
    FROM read_json_objects(${list}, format = '${layout}', filename = true)`;
}

/** The other columns of a file with columns, as the text of a JSON object. */
function othersSql(present: ReadonlySet<string>, known: ReadonlySet<string>): Sql {
  const others = [...present].filter((name) => !known.has(name)).sort();
  if (others.length === 0) return "CAST(NULL AS VARCHAR)";
  const pairs = others.map(
    (name) =>
      `CASE WHEN ${identifier(name)} IS NOT NULL THEN ${textLiteral(`${JSON.stringify(name)}:`)} || to_json(${identifier(name)}) END`,
  );
  return `NULLIF('{' || concat_ws(',', ${pairs.join(", ")}) || '}', '{}')`;
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
