import type { ItemType } from "../item.ts";
import { reasonOf } from "./check.ts";
import { columnsOf, sqlType, type Column } from "./columns.ts";
import { contractOf, DISCARDED, discards, EXTRA, FROZEN } from "./contract.ts";
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
 *
 * The item's contract adds the columns `extra` (unknown fields that are looked for, kept under `evolve`) and `discarded`; what it
 * freezes ends the query with the engine's error, whose text holds `arachne contract_frozen:`.
 */
export function checkedSql(type: ItemType, view: Sql): Sql {
  const contract = contractOf(type);
  const fields = shapeOf(type).fields;
  const inner: Sql[] = [];
  const typed: Sql[] = [];
  const rejecting: Broken[] = [];
  const dropping: Broken[] = [];
  columnsOf(type).forEach((column, i) => {
    const { name } = column;
    const source = reference("s", name);
    const struct = column.kind === "struct";
    if (struct) inner.push(source);
    else inner.push(`${source} AS ${identifier(textName(name))}`, `${castSql(column, source)} AS ${identifier(name)}`);
    const broken = fieldRules(fields[i]!, column, identifier(struct ? name : textName(name)), identifier(name));
    const drop = contract.brokenValues === "discard_value" && column.nullable && !struct;
    (drop ? dropping : rejecting).push(...broken);
    typed.push(
      drop && broken.length > 0
        ? `CASE ${broken.map((b) => `WHEN ${b.sql} THEN NULL`).join(" ")} ELSE ${identifier(name)} END AS ${identifier(name)}`
        : identifier(name),
    );
    column.fields.forEach((nested, n) => {
      const text = reference(name, nested.name);
      rejecting.push(...fieldRules((fields[i]!.shape as { fields: readonly Field[] }).fields[n]!, nested, text, castSql(nested, text)));
    });
  });
  // Spark gives raise_error no type of its own, which a Parquet column cannot have.
  const frozen = (reason: Sql) => `CAST(raise_error(concat(${textLiteral(`${FROZEN} `)}, ${reason}, ' in ', source_file)) AS STRING)`;
  const verdict = (b: Broken) => (contract.brokenValues === "freeze" ? frozen(textLiteral(b.reason)) : textLiteral(b.reason));
  const cases = rejecting.map((b) => `WHEN ${b.sql} THEN ${verdict(b)}`);
  const dropped = dropping.map((b) => `CASE WHEN ${b.sql} THEN ${textLiteral(b.reason)} END`);
  switch (contract.unknownFields) {
    case "discard_row":
      cases.push(`WHEN ${EXTRA} IS NOT NULL THEN ${UNKNOWN_FIELD}`);
      break;
    case "freeze":
      cases.push(`WHEN ${EXTRA} IS NOT NULL THEN ${frozen(UNKNOWN_FIELD)}`);
      break;
    case "discard_value":
      dropped.push(`CASE WHEN ${EXTRA} IS NOT NULL THEN ${UNKNOWN_FIELD} END`);
      break;
    default: // evolve keeps them; or nobody asked
  }
  if (contract.unknownFields !== undefined) inner.push(reference("s", EXTRA));
  if (contract.unknownFields !== undefined && contract.unknownFields !== "discard_value") typed.push(EXTRA);
  if (contract.unknownFields === "freeze" || contract.brokenValues === "freeze") inner.push(reference("s", "source_file"));
  if (discards(contract)) typed.push(`NULLIF(concat_ws('; ', ${["NULL", ...dropped].join(", ")}), '') AS ${DISCARDED}`);
  const reason = cases.length === 0 ? "CAST(NULL AS STRING)" : `CASE ${cases.join("\n    ")} END`;
  return `SELECT ${typed.join(", ")},\n  ${reason} AS ${REJECT_REASON}\nFROM (SELECT ${inner.join(", ")} FROM ${view} AS s) AS t`;
}

interface Broken {
  /** True for what breaks the rule. */
  readonly sql: Sql;
  readonly reason: string;
}

/** The first unknown field's name, out of the text of a JSON object, and the rule that it breaks. */
const UNKNOWN_FIELD = `concat(regexp_extract(${EXTRA}, ${textLiteral('^[{]"((?:[^"\\\\]|\\\\.)*)"')}, 1), ${textLiteral(reasonOf({ field: "", rule: "additionalProperties" }))})`;

function textName(name: string): string {
  return `${name} as found`;
}

/** The value in its column's type, NULL where the text does not spell one. */
function castSql(column: Column, text: Sql): Sql {
  const type = sqlType(column);
  if (type === "STRING") return text;
  // Only the second form reads 5.0 and 1e3, which other writers use for whole numbers, in both engines. Neither may round: they do it unlike.
  if (column.kind === "integer") {
    const double = `TRY_CAST(${text} AS DOUBLE)`;
    return `COALESCE(CASE WHEN NOT contains(${text}, '.') THEN TRY_CAST(${text} AS BIGINT) END, CASE WHEN FLOOR(${double}) = ${double} AND ABS(${double}) < 9.2E18 THEN CAST(${double} AS BIGINT) END)`;
  }
  return `TRY_CAST(${text} AS ${type})`;
}

/** What breaks the rules of one field, in the order in which `compileCheck` reports them. */
function fieldRules(field: Field, column: Column, text: Sql, value: Sql): Broken[] {
  const rules: Broken[] = [];
  const when = (sql: Sql, rule: string) => rules.push({ sql, reason: reasonOf({ field: field.path, rule }) });
  if (field.required && !field.nullable) when(`${text} IS NULL`, "required");
  const { shape } = field;
  const double = `TRY_CAST(${text} AS DOUBLE)`;
  // DuckDB reads 1_000 as a number, Spark 1d and 1f.
  const spelled = `NOT contains(${text}, '_') AND RIGHT(${text}, 1) NOT IN ('d', 'D', 'f', 'F')`;
  const finite = (expression: Sql) => `(${expression} IS NOT NULL AND ABS(${expression}) <= 1.7976931348623157E308)`;
  switch (shape.kind) {
    case "text":
      for (const rule of shape.rules) when(brokenText(rule, text, field.path), rule.rule);
      if (column.kind !== "text") when(`${text} IS NOT NULL AND ${value} IS NULL`, "type");
      break;
    case "integer":
      when(
        `${text} IS NOT NULL AND (${value} IS NULL OR (CAST(${value} AS STRING) <> ${text} AND NOT (${finite(double)} AND ${double} = ${value} AND ${spelled})))`,
        "type",
      );
      for (const rule of shape.rules) when(brokenNumber(rule, value), rule.rule);
      break;
    case "number": {
      const number = column.kind === "double" ? value : double;
      when(`${text} IS NOT NULL AND NOT (${finite(number)} AND ${spelled})`, "type");
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
  return rules;
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
      return `MOD(TRY_CAST(${value} AS DECIMAL(38, 9)), CAST(${r.arg} AS DECIMAL(38, 9))) <> 0`; // larger ones are whole, to a double
    default:
      throw new TypeError(`${r.rule} is not a rule of numbers`);
  }
}
