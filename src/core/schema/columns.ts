import type { ItemType } from "../item.ts";
import { shapeOf, type Field } from "./fields.ts";

/**
 * `integer` is 64 bit (BIGINT); `timestamp` is UTC; `struct` has `fields`; `json` is whatever has no columns of its own
 * (lists, unions, maps), kept as JSON text.
 */
export type Kind = "text" | "integer" | "decimal" | "double" | "boolean" | "date" | "timestamp" | "struct" | "json";

export interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly description: string | undefined;
  /** Of `decimal`: digits in all, digits after the point. From `.meta({ decimal: [12, 2] })`. */
  readonly decimal: readonly [number, number] | undefined;
  /** The only values of a text column. */
  readonly values: readonly string[] | undefined;
  /** From `.meta({ search: "vietnamese" })`: full text, found with and without diacritics. */
  readonly search: string | undefined;
  /** Of `struct`. */
  readonly fields: readonly Column[];
}

/**
 * An item's columns in the schema's order: what CSV, Parquet and SQL tables are made from.
 * @throws SettingsError `item_schema`, see `shapeOf`
 */
export function columnsOf(type: ItemType): readonly Column[] {
  return shapeOf(type).fields.map(toColumn);
}

/** Columns with structs opened up: `raw.price` and so on, as CSV and SQL text tables need them. */
export function flatten(columns: readonly Column[]): { path: readonly string[]; column: Column }[] {
  return columns.flatMap((column) =>
    column.kind === "struct"
      ? flatten(column.fields).map((f) => ({ path: [column.name, ...f.path], column: f.column }))
      : [{ path: [column.name], column }],
  );
}

/** The column's type in SQL that DuckDB and Spark both read; structs have no common spelling (see the engines). */
export function sqlType({ kind, decimal }: Column): string {
  switch (kind) {
    case "integer":
      return "BIGINT";
    case "decimal":
      return `DECIMAL(${decimal!.join(", ")})`;
    case "double":
    case "boolean":
    case "date":
    case "timestamp":
      return kind.toUpperCase();
    default:
      return "STRING";
  }
}

function toColumn(field: Field): Column {
  const { name, hints, shape, description } = field;
  const kind = kindOf(field);
  return {
    name,
    kind,
    nullable: field.nullable || !field.required,
    description,
    decimal: kind === "decimal" ? (hints["decimal"] as [number, number]) : undefined,
    values: shape.kind === "text" ? shape.rules.find((r) => r.rule === "enum")?.arg.map(String) : undefined,
    search: typeof hints["search"] === "string" ? hints["search"] : undefined,
    fields: kind === "struct" && shape.kind === "object" ? shape.fields.map(toColumn) : [],
  };
}

function kindOf({ shape, hints }: Field): Kind {
  switch (shape.kind) {
    case "text":
      return shape.format === "date" ? "date" : shape.format === "date-time" ? "timestamp" : "text";
    case "integer":
    case "boolean":
      return shape.kind;
    case "number":
      return Array.isArray(hints["decimal"]) ? "decimal" : "double";
    case "object":
      return shape.fields.length > 0 ? "struct" : "json";
    default:
      return "json";
  }
}
