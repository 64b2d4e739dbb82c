import type { DocumentShape } from "../core/engine.ts";
import type { Column } from "../core/schema/columns.ts";
import { identifier, reference, textLiteral, type Sql } from "../core/schema/sql-text.ts";

/** As `Date.toISOString` writes it. */
const ISO = "%Y-%m-%dT%H:%M:%S.%gZ";

/** A view's rows as `{ key, version, document }`; see `Engine.documents`. */
export function documentsSql(view: string, { columns, key, version }: DocumentShape): Sql {
  const time = (column: string) => `strftime(${column}, '${ISO}')`;
  return `SELECT ${identifier(key)} AS "key", ${time(identifier(version))} AS "version", CAST(${jsonObject(columns, [])} AS VARCHAR) AS "document" FROM ${identifier(view)}`;

  function jsonObject(fields: readonly Column[], outer: readonly string[]): Sql {
    return `json_object(${fields.map((field) => `${textLiteral(field.name)}, ${value(field, [...outer, field.name])}`).join(", ")})`;
  }

  function value(column: Column, path: readonly string[]): Sql {
    const name = reference(...path);
    if (column.kind === "struct") return jsonObject(column.fields, path);
    if (column.kind === "timestamp") return time(name);
    return column.kind === "json" ? `CAST(${name} AS JSON)` : name;
  }
}
