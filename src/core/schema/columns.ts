import { z } from "zod";
import { SettingsError } from "../errors.ts";
import type { ItemType } from "../item.ts";

/** `integer` is 64 bit (BIGINT); `json` is whatever has no column type of its own: lists, maps, unions. */
export type Kind = "text" | "integer" | "decimal" | "double" | "boolean" | "date" | "timestamp" | "struct" | "json";

export interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly nullable: boolean;
  readonly description: string | undefined;
  /** Of `decimal`: digits in all, digits after the point. From `.meta({ decimal: [12, 2] })`. */
  readonly decimal: readonly [number, number] | undefined;
  /** From `.meta({ search: "vietnamese" })`: full text, found with and without diacritics. */
  readonly search: string | undefined;
  /** Of `struct`. */
  readonly fields: readonly Column[];
  readonly limits: Limits;
}

export interface Limits {
  readonly values: readonly (string | number)[] | undefined;
  readonly pattern: string | undefined;
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMinimum: number | undefined;
  readonly exclusiveMaximum: number | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
}

type Json = Record<string, unknown>;

const cache = new WeakMap<ItemType, readonly Column[]>();

/**
 * An item's columns in the schema's order. Read from `z.toJSONSchema()`, zod's public face, and from `.meta()`.
 * @throws SettingsError when the item's schema is not an object
 */
export function columnsOf(type: ItemType): readonly Column[] {
  let columns = cache.get(type);
  if (columns === undefined) {
    const json = z.toJSONSchema(type.schema, { io: "output", unrepresentable: "any" }) as Json;
    if (json["type"] !== "object" || json["properties"] === undefined)
      throw new SettingsError("item_schema", `item ${type.name}: its schema must be an object, z.object({ … })`);
    columns = fieldsOf(json);
    cache.set(type, columns);
  }
  return columns;
}

function fieldsOf(json: Json): Column[] {
  const required = new Set(json["required"] as string[] | undefined);
  return Object.entries(json["properties"] as Record<string, Json>).map(([name, field]) => column(name, field, required.has(name)));
}

function column(name: string, json: Json, required: boolean): Column {
  const { inner, nullable } = withoutNull(json);
  const kind = kindOf(inner, json);
  const text = (key: string): string | undefined => (typeof json[key] === "string" ? json[key] : undefined);
  const number = (key: string): number | undefined => (typeof inner[key] === "number" ? inner[key] : undefined);
  return {
    name,
    kind,
    nullable: nullable || !required,
    description: text("description"),
    decimal: kind === "decimal" ? (json["decimal"] as [number, number]) : undefined,
    search: text("search"),
    fields: kind === "struct" ? fieldsOf(inner) : [],
    limits: {
      values: (inner["enum"] as (string | number)[] | undefined) ?? (inner["const"] === undefined ? undefined : [inner["const"] as string | number]),
      pattern: typeof inner["pattern"] === "string" ? inner["pattern"] : undefined,
      minimum: number("minimum"),
      maximum: number("maximum"),
      exclusiveMinimum: number("exclusiveMinimum"),
      exclusiveMaximum: number("exclusiveMaximum"),
      minLength: number("minLength"),
      maxLength: number("maxLength"),
    },
  };
}

/** zod writes "or null" in two ways: `anyOf: [X, null]`, and `type: [x, "null"]`. */
function withoutNull(json: Json): { inner: Json; nullable: boolean } {
  if (Array.isArray(json["anyOf"])) {
    const rest = (json["anyOf"] as Json[]).filter((option) => option["type"] !== "null");
    const nullable = rest.length < json["anyOf"].length;
    return { inner: rest.length === 1 ? rest[0]! : {}, nullable };
  }
  if (Array.isArray(json["type"])) {
    const rest = (json["type"] as string[]).filter((t) => t !== "null");
    const nullable = rest.length < json["type"].length;
    return { inner: { ...json, type: rest.length === 1 ? rest[0] : undefined }, nullable };
  }
  return { inner: json, nullable: false };
}

function kindOf(inner: Json, outer: Json): Kind {
  switch (inner["type"]) {
    case "string":
      return inner["format"] === "date" ? "date" : inner["format"] === "date-time" ? "timestamp" : "text";
    case "integer":
      return "integer";
    case "number":
      return outer["decimal"] === undefined ? "double" : "decimal";
    case "boolean":
      return "boolean";
    case "object":
      return inner["properties"] === undefined ? "json" : "struct";
    default:
      return "json";
  }
}

/** Columns with structs opened up: `raw.price` and so on, as CSV and SQL text tables need them. */
export function flatten(columns: readonly Column[]): { path: readonly string[]; column: Column }[] {
  return columns.flatMap((column) =>
    column.kind === "struct" ? flatten(column.fields).map((f) => ({ path: [column.name, ...f.path], column: f.column })) : [{ path: [column.name], column }],
  );
}
