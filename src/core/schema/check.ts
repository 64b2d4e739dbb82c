import type { ItemCheck } from "../chain.ts";
import type { ItemType } from "../item.ts";
import { shapeOf, type Field, type Rule, type Shape } from "./fields.ts";

export interface Failure {
  /** Dotted path of the field. */
  field: string;
  /** `required`, `type`, or the JSON Schema keyword that was broken. */
  rule: string;
  message: string;
  value: unknown;
}

/** null: the item is valid. Otherwise everything that is wrong, in the schema's order. */
export type Check = (item: object) => Failure[] | null;

/** The short stable words that a failure is counted under. The batch's SQL gives the same ones. */
export function reasonOf(failure: Pick<Failure, "field" | "rule">): string {
  return `${failure.field}: ${failure.rule}`;
}

interface Test {
  ok(value: unknown): boolean;
  explain(value: unknown, path: string, out: Failure[]): void;
}
type Row = Record<string, unknown>;

/**
 * Compiles an item type's rules into closures: the same verdict as its zod schema's `safeParse`, without the parse
 * (about a microsecond an item). Fields that the schema does not name are let through, unless it is strict.
 */
export function compileCheck(type: ItemType): Check {
  const test = shapeTest(shapeOf(type));
  return (item) => {
    if (test.ok(item)) return null;
    const failures: Failure[] = [];
    test.explain(item, "", failures);
    return failures;
  };
}

/** The check as the crawl's chain wants it: the first failure. */
export function itemCheck(type: ItemType): ItemCheck {
  const check = compileCheck(type);
  return (item) => {
    const [first] = check(item) ?? [];
    return first === undefined ? null : { reason: reasonOf(first), detail: first.message };
  };
}

function shapeTest(shape: Shape): Test {
  switch (shape.kind) {
    case "text":
      return valueTest("text", (v) => typeof v === "string", shape.rules);
    case "number":
      return valueTest("a number", Number.isFinite, shape.rules);
    case "integer":
      return valueTest("a whole number", Number.isInteger, shape.rules); // too large for exactness: zod's maximum says so
    case "boolean":
      return valueTest("true or false", (v) => typeof v === "boolean", shape.rules);
    case "any":
      return valueTest("a value", (v) => v !== undefined, shape.rules);
    case "object":
      return objectTest(shape.fields, shape.rest);
    case "array":
      return arrayTest(shape);
    default: // union
      return unionTest(shape.of.map(shapeTest));
  }
}

function unionTest(options: readonly Test[]): Test {
  return leaf("one of the forms that the schema allows", (v) => options.some((o) => o.ok(v)));
}

function fail(out: Failure[], path: string, rule: string, wanted: string, value: unknown): void {
  out.push({ field: path, rule, message: `${path || "the item"} must be ${wanted}, is ${show(value)}`, value });
}

