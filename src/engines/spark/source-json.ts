import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { SourceFiles } from "../../core/engine.ts";
import type { Column } from "../../core/schema/columns.ts";
import { identifier, textLiteral, type Sql } from "../../core/schema/sql-text.ts";
import { sparkQuotes } from "./dialect.ts";
import { exactPath, FILE, type Reading } from "./reads.ts";
import { textType } from "./text-type.ts";

/**
 * How a file's objects stand: one a `lines` line; a list with one an `items` line, as src/feeds writes it; or any other list or object,
 * which has to be held in memory as a `whole`.
 */
type Layout = "lines" | "items" | "whole";

const HEAD = 64 * 1024;
const BROKEN = "_broken";
const OPTIONS = "'allowSingleQuotes', 'false'";

/**
 * Spark's own JSON reader is slow at lists by a factor of 40, and drops what follows the first value of a line, so files are read as text here
 * and each object is parsed by itself. A line that is no whole object is an error that names its file.
 */
export function jsonReading({ format, files, columns, extra }: SourceFiles): Reading {
  const byLayout = new Map<Layout, string[]>();
  for (const file of files) {
    const layout = format === "jsonl" ? "lines" : layoutOf(file);
    byLayout.set(layout, [...(byLayout.get(layout) ?? []), file]);
  }
  const reads: Reading["reads"] = Object.fromEntries(
    [...byLayout].map(([layout, paths]) => [
      layout,
      { format: "text", paths: paths.map(exactPath), options: layout === "whole" ? { wholetext: "true" } : {} },
    ]),
  );
  const objects = [...byLayout.keys()].map(objectsSql).join("\nUNION ALL\n");
  const schema = [...columns.map((c) => `${identifier(c.name)} ${textType(c)}`), `${BROKEN} STRING`].join(", ");
  const parsed = `from_json(json, ${textLiteral(sparkQuotes(schema))}, map('mode', 'PERMISSIVE', 'columnNameOfCorruptRecord', '${BROKEN}', ${OPTIONS}))`;
  const names = columns.map((c) => identifier(c.name)).join(", ");
  const others = extra === true ? `, ${extraSql(columns)} AS extra` : "";
  // A generator, because what stands in a SELECT may be computed anew for every column that is taken from it.
  const sql = `SELECT ${names}${others}, source_file
    FROM (SELECT ${numbersSql("json")} AS json, source_file FROM (${objects}))
    LATERAL VIEW inline(array(${parsed})) AS ${[...columns.map((c) => identifier(c.name)), BROKEN].join(", ")}
    WHERE CASE WHEN ${soundSql("json")} THEN true
      ELSE CAST(${malformed("json")} AS BOOLEAN) END`;
  return { sql, reads };
}

function malformed(json: Sql): Sql {
  return `raise_error(concat('Malformed JSON in file ', source_file, ': ', substring(${json}, 1, 200)))`;
}

/** One object (or null) and nothing else. The dear tests are made only where a cheap one gives cause. */
function soundSql(json: Sql): Sql {
  const any = (...parts: readonly string[]): Sql => parts.map((part) => `contains(${json}, '${part}')`).join(" OR ");
  // `from_json` reads the first value and leaves the rest, which a lost line feed makes another object.
  const alone = `NOT (${any("}{", "},{", "}, {", "} {")}) OR COALESCE(json_array_length(concat('[', ${json}, ']')), 0) = 1`;
  const pairs = String.raw`(?i)\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}`;
  const paired = `NOT (${any("\\ud", "\\uD")}) OR NOT regexp_like(regexp_replace(${json}, '${pairs}', ''), '${String.raw`(?i)\\ud[89a-f]`}')`;
  return `${json} = 'null' OR (${BROKEN} IS NULL AND startswith(${json}, '{') AND endswith(${json}, '}') AND is_valid_utf8(${json}) AND (${alone}) AND (${paired}))`;
}

/** Python writes NaN and Infinity, which are no JSON: they become texts, and their columns' rules see to the rest. */
function numbersSql(json: Sql): Sql {
  const outsideTexts = String.raw`(?=(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+$)`;
  return `CASE WHEN contains(${json}, 'NaN') OR contains(${json}, 'Infinity') THEN regexp_replace(${json}, '(-?\\b(?:NaN|Infinity)\\b)${outsideTexts}', '"$1"') ELSE ${json} END`;
}

function objectsSql(layout: Layout): Sql {
  const text = "trim(BOTH decode(X'20090D0AEFBBBF', 'UTF-8') FROM value)";
  switch (layout) {
    case "lines":
      return `SELECT json, source_file FROM (SELECT ${text} AS json, ${FILE} AS source_file FROM lines) WHERE json <> ''`;
    case "items":
      return `SELECT json, source_file FROM (SELECT trim(TRAILING ',' FROM ${text}) AS json, ${FILE} AS source_file FROM items) WHERE json NOT IN ('', '[', ']')`;
    case "whole": {
      const list = `from_json(CASE WHEN startswith(list, '[') THEN list ELSE concat('[', list, ']') END, 'ARRAY<STRING>', map('mode', 'FAILFAST', ${OPTIONS}))`;
      return `SELECT trim(COALESCE(json, 'null')) AS json, source_file FROM (SELECT ${text} AS list, ${FILE} AS source_file FROM whole)
        LATERAL VIEW explode(CASE WHEN COALESCE(json_array_length(concat('[', list, ']')), 0) = 1 THEN ${list} ELSE ${malformed("list")} END) AS json
        WHERE list <> ''`;
    }
  }
}

/** The fields that no column has, with their keys in order; see `SourceFiles.extra`. */
function extraSql(columns: readonly Column[]): Sql {
  const known = columns.map((c) => textLiteral(c.name)).join(", ");
  const others = `map_filter(CAST(parse_json(json) AS MAP<STRING, VARIANT>), (k, v) -> k NOT IN (${known}) AND NOT is_variant_null(v))`;
  return `NULLIF(to_json(map_from_entries(array_sort(map_entries(${others}), (a, b) -> CASE WHEN a.key < b.key THEN -1 ELSE 1 END))), '{}')`;
}

function layoutOf(file: string): Layout {
  const handle = openSync(file, "r");
  try {
    const { size } = fstatSync(handle);
    const read = (from: number): string => {
      const bytes = Buffer.alloc(Math.min(HEAD, size - from));
      return bytes.toString("utf8", 0, readSync(handle, bytes, 0, bytes.length, from)).replace(/^\uFEFF/, "");
    };
    const head = read(0).trimStart();
    if (head.startsWith("["))
      return /^\[\r?\n\{[^\n]*\r?(?:\n|$)/.test(head) && /\n\]\s*$/.test(read(Math.max(0, size - 64))) ? "items" : "whole";
    const [first = "", ...more] = head.split("\n", 2);
    return more.length === 0 || isJson(first) ? "lines" : "whole";
  } finally {
    closeSync(handle);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
