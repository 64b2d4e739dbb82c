import type { SourceFiles } from "../../core/engine.ts";
import { flatten, type Column } from "../../core/schema/columns.ts";
import { identifier, textLiteral, type Sql } from "../../core/schema/sql-text.ts";
import { groupByHeader } from "../csv-header.ts";
import { lineEndOf } from "./csv-scan.ts";
import type { DataSource } from "./protocol.ts";
import { exactPath, FILE, type Reading } from "./reads.ts";

/** Spark takes CSV columns by their place and believes the first file's header, so files of one header are read together. */
export async function csvReading({ files, columns, extra }: SourceFiles): Promise<Reading> {
  const known = new Set(flatten(columns).map(({ path }) => path.join(".")));
  const reads: Record<string, DataSource> = {};
  const parts: Sql[] = [];
  for (const { delimiter, names, files: alike } of groupByHeader(files, columns)) {
    const byLineEnd = new Map<string | undefined, string[]>();
    for (const file of alike) {
      const end = await lineEndOf(file, delimiter);
      byLineEnd.set(end, [...(byLineEnd.get(end) ?? []), file]);
    }
    const cell = new Map(names.map((name, i) => [name, `c${i}`]));
    const cells = columns.map((column) => `${columnSql(column, [], cell)} AS ${identifier(column.name)}`);
    if (extra === true) cells.push(`${othersSql(cell, known)} AS extra`);
    const schema = names.map((_, i) => `c${i} STRING`).join(", ");
    for (const [lineSep, paths] of byLineEnd) {
      const alias = `csv${parts.length}`;
      const options = { ...OPTIONS, sep: delimiter, ...(lineSep === undefined ? {} : { lineSep }) };
      reads[alias] = { format: "csv", schema, options, paths: paths.map(exactPath) };
      parts.push(`SELECT ${[...cells, `${FILE} AS source_file`].join(", ")} FROM ${alias}`);
    }
  }
  return { sql: parts.join("\nUNION ALL\n"), reads };
}

/**
 * An empty cell is NULL, a quoted empty one an empty text: no text is Spark's word for NULL (the one set here cannot stand in a text file).
 * What has too few cells, too many, or a quote in the wrong place is an error.
 */
const OPTIONS = {
  header: "true",
  multiLine: "true",
  mode: "FAILFAST",
  quote: '"',
  escape: '"',
  nullValue: "\u0000NULL\u0000",
  emptyValue: "",
  unescapedQuoteHandling: "RAISE_ERROR",
} as const;

function columnSql(column: Column, outer: readonly string[], cells: ReadonlyMap<string, string>): Sql {
  const path = [...outer, column.name];
  if (column.kind === "struct")
    return `named_struct(${column.fields.map((field) => `${textLiteral(field.name)}, ${columnSql(field, path, cells)}`).join(", ")})`;
  const cell = cells.get(path.join("."));
  if (cell === undefined) return "CAST(NULL AS STRING)";
  // Numbers are never guarded by their writer, so only text can carry the apostrophe (src/feeds/csv.ts).
  if (column.kind !== "text" && column.kind !== "json") return cell;
  return `CASE WHEN startswith(${cell}, '''') AND regexp_like(${cell}, '^''+[=+@\\t\\r-]') THEN substring(${cell}, 2) ELSE ${cell} END`;
}

function othersSql(cells: ReadonlyMap<string, string>, known: ReadonlySet<string>): Sql {
  const others = [...cells].filter(([name]) => !known.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  if (others.length === 0) return "CAST(NULL AS STRING)";
  return `NULLIF(to_json(named_struct(${others.map(([name, cell]) => `${textLiteral(name)}, ${cell}`).join(", ")})), '{}')`;
}
