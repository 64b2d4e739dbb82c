import { closeSync, openSync, readSync } from "node:fs";
import { parse } from "csv-parse/sync";
import type { SourceFiles } from "../../core/engine.ts";
import { ArachneError } from "../../core/errors.ts";
import { flatten, type Column } from "../../core/schema/columns.ts";
import { identifier, textLiteral, type Sql } from "../../core/schema/sql-text.ts";
import type { DataSource } from "./protocol.ts";
import { EXACT_PATHS, FILE, type Reading } from "./reads.ts";

interface Header {
  delimiter: string;
  /** Unlike each other. */
  names: readonly string[];
}

const HEAD = 256 * 1024;
const DELIMITERS = [",", ";", "\t", "|"];

/** Spark takes CSV columns by their place and believes the first file's header, so files of one header are read together. */
export function csvReading({ files, columns, extra }: SourceFiles): Reading {
  const paths = flatten(columns).map(({ path }) => path.join("."));
  const known = new Set(paths);
  const groups = new Map<string, Header & { files: string[] }>();
  for (const file of files) {
    const header = headerOf(file, known);
    const key = JSON.stringify(header);
    const group = groups.get(key) ?? { ...header, files: [] };
    group.files.push(file);
    groups.set(key, group);
  }
  const reads: Record<string, DataSource> = {};
  const parts = [...groups.values()].map(({ delimiter, names, files: paths }, g) => {
    reads[`csv${g}`] = {
      format: "csv",
      schema: names.map((_, i) => `c${i} STRING`).join(", "),
      options: { ...OPTIONS, sep: delimiter, ...EXACT_PATHS },
      paths,
    };
    const cell = new Map(names.map((name, i) => [name, `c${i}`]));
    const cells = columns.map((column) => `${columnSql(column, [], cell)} AS ${identifier(column.name)}`);
    if (extra === true) cells.push(`${othersSql(cell, known)} AS extra`);
    return `SELECT ${[...cells, `${FILE} AS source_file`].join(", ")} FROM csv${g}`;
  });
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

/** The first line's names, by the delimiter that finds most of the known ones. */
function headerOf(file: string, known: ReadonlySet<string>): Header {
  const bytes = Buffer.alloc(HEAD);
  const handle = openSync(file, "r");
  let head: string;
  try {
    head = bytes.toString("utf8", 0, readSync(handle, bytes, 0, HEAD, 0));
  } finally {
    closeSync(handle);
  }
  const headers = DELIMITERS.flatMap((delimiter) => {
    try {
      const [names] = parse(head, { delimiter, bom: true, to: 1, relax_column_count: true }) as string[][];
      return names === undefined ? [] : [{ delimiter, names: distinct(names), found: names.filter((name) => known.has(name)).length }];
    } catch {
      return []; // not a header by this delimiter
    }
  });
  const best = headers.sort((a, b) => b.found - a.found)[0];
  if (best === undefined) throw new ArachneError("query_failed", `spark: ${file} has no header line: put one there, or take the file away`);
  return { delimiter: best.delimiter, names: best.names };
}

function distinct(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name, i) => {
    let free = name === "" ? `column${i}` : name;
    for (let n = 1; seen.has(free); n++) free = `${name}_${n}`;
    seen.add(free);
    return free;
  });
}
