import { existsSync } from "node:fs";
import { SettingsError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import { readRows } from "../feeds/read.ts";
import { cell, type Row, type RowMap } from "./row-map.ts";

/** Raw items of a run of a file's rows. */
export interface SourceChunk {
  items: Record<string, unknown>[];
  /** Rows of the file up to the last of these. */
  to: number;
}

/** Rows handed to the transforms at once: enough to make a call worth it, little enough that memory stays flat. */
const CHUNK = 500;

/** A file's rows as raw items, from row `from` on. */
export async function* readSource(file: string, map: RowMap, from = 0): AsyncGenerator<SourceChunk> {
  let number = 0;
  let items: Record<string, unknown>[] = [];
  for await (const rows of rowsOf(file, map)) {
    for (const row of rows) {
      if (++number <= from) continue;
      items.push(map.apply(row, number));
      if (items.length < CHUNK) continue;
      yield { items, to: number };
      items = [];
    }
  }
  if (items.length > 0) yield { items, to: number };
}

/**
 * Looks whether the file has every column that the map reads, before anything is done with it. Rows of JSON need not be
 * alike, so a column counts as soon as one row has it: most often that is the first.
 * @throws SettingsError naming the columns that there are
 */
export async function checkColumns(file: string, map: RowMap): Promise<void> {
  if (!existsSync(file)) throw new SettingsError("no_file", `replay: there is no file ${file}`);
  const missing = new Set(map.columns);
  const known = new Set<string>();
  if (missing.size === 0) return;
  for await (const rows of rowsOf(file, map)) {
    for (const row of rows) {
      for (const name in row) known.add(name);
      for (const name of missing) if (name in row || cell(row, name) !== undefined) missing.delete(name);
      if (missing.size === 0) return;
    }
  }
  const [name] = missing;
  if (name === undefined || known.size === 0) return;
  const columns = [...known];
  throw new SettingsError(
    "unknown_column",
    ["replay:", file, "has no column", `${JSON.stringify(name)}.`, suggest(name, columns), `Columns: ${columns.join(", ")}`]
      .filter((part) => part !== undefined)
      .join(" "),
  );
}

/** The rows, with column names in NFC: files from macOS have them decomposed, and nobody types that. */
async function* rowsOf(file: string, { header }: RowMap): AsyncGenerator<readonly Row[]> {
  let decomposed: boolean | undefined;
  for await (const rows of readRows(file, { header })) {
    decomposed ??= Object.keys(rows[0] ?? {}).some((name) => name !== name.normalize("NFC"));
    yield decomposed ? rows.map(compose) : rows;
  }
}

function compose(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.normalize("NFC"), value]));
}
