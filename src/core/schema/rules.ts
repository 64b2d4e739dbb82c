import type { ItemType } from "../item.ts";
import { columnsOf, type Column, type Limits } from "./columns.ts";

/** `reason` is short and stable (`price_vnd_range`); `detail` tells the value and what is allowed. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

type Test = (value: unknown) => Violation | null;

/**
 * The item's schema as a quick check: the first thing that is wrong, or null. It accepts what zod accepts, at a fraction of
 * its cost; the batch runs the same rules in SQL (`rulesSql`).
 */
export function compileCheck(type: ItemType): (item: object) => Violation | null {
  return compileFields(columnsOf(type), "");
}

function compileFields(columns: readonly Column[], prefix: string): (item: object) => Violation | null {
  const tests = columns.map((column) => ({ name: column.name, test: compileColumn(column, prefix + column.name) }));
  return (item) => {
    const values = item as Record<string, unknown>;
    for (const { name, test } of tests) {
      const wrong = test(values[name]);
      if (wrong !== null) return wrong;
    }
    return null;
  };
}

function compileColumn(column: Column, path: string): Test {
  const name = path.replaceAll(".", "_");
  const missing: Violation = { reason: `${name}_missing`, detail: `${path} is required` };
  const inner = compileValue(column, path, name);
  return (value) => (value === null || value === undefined ? (column.nullable ? null : missing) : inner(value));
}

function compileValue(column: Column, path: string, name: string): Test {
  const { limits } = column;
  const wrongType = (value: unknown): Violation => ({ reason: `${name}_type`, detail: `${path} must be ${column.kind}, is ${show(value)}` });
  switch (column.kind) {
    case "struct": {
      const fields = compileFields(column.fields, `${path}.`);
      return (value) => (typeof value === "object" && !Array.isArray(value) ? fields(value as object) : wrongType(value));
    }
    case "boolean":
      return (value) => (typeof value === "boolean" ? null : wrongType(value));
    case "integer":
    case "decimal":
    case "double": {
      const limit = compileRange(limits, path, name);
      const whole = column.kind === "integer";
      return (value) => (typeof value !== "number" || !Number.isFinite(value) || (whole && !Number.isSafeInteger(value)) ? wrongType(value) : limit(value));
    }
    case "text":
    case "date":
    case "timestamp": {
      const limit = compileText(limits, path, name);
      return (value) => (typeof value === "string" ? limit(value) : wrongType(value));
    }
    case "json":
      return () => null;
  }
}

function compileRange(limits: Limits, path: string, name: string): (value: number) => Violation | null {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = limits;
  const values = limits.values === undefined ? undefined : new Set<unknown>(limits.values);
  return (value) => {
    if (value < minimum || value > maximum || value <= exclusiveMinimum || value >= exclusiveMaximum)
      return { reason: `${name}_range`, detail: `${path} must be ${rangeText(limits)}, is ${value}` };
    return values === undefined || values.has(value) ? null : enumViolation(limits, path, name, value);
  };
}

function compileText(limits: Limits, path: string, name: string): (value: string) => Violation | null {
  const { minLength = 0, maxLength = Infinity } = limits;
  const values = limits.values === undefined ? undefined : new Set<unknown>(limits.values);
  const pattern = limits.pattern === undefined ? undefined : new RegExp(limits.pattern, "u");
  return (value) => {
    if (value.length < minLength || value.length > maxLength) return { reason: `${name}_length`, detail: `${path} has ${value.length} characters` };
    if (values !== undefined && !values.has(value)) return enumViolation(limits, path, name, value);
    return pattern === undefined || pattern.test(value) ? null : { reason: `${name}_pattern`, detail: `${path} is ${show(value)}` };
  };
}

function enumViolation(limits: Limits, path: string, name: string, value: unknown): Violation {
  return { reason: `${name}_enum`, detail: `${path} must be one of ${limits.values!.join(", ")}, is ${show(value)}` };
}

function rangeText({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Limits): string {
  return [
    minimum === undefined ? "" : `≥ ${minimum}`,
    exclusiveMinimum === undefined ? "" : `> ${exclusiveMinimum}`,
    maximum === undefined ? "" : `≤ ${maximum}`,
    exclusiveMaximum === undefined ? "" : `< ${exclusiveMaximum}`,
  ]
    .filter((part) => part !== "")
    .join(" and ");
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? String(value);
}
