import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { SourceFiles } from "../../core/engine.ts";
import type { Column } from "../../core/schema/columns.ts";
import { identifier, textLiteral, type Sql } from "../../core/schema/sql-text.ts";
import { sparkQuotes } from "./dialect.ts";
import { EXACT_PATHS, FILE, type Reading } from "./reads.ts";
import { textType } from "./source.ts";

/**
 * How a file's objects stand: one a `line`; a list with one an `item` line, as src/feeds writes it; or any other `list`, which has to be
 * held in memory as a whole.
 */
type Layout = "lines" | "items" | "list";

const HEAD = 64 * 1024;
const BROKEN = "_broken";

/**
 * Spark's own JSON reader is slow at lists by a factor of 40 and drops what follows the first value of a line, so files are read as text here
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
      { format: "text", paths, options: layout === "list" ? { wholetext: "true", ...EXACT_PATHS } : EXACT_PATHS },
    ]),
  );
  const objects = [...byLayout.keys()].map(objectsSql).join("\nUNION ALL\n");
  const schema = [...columns.map((c) => `${identifier(c.name)} ${textType(c)}`), `${BROKEN} STRING`].join(", ");
  const parsed = `from_json(json, ${textLiteral(sparkQuotes(schema))}, map('mode', 'PERMISSIVE', 'columnNameOfCorruptRecord', '${BROKEN}'))`;
  const names = columns.map((c) => identifier(c.name)).join(", ");
  const others = extra === true ? `, ${extraSql(columns)} AS extra` : "";
  // A generator, because what stands in a SELECT may be computed once for every column taken from it.
  const sql = `SELECT ${names}${others}, source_file FROM (${objects}) LATERAL VIEW inline(array(${parsed})) AS ${[...columns.map((c) => identifier(c.name)), BROKEN].join(", ")}
    WHERE CASE WHEN ${BROKEN} IS NULL AND ${oneValue("json")} THEN true
      ELSE CAST(raise_error(concat('Malformed JSON in file ', source_file, ': ', substring(json, 1, 200))) AS BOOLEAN) END`;
  return { sql, reads };
}

/** `from_json` reads the first value and leaves the rest, which a lost line feed makes another object. */
function oneValue(json: Sql): Sql {
  const suspect = ["}{", "},{", "}, {", "} {"].map((seam) => `contains(${json}, '${seam}')`).join(" OR ");
  return `endswith(${json}, '}') AND startswith(${json}, '{') AND (NOT (${suspect}) OR COALESCE(json_array_length(concat('[', ${json}, ']')), 0) = 1)`;
}

function objectsSql(layout: Layout): Sql {
  const text = "trim(BOTH decode(X'20090D0AEFBBBF', 'UTF-8') FROM value)";
  switch (layout) {
    case "lines":
      return `SELECT json, source_file FROM (SELECT ${text} AS json, ${FILE} AS source_file FROM lines) WHERE json <> ''`;
    case "items":
      return `SELECT json, source_file FROM (SELECT trim(TRAILING ',' FROM ${text}) AS json, ${FILE} AS source_file FROM items) WHERE json NOT IN ('', '[', ']')`;
    case "list":
      return `SELECT trim(json) AS json, source_file FROM (SELECT ${text} AS list, ${FILE} AS source_file FROM list)
        LATERAL VIEW explode(CASE WHEN endswith(list, ']') THEN from_json(list, 'ARRAY<STRING>', map('mode', 'FAILFAST'))
          ELSE raise_error(concat('Malformed JSON in file ', source_file, ': its list has no end')) END) AS json`;
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
    const head = read(0);
    if (!/^\s*\[/.test(head)) return "lines";
    return /^\[\r?\n\{[^\n]*\}?,?\r?(?:\n|$)/.test(head) && /\n\]\s*$/.test(read(Math.max(0, size - 64))) ? "items" : "list";
  } finally {
    closeSync(handle);
  }
}
