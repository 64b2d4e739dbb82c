import { closeSync, openSync, readSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { ArachneError } from "../core/errors.ts";
import { flatten, type Column } from "../core/schema/columns.ts";

export interface CsvHeader {
  readonly delimiter: string;
  /** Unlike each other. */
  readonly names: readonly string[];
}

const HEAD = 256 * 1024;
const DELIMITERS = [",", ";", "\t", "|"];

/**
 * Files of one header, so that an engine can be told where each column stands: what it would guess from the first rows may take a torn row
 * for the header, and drop what is before it.
 * @throws ArachneError `query_failed` naming a file whose first line has none of the columns' names
 */
export function groupByHeader(files: readonly string[], columns: readonly Column[]): (CsvHeader & { files: string[] })[] {
  const known = new Set(flatten(columns).map(({ path }) => path.join(".")));
  const groups = new Map<string, CsvHeader & { files: string[] }>();
  for (const file of files) {
    const header = headerOf(file, known);
    const key = JSON.stringify(header);
    const group = groups.get(key) ?? { ...header, files: [] };
    group.files.push(file);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The first line's names, by the delimiter that finds most of the known ones. */
function headerOf(file: string, known: ReadonlySet<string>): CsvHeader {
  const head = readHead(file);
  const headers = DELIMITERS.flatMap((delimiter) => {
    try {
      const [names] = parse(head, { delimiter, bom: true, to: 1, relax_column_count: true });
      return names === undefined ? [] : [{ delimiter, names: distinct(names), found: names.filter((name) => known.has(name)).length }];
    } catch {
      return []; // not a header by this delimiter
    }
  });
  const best = headers.sort((a, b) => b.found - a.found)[0];
  if (best === undefined || best.found === 0)
    throw new ArachneError(
      "query_failed",
      `csv: the first line of ${file} names none of the fields ${[...known].slice(0, 3).join(", ")}, …`,
    );
  return { delimiter: best.delimiter, names: best.names };
}

function readHead(file: string): string {
  const bytes = Buffer.alloc(HEAD);
  const handle = openSync(file, "r");
  try {
    return bytes.toString("utf8", 0, readSync(handle, bytes, 0, HEAD, 0));
  } finally {
    closeSync(handle);
  }
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