function show(value: unknown): string {
  const text = value === undefined ? "missing" : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function leaf(wanted: string, ok: (value: unknown) => boolean): Test {
  return {
    ok,
    explain(value, path, out) {
      if (!ok(value)) fail(out, path, "type", wanted, value);
    },
  };
}

function valueTest(wanted: string, isType: (value: unknown) => boolean, rules: readonly Rule[]): Test {
  if (rules.length === 0) return leaf(wanted, isType);
  const tests = rules.map(ruleTest);
  return {
    ok(value) {
      if (!isType(value)) return false;
      for (const test of tests) if (!test(value)) return false;
      return true;
    },
    explain(value, path, out) {
      if (!isType(value)) return fail(out, path, "type", wanted, value);
      rules.forEach(({ rule, arg }, i) => {
        if (!tests[i]!(value)) fail(out, path, rule, WANTED[rule](arg), value);
      });
    },
  };
}

const WANTED: Record<Rule["rule"], (arg: unknown) => string> = {
  enum: (arg) => `one of ${(arg as unknown[]).join(", ")}`,
  pattern: (arg) => `of the form /${show(arg).slice(1, -1)}/`,
  format: () => "a URL",
  minLength: (arg) => `at least ${String(arg)} characters long`,
  maxLength: (arg) => `at most ${String(arg)} characters long`,
  minimum: (arg) => `at least ${String(arg)}`,
  maximum: (arg) => `at most ${String(arg)}`,
  exclusiveMinimum: (arg) => `more than ${String(arg)}`,
  exclusiveMaximum: (arg) => `less than ${String(arg)}`,
  multipleOf: (arg) => `a multiple of ${String(arg)}`,
};

function ruleTest(r: Rule): (value: unknown) => boolean {
  switch (r.rule) {
    case "enum": {
      const allowed = new Set(r.arg);
      return (v) => allowed.has(v);
    }
    case "pattern": {
      const pattern = new RegExp(r.arg, /\\[pPu]\{/.test(r.arg) ? "u" : "");
      return (v) => pattern.test(v as string);
    }
    case "format":
      return (v) => URL.canParse((v as string).trim());
    case "minLength":
      return (v) => (v as string).length >= r.arg;
    case "maxLength":
      return (v) => (v as string).length <= r.arg;
    case "minimum":
      return (v) => (v as number) >= r.arg;
    case "maximum":
      return (v) => (v as number) <= r.arg;
    case "exclusiveMinimum":
      return (v) => (v as number) > r.arg;
    case "exclusiveMaximum":
      return (v) => (v as number) < r.arg;
    default: // multipleOf
      return (v) => isMultiple(v as number, r.arg);
  }
}

/** In whole numbers of the finer one's last decimal: 0.3 is a multiple of 0.1 although 0.3 % 0.1 is not 0. */
function isMultiple(value: number, of: number): boolean {
  const decimals = (n: number) => {
    const [mantissa = "", exponent = "0"] = String(n).split("e");
    return Math.max(0, (mantissa.split(".")[1]?.length ?? 0) - Number(exponent));
  };
  const places = Math.max(decimals(value), decimals(of));
  const whole = (n: number) => (Number.isInteger(n) ? BigInt(n) * 10n ** BigInt(places) : BigInt(n.toFixed(places).replace(".", "")));
  return whole(value) % whole(of) === 0n;
}

function objectTest(fields: readonly Field[], rest: Shape | "any" | "none"): Test {
  const parts = fields.map(({ name, required, nullable, shape }) => ({ name, required, nullable, test: shapeTest(shape) }));
  const named = new Set(fields.map((f) => f.name));
  const restTest = typeof rest === "string" ? undefined : shapeTest(rest);
  const isObject = (v: unknown): v is Row => typeof v === "object" && v !== null && !Array.isArray(v);
  const restOk = (item: Row) => rest === "any" || Object.keys(item).every((key) => named.has(key) || (restTest?.ok(item[key]) ?? false));
  return {
    ok(item) {
      if (!isObject(item)) return false;
      for (const part of parts) {
        const value = item[part.name];
        if (value === null ? !part.nullable : value === undefined ? part.required : !part.test.ok(value)) return false;
      }
      return restOk(item);
    },
    explain(item, path, out) {
      if (!isObject(item)) return fail(out, path, "type", "an object", item);
      const prefix = path === "" ? "" : `${path}.`;
      for (const { name, required, nullable, test } of parts) {
        const value = item[name];
        if (value === null ? !nullable : value === undefined && required) fail(out, prefix + name, "required", "given", value);
        else if (value !== null && value !== undefined) test.explain(value, prefix + name, out);
      }
      if (restOk(item)) return;
      for (const key of Object.keys(item)) {
        if (named.has(key)) continue;
        if (restTest === undefined) fail(out, prefix + key, "additionalProperties", "left out", item[key]);
        else restTest.explain(item[key], prefix + key, out);
      }
    },
  };
}

function arrayTest({ items, nullableItems, min, max }: Extract<Shape, { kind: "array" }>): Test {
  const element = shapeTest(items);
  const elementOk = (v: unknown) => (v === null ? nullableItems : element.ok(v));
  return {
    ok: (value) => Array.isArray(value) && value.length >= min && value.length <= max && value.every(elementOk),
    explain(value, path, out) {
      if (!Array.isArray(value)) return fail(out, path, "type", "an array", value);
      if (value.length < min) fail(out, path, "minItems", `at least ${min} long`, value);
      if (value.length > max) fail(out, path, "maxItems", `at most ${max} long`, value);
      value.forEach((v, i) => {
        if (elementOk(v)) return;
        if (v === null) fail(out, `${path}[${i}]`, "required", "given", v);
        else element.explain(v, `${path}[${i}]`, out);
      });
    },
  };
}
