import type { ItemType } from "../item.ts";
import { reasonOf } from "./check.ts";
import { columnsOf, sqlType, type Column } from "./columns.ts";
import { shapeOf, type Field, type Rule } from "./fields.ts";
import { patternForSql } from "./pattern-sql.ts";
import { identifier, literal, reference, textLiteral, type Sql } from "./sql-text.ts";

/** The column that `checkedSql` adds: NULL, or the first rule that the row breaks, as `reasonOf` spells it. */
export const REJECT_REASON = "reject_reason";

/**
 * The item's rules as SQL for DuckDB and Spark: a query over a view whose columns hold text as found (see `Engine.source`),
 * with every column in its own type and `reject_reason` beside it. Same verdict and reason as `compileCheck`, on what text
 * can show: a quoted number counts as that number, NULL as missing; a struct's fields stay text, and what has no columns of
 * its own (arrays, records, deeper structs) is only checked to be there.
 */
export function checkedSql(type: ItemType, view: Sql): Sql {
  const all = columnsOf(type);
  const fields = shapeOf(type).fields;
  const inner: Sql[] = [];
  const cases: Sql[] = [];
  all.forEach((column, i) => {
    const field = fields[i]!;
    const source = reference("s", column.name);
    if (column.kind === "struct") inner.push(source);
    else inner.push(`${source} AS ${identifier(textName(column.name))}`, `${castSql(column, source)} AS ${identifier(column.name)}`);
    cases.push(
      ...fieldCases(
        field,
        column,
        column.kind === "struct" ? identifier(column.name) : identifier(textName(column.name)),
        identifier(column.name),
      ),
    );
    column.fields.forEach((nested, n) => {
      const text = reference(column.name, nested.name);
      cases.push(...fieldCases((field.shape as { fields: readonly Field[] }).fields[n]!, nested, text, castSql(nested, text)));
    });
  });
  const typed = all.map((column) => identifier(column.name)).join(", ");
  const reason = cases.length === 0 ? "CAST(NULL AS STRING)" : `CASE ${cases.join("\n    ")} END`;
  return `SELECT ${typed},\n  ${reason} AS ${REJECT_REASON}\nFROM (SELECT ${inner.join(", ")} FROM ${view} AS s) AS t`;
}

function textName(name: string): string {
  return `${name} as found`;
}

/** The value in its column's type, NULL where the text does not spell one. */
function castSql(column: Column, text: Sql): Sql {
  const type = sqlType(column);
  if (type === "STRING") return text;
  // Only the second form reads 5.0 and 1e3, which other writers use for whole numbers, in both engines.
  if (column.kind === "integer") return `COALESCE(TRY_CAST(${text} AS BIGINT), TRY_CAST(TRY_CAST(${text} AS DOUBLE) AS BIGINT))`;
  return `TRY_CAST(${text} AS ${type})`;
}

/** `WHEN <broken> THEN '<reason>'` for each rule of one field, in the order in which `compileCheck` reports them. */
function fieldCases(field: Field, column: Column, text: Sql, value: Sql): Sql[] {
  const cases: Sql[] = [];
  const when = (broken: Sql, rule: string) => cases.push(`WHEN ${broken} THEN ${textLiteral(reasonOf({ field: field.path, rule }))}`);
  if (field.required && !field.nullable) when(`${text} IS NULL`, "required");
  const { shape } = field;
  const double = `TRY_CAST(${text} AS DOUBLE)`;
  const finite = (expression: Sql) => `(${expression} IS NOT NULL AND ABS(${expression}) <= 1.7976931348623157E308)`;
  switch (shape.kind) {
    case "text":
      for (const rule of shape.rules) when(brokenText(rule, text, field.path), rule.rule);
      if (column.kind !== "text") when(`${text} IS NOT NULL AND ${value} IS NULL`, "type");
      break;
    case "integer":
      when(
        `${text} IS NOT NULL AND (${value} IS NULL OR (CAST(${value} AS STRING) <> ${text} AND NOT (${finite(double)} AND ${double} = ${value})))`,
        "type",
      );
      for (const rule of shape.rules) when(brokenNumber(rule, value), rule.rule);
      break;
    case "number": {
      const number = column.kind === "double" ? value : double;
      when(`${text} IS NOT NULL AND NOT ${finite(number)}`, "type");
      for (const rule of shape.rules) when(brokenNumber(rule, number), rule.rule);
      if (column.kind === "decimal") when(`${text} IS NOT NULL AND ${value} IS NULL`, "type");
      break;
    }
    case "boolean":
      when(`${text} NOT IN ('true', 'false')`, "type");
      for (const rule of shape.rules)
        if (rule.rule === "enum") when(`${text} NOT IN (${rule.arg.map((v) => textLiteral(String(v))).join(", ")})`, "enum");
      break;
    default: // structs, json: nothing that text could show
  }
  return cases;
}

function brokenText(r: Rule, text: Sql, field: string): Sql {
  switch (r.rule) {
    case "enum":
      return `${text} NOT IN (${r.arg.map(literal).join(", ")})`;
    case "pattern":
      return `NOT regexp_like(${text}, ${textLiteral(patternForSql(r.arg, field))})`;
    case "format": // JavaScript's URL parser takes more and less than any one expression; this is what a URL must have at least
      return `NOT regexp_like(${text}, '^[A-Za-z][A-Za-z0-9+.-]*:[^ ]')`;
    case "minLength":
      return `LENGTH(${text}) < ${r.arg}`;
    case "maxLength":
      return `LENGTH(${text}) > ${r.arg}`;
    default:
      throw new TypeError(`${r.rule} is not a rule of text`);
  }
}

function brokenNumber(r: Rule, value: Sql): Sql {
  switch (r.rule) {
    case "enum":
      return `${value} NOT IN (${r.arg.map(literal).join(", ")})`;
    case "minimum":
      return `${value} < ${r.arg}`;
    case "maximum":
      return `${value} > ${r.arg}`;
    case "exclusiveMinimum":
      return `${value} <= ${r.arg}`;
    case "exclusiveMaximum":
      return `${value} >= ${r.arg}`;
    case "multipleOf":
      return `MOD(CAST(${value} AS DECIMAL(38, 9)), CAST(${r.arg} AS DECIMAL(38, 9))) <> 0`;
    default:
      throw new TypeError(`${r.rule} is not a rule of numbers`);
  }
}
