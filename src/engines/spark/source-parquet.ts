import { tableFromIPC, Type, type DataType, type Field, type Struct } from "apache-arrow";
import type { SourceFiles } from "../../core/engine.ts";
import type { Column } from "../../core/schema/columns.ts";
import { identifier, reference, textLiteral, type Sql } from "../../core/schema/sql-text.ts";
import { openDuckDb } from "../../storage/duckdb.ts";
import { isoTimeSql } from "./documents.ts";
import type { DataSource } from "./protocol.ts";
import { FILE, parquetFiles, readingRelation, type Reading } from "./reads.ts";
import type { SparkSession } from "./session.ts";
import { textType } from "./text-type.ts";

/** Files of one schema are read together: what one lacks is NULL there, and a column may have another type in each. */
export async function parquetReading(session: SparkSession, { files, columns, extra }: SourceFiles): Promise<Reading> {
  const reads: Record<string, DataSource> = {};
  const parts: Sql[] = [];
  for (const alike of await groupBySchema(files)) {
    const alias = `parquet${parts.length}`;
    reads[alias] = parquetFiles(alike);
    const present = await fieldsOf(session, { sql: `SELECT * FROM ${alias} LIMIT 0`, reads });
    const cells = columns.map((column) => `${textSql(column, [column.name], present)} AS ${identifier(column.name)}`);
    if (extra === true) cells.push(`${othersSql(present, new Set(columns.map((c) => c.name)))} AS extra`);
    parts.push(`SELECT ${[...cells, `${FILE} AS source_file`].join(", ")} FROM ${alias}`);
  }
  return { sql: parts.join("\nUNION ALL\n"), reads };
}

/** By their footers, which Spark would merge, and fail where types differ. */
async function groupBySchema(files: readonly string[]): Promise<string[][]> {
  await using db = await openDuckDb({ part: "spark", memoryLimit: "512MB", threads: 1 });
  const schema = `CONCAT_WS(' ', name, type, num_children, converted_type, scale, precision, logical_type)`;
  const rows = await db.all(
    `SELECT string_agg(column_name, '; ' ORDER BY nth) AS schema, file_name FROM (
      SELECT file_name, ${schema} AS column_name, ROW_NUMBER() OVER () AS nth FROM parquet_schema([${files.map(textLiteral).join(", ")}])) AS s
    GROUP BY file_name`,
  );
  const schemas = new Map(rows.map((row) => [row["file_name"] as string, row["schema"] as string]));
  const groups = new Map<string | undefined, string[]>();
  for (const file of files) groups.set(schemas.get(file), [...(groups.get(schemas.get(file)) ?? []), file]);
  return [...groups.values()];
}

async function fieldsOf(session: SparkSession, reading: Reading): Promise<readonly Field[]> {
  let fields: readonly Field[] = [];
  for await (const batch of session.batches(readingRelation(reading))) ({ fields } = tableFromIPC(batch).schema);
  return fields;
}

/** Times are text again as `Date.toISOString` writes it: the form that schemas ask for. */
function textSql(column: Column, path: readonly string[], fields: readonly Field[]): Sql {
  const field = fields.find(({ name }) => name === column.name);
  if (field === undefined) return `CAST(NULL AS ${textType(column)})`;
  const value = reference(...path);
  const type = field.type as DataType;
  if (column.kind === "struct" && type.typeId === Type.Struct) {
    const { children } = type as Struct;
    const parts = column.fields.map((inner) => `${textLiteral(inner.name)}, ${textSql(inner, [...path, inner.name], children)}`);
    return `CASE WHEN ${value} IS NOT NULL THEN named_struct(${parts.join(", ")}) END`;
  }
  if (type.typeId === Type.List || type.typeId === Type.Struct || type.typeId === Type.Map) return `to_json(${value})`;
  const text = `CAST(${value} AS STRING)`;
  return column.kind === "timestamp" ? `COALESCE(${isoTimeSql(`TRY_CAST(${value} AS TIMESTAMP_LTZ)`)}, ${text})` : text;
}

function othersSql(fields: readonly Field[], known: ReadonlySet<string>): Sql {
  const others = fields.map(({ name }) => name).filter((name) => !known.has(name) && name !== FILE).sort(); // prettier-ignore
  if (others.length === 0) return "CAST(NULL AS STRING)";
  return `NULLIF(to_json(named_struct(${others.map((name) => `${textLiteral(name)}, ${identifier(name)}`).join(", ")})), '{}')`;
}
