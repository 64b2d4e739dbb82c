import type { ItemType } from "../item.ts";
import { columnsOf, flatten, type Column } from "./columns.ts";

/** What the engines say differently. */
export interface SqlDialect {
  /** Whether `text` (an expression) matches anywhere. */
  matches(text: string, pattern: string): string;
}

export const duckdbDialect: SqlDialect = { matches: (text, pattern) => `regexp_matches(${text}, ${literal(pattern)})` };

const CASTS: Partial<Record<Column["kind"], string>> = {
  integer: "BIGINT",
  double: "DOUBLE",
  decimal: "DECIMAL(38, 10)",
  boolean: "BOOLEAN",
  date: "DATE",
  timestamp: "TIMESTAMP",
};

/**
 * The rules of `compileCheck` as one SQL expression over rows whose fields are all text: the reason of the first rule that
 * a row breaks, or NULL. `text(path)` names the text column of a field (`["raw", "price"]`).
 */
export function rulesSql(type: ItemType, dialect: SqlDialect, text: (path: readonly string[]) => string): string {
  const cases = flatten(columnsOf(type)).flatMap(({ path, column }) => {
    const name = path.join("_");
    return conditions(column, text(path), dialect).map(([rule, broken]) => `WHEN ${broken} THEN ${literal(`${name}_${rule}`)}`);
  });
  return `CASE ${cases.join("\n     ")} ELSE NULL END`;
}

function conditions(column: Column, x: string, dialect: SqlDialect): [rule: string, broken: string][] {
  const { limits } = column;
  const found: [string, string][] = [];
  if (!column.nullable) found.push(["missing", `${x} IS NULL`]);
  const cast = CASTS[column.kind];
  const value = cast === undefined ? x : `TRY_CAST(${x} AS ${cast})`;
  if (cast !== undefined) found.push(["type", `${x} IS NOT NULL AND ${value} IS NULL`]);
  // A cast rounds where a check must refuse: 1.5 is no whole number.
  if (column.kind === "integer") found.push(["type", `${value} <> TRY_CAST(${x} AS DOUBLE)`]);
  if (column.kind === "text") {
    if (limits.minLength !== undefined) found.push(["length", `length(${x}) < ${limits.minLength}`]);
    if (limits.maxLength !== undefined) found.push(["length", `length(${x}) > ${limits.maxLength}`]);
    if (limits.values !== undefined) found.push(["enum", `${x} NOT IN (${limits.values.map((v) => literal(String(v))).join(", ")})`]);
    if (limits.pattern !== undefined) found.push(["pattern", `NOT ${dialect.matches(x, limits.pattern)}`]);
    return found;
  }
  const range = [
    limits.minimum === undefined ? undefined : `${value} < ${limits.minimum}`,
    limits.maximum === undefined ? undefined : `${value} > ${limits.maximum}`,
    limits.exclusiveMinimum === undefined ? undefined : `${value} <= ${limits.exclusiveMinimum}`,
    limits.exclusiveMaximum === undefined ? undefined : `${value} >= ${limits.exclusiveMaximum}`,
  ].filter((part) => part !== undefined);
  if (range.length > 0) found.push(["range", range.join(" OR ")]);
  return found;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
