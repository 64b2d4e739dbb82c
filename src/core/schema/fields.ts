import { z } from "zod";
import { SettingsError } from "../errors.ts";
import type { ItemType } from "../item.ts";

/** One thing a value must satisfy; `arg` is what JSON Schema gives for it. Listed in the order in which they are reported. */
export type Rule =
  | { rule: "enum"; arg: readonly unknown[] }
  | { rule: "pattern"; arg: string }
  | { rule: "format"; arg: "uri" }
  | { rule: "minLength" | "maxLength" | "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf"; arg: number };

/** What a value may be, normalised from JSON Schema. `format` names what the text spells; the pattern that checks it is among the rules. */
export type Shape =
  | { kind: "text"; rules: readonly Rule[]; format?: string }
  | { kind: "integer" | "number"; rules: readonly Rule[] }
  | { kind: "boolean"; rules: readonly Rule[] }
  | { kind: "object"; fields: readonly Field[]; rest: Shape | "any" | "none" }
  | { kind: "array"; items: Shape; nullableItems: boolean; min: number; max: number }
  | { kind: "union"; of: readonly Shape[] }
  | { kind: "any"; rules: readonly Rule[] };

export interface Field {
  readonly name: string;
  /** Dotted, from the item: `raw.price`. */
  readonly path: string;
  readonly required: boolean;
  readonly nullable: boolean;
  readonly shape: Shape;
  readonly description: string | undefined;
  /** What `.meta()` added: `decimal`, `search`, … */
  readonly hints: Readonly<Record<string, unknown>>;
}

type Json = Record<string, unknown>;

const UNSUPPORTED = ["$ref", "not", "if", "patternProperties", "prefixItems", "dependentRequired"] as const;
const STANDARD = new Set(
  `$schema type enum const pattern format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf anyOf oneOf allOf
   properties required additionalProperties propertyNames items minItems maxItems description title default examples id deprecated readOnly
   contentEncoding contentMediaType`.split(/\s+/),
);
type ObjectShape = Extract<Shape, { kind: "object" }>;
const known = new WeakMap<ItemType, ObjectShape>();

/**
 * An item type's fields in the schema's order, and whether it takes others: the one reading of its JSON Schema, from which columns, checks and SQL are made.
 * What JSON Schema cannot say (refinements, the protocol of `z.url`) is not seen: say it with a regular expression.
 * @throws SettingsError `item_schema` when the schema is not an object's, or holds what JSON has no form for (dates, bigints, transforms, tuples, recursion).
 */
export function shapeOf(type: ItemType): ObjectShape {
  let shape = known.get(type);
  if (shape === undefined) {
    shape = readShape(type);
    known.set(type, shape);
  }
  return shape;
}

function readShape(type: ItemType): ObjectShape {
  const refuse = (what: string, cause?: unknown) =>
    new SettingsError("item_schema", `item ${type.name}: ${what}`, cause === undefined ? {} : { cause });
  let json: Json;
  try {
    json = z.toJSONSchema(type.schema, { io: "input" });
  } catch (cause) {
    throw refuse("its schema has no JSON form: use text, numbers, booleans, objects and arrays, and no transforms", cause);
  }
  if (json["type"] !== "object" || json["properties"] === undefined) throw refuse("its schema must be a z.object");
  const shape = toShape(json, "", refuse);
  if (shape.kind !== "object") throw refuse("its schema must be a z.object");
  const names = new Set(shape.fields.map((f) => f.name));
  for (const key of type.key) if (!names.has(key)) throw refuse(`its key ${key} is not one of its fields`);
  return shape;
}

function toField(name: string, path: string, json: Json, required: boolean, refuse: (what: string) => Error): Field {
  const { rest, nullable } = withoutNull(json);
  const hints = Object.fromEntries(Object.entries(json).filter(([key]) => !STANDARD.has(key)));
  const description = typeof json["description"] === "string" ? json["description"] : undefined;
  return { name, path, required, nullable, shape: toShape(rest, path, refuse), description, hints };
}

