import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";

/** Real input beside the project; tests on it are skipped where it is absent. */
export const DATA = join(import.meta.dirname, "../../../../shared/data");
export const absent = !existsSync(DATA);

export type Row = Readonly<Record<string, unknown>>;

/** Rows of a file in listings/: CSV with a header (or none: columns are then named 0, 1, …), or JSON lists one after another. */
export function rows(file: string, header = true): Row[] {
  const text = readFileSync(join(DATA, "listings", file), "utf8").replace(/^\ufeff/, "");
  if (!file.endsWith(".json")) {
    const lines = parse(text, {
      columns: header,
      relax_column_count: true,
      relax_quotes: true,
      record_delimiter: ["\r\r\n", "\r\n", "\n"],
      skip_empty_lines: true,
    }) as unknown[];
    return header ? (lines as Row[]) : (lines as unknown[][]).map((cells) => Object.fromEntries(cells.map((cell, i) => [String(i), cell])));
  }
  // One of the files ends in a second, empty list.
  const value = JSON.parse(text.replace(/\]\[\s*\]\s*$/, "]")) as Row[] | { listings: Row[] };
  return Array.isArray(value) ? value : value.listings;
}
