import { tableFromIPC, Type, type DataType, type Field, type Struct } from "apache-arrow";
import type { SourceFiles } from "../../core/engine.ts";
import type { Column } from "../../core/schema/columns.ts";
import { identifier, reference, textLiteral, type Sql } from "../../core/schema/sql-text.ts";
import { isoTimeSql } from "./documents.ts";
import { parquetFiles, readingRelation, FILE, type Reading } from "./reads.ts";
import type { SparkSession } from "./session.ts";
import { textType } from "./text-type.ts";

/** Files may have other columns than each other: what one lacks is NULL there. */
export async function parquetReading(session: SparkSession, { files, columns, extra }: SourceFiles): Promise<Reading> {
  const reads = { parquet: parquetFiles(files, { mergeSchema: "true" }) };
  const present = await fieldsOf(session, { sql: "SELECT * FROM parquet LIMIT 0", reads });
  const cells = columns.map((column) => `${textSql(column, [column.name], present)} AS ${identifier(column.name)}`);
  if (extra === true) cells.push(`${othersSql(present, new Set(columns.map((c) => c.name)))} AS extra`);
  return { sql: `SELECT ${[...cells, `${FILE} AS source_file`].join(", ")} FROM parquet`, reads };
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