/** Splits `null` off: zod writes it as `type: [T, "null"]` or as `anyOf: [T, { type: "null" }]`. */
function withoutNull(json: Json): { rest: Json; nullable: boolean } {
  const { type, anyOf } = json as { type?: string | string[]; anyOf?: Json[] };
  if (Array.isArray(type) && type.includes("null")) {
    const others = type.filter((t) => t !== "null");
    return { rest: { ...json, type: others.length === 1 ? others[0] : others }, nullable: true };
  }
  if (anyOf?.some((option) => option["type"] === "null")) {
    const others = anyOf.filter((option) => option["type"] !== "null");
    const { anyOf: _, ...outer } = json;
    return { rest: others.length === 1 ? { ...outer, ...others[0] } : { ...outer, anyOf: others }, nullable: true };
  }
  return { rest: json, nullable: type === "null" || Object.keys(json).every((k) => k === "description" || !STANDARD.has(k)) };
}

function toShape(json: Json, path: string, refuse: (what: string) => Error): Shape {
  for (const key of UNSUPPORTED)
    if (key in json)
      throw refuse(`field ${path || "(top)"} needs JSON Schema's ${key}, which has no column form: use plain objects and arrays`);
  const options = (json["anyOf"] ?? json["oneOf"]) as Json[] | undefined;
  if (options !== undefined) return { kind: "union", of: options.map((option) => toShape(option, path, refuse)) };
  const { type } = json;
  if (Array.isArray(type)) return { kind: "union", of: type.map((t) => toShape({ ...json, type: t as string }, path, refuse)) };
  switch (type) {
    case "string":
      return { kind: "text", rules: rulesOf(json), ...(typeof json["format"] === "string" ? { format: json["format"] } : {}) };
    case "integer":
    case "number":
    case "boolean":
      return { kind: type, rules: rulesOf(json) };
    case "object":
      return objectShape(json, path, refuse);
    case "array": {
      const { rest, nullable } = withoutNull((json["items"] ?? {}) as Json);
      const { minItems = 0, maxItems = Infinity } = json as { minItems?: number; maxItems?: number };
      return { kind: "array", items: toShape(rest, `${path}[]`, refuse), nullableItems: nullable, min: minItems, max: maxItems };
    }
    default:
      return { kind: "any", rules: rulesOf(json) };
  }
}

function objectShape(json: Json, path: string, refuse: (what: string) => Error): ObjectShape {
  const required = new Set((json["required"] as string[] | undefined) ?? []);
  const properties = Object.entries((json["properties"] as Record<string, Json> | undefined) ?? {});
  const fields = properties.map(([name, field]) =>
    toField(name, path === "" ? name : `${path}.${name}`, field, required.has(name), refuse),
  );
  const more = json["additionalProperties"];
  const rest =
    more === false
      ? "none"
      : typeof more === "object" && more !== null && Object.keys(more).length > 0
        ? toShape(more as Json, `${path}.*`, refuse)
        : "any";
  return { kind: "object", fields, rest };
}

function rulesOf(json: Json): Rule[] {
  const rules: Rule[] = [];
  const values = "const" in json ? [json["const"]] : (json["enum"] as unknown[] | undefined);
  if (values !== undefined) rules.push({ rule: "enum", arg: values });
  const parts = [json, ...((json["allOf"] as Json[] | undefined) ?? [])];
  for (const part of parts) if (typeof part["pattern"] === "string") rules.push({ rule: "pattern", arg: part["pattern"] });
  if (json["format"] === "uri") rules.push({ rule: "format", arg: "uri" });
  for (const rule of ["minLength", "maxLength", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"] as const)
    for (const part of parts) if (typeof part[rule] === "number") rules.push({ rule, arg: part[rule] });
  return rules;
}
