import { Flaw } from "./flaw.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Deeper ones are an attack or a mistake. */
const DEEPEST = 64;

/**
 * An object from what a producer put into `field`: an object is itself; text that holds one is read; nothing at all is {}; whatever else
 * is `{ value: … }`.
 */
export function objectOf(value: Json | undefined, field: string): JsonObject | Flaw {
  if (value === null || value === undefined) return {};
  const read = typeof value === "string" ? readObject(value) : value;
  const object = isObject(read) ? read : { value: read };
  return isDeeper(object, DEEPEST) ? new Flaw(`${field}: too_deep`, `${field} is nested more than ${DEEPEST} deep`) : object;
}

/** JSON that is the same text for the same value: keys sorted, nothing between the parts. */
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalText(value[key]!)}`).join(",")}}`;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readObject(text: string): Json {
  if (!/^\s*\{/.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function isDeeper(value: Json, than: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return than === 0 || Object.values(value).some((inner: Json) => isDeeper(inner, than - 1));
}
