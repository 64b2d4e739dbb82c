import type { Column } from "../../core/schema/columns.ts";
import { identifier, type Sql } from "../../core/schema/sql-text.ts";

/** A struct whose fields are all text, or plain text. */
export function textType(column: Column): Sql {
  if (column.kind !== "struct") return "STRING";
  return `STRUCT<${column.fields.map((field) => `${identifier(field.name)}: ${textType(field)}`).join(", ")}>`;
}
