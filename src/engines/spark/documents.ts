import type { DocumentShape } from "../../core/engine.ts";
import type { Column } from "../../core/schema/columns.ts";
import { identifier, reference, textLiteral, type Sql } from "../../core/schema/sql-text.ts";

/** As `Date.toISOString` writes it. */
export function isoTimeSql(time: Sql): Sql {
  return `date_format(${time}, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')`;
}

/** A view's rows as `{ key, version, document }`; see `Engine.documents`. */
export function documentsSql(view: string, { columns, key, version }: DocumentShape): Sql {
  return `SELECT ${identifier(key)} AS "key", ${isoTimeSql(identifier(version))} AS "version", ${jsonObject(columns, [])} AS "document" FROM ${identifier(view)}`;
}

/** Columns that are JSON text already go in as they are; those between them are turned into JSON together. */
function jsonObject(columns: readonly Column[], outer: readonly string[]): Sql {
  const parts: Sql[] = [];
  let plain: Column[] = [];
  const flush = (): void => {
    if (plain.length === 0) return;
    const json = `to_json(${struct(plain, outer)}, map('ignoreNullFields', 'false'))`;
    parts.push(`substring(${json}, 2, length(${json}) - 2)`);
    plain = [];
  };
  for (const column of columns) {
    if (!holdsJson(column)) {
      plain.push(column);
      continue;
    }
    flush();
    const path = [...outer, column.name];
    const value = column.kind === "struct" ? jsonObject(column.fields, path) : jsonText(reference(...path), path.join("."));
    parts.push(`concat(${textLiteral(`${JSON.stringify(column.name)}:`)}, ${value})`);
  }
  if (parts.length === 0) return `to_json(${struct(plain, outer)}, map('ignoreNullFields', 'false'))`;
  flush();
  return `concat('{', ${parts.join(", ',', ")}, '}')`;
}

/** A broken one would break the whole document without a word. */
function jsonText(text: Sql, path: string): Sql {
  return `CASE WHEN ${text} IS NULL THEN 'null' WHEN try_parse_json(${text}) IS NULL THEN raise_error(concat(${textLiteral(`Malformed JSON in ${path}: `)}, ${text})) ELSE ${text} END`;
}

function holdsJson(column: Column): boolean {
  return column.kind === "json" || column.fields.some(holdsJson);
}

function struct(columns: readonly Column[], outer: readonly string[]): Sql {
  const fields = columns.map((column) => {
    const path = [...outer, column.name];
    const value = column.kind === "struct" ? struct(column.fields, path) : reference(...path);
    return `${textLiteral(column.name)}, ${column.kind === "timestamp" ? isoTimeSql(value) : value}`;
  });
  return `named_struct(${fields.join(", ")})`;
}
