import { stringify } from "csv-stringify/sync";
import type { ItemType } from "../core/item.ts";
import { columnsOf, flatten } from "../core/schema/columns.ts";
import { pieces, type FeedFormat } from "./feed-format.ts";

/**
 * A text that a spreadsheet would run as a formula; crawled text is hostile (OWASP, CSV injection). Such a cell gets an
 * apostrophe before it, and so does one that looks guarded already: then taking one off again always gives the text that was.
 * Numbers are written by us and stay as they are, minus sign and all.
 */
const FORMULA = /^'*[=+\-@\t\r]/;

/**
 * RFC 4180 with a header line, UTF-8 and LF. A column a field, `raw.price` for a field within a field; what is no plain
 * value is written as JSON; null is an empty cell, an empty text a quoted one. Without a byte order mark: tools other than
 * Excel trip over it.
 */
export const csv: FeedFormat = {
  extension: "csv",
  *content(type, json) {
    yield header(type);
    for (const piece of pieces(json)) yield rows(type, piece);
  },
};

export function header(type: ItemType): string {
  return stringify([flatten(columnsOf(type)).map((c) => c.path.join("."))]);
}

export function rows(type: ItemType, json: readonly string[]): string {
  const paths = flatten(columnsOf(type)).map((c) => c.path);
  const cells = json.map((text) => {
    const item = JSON.parse(text) as Record<string, unknown>;
    return paths.map((path) => cell(path.length === 1 ? item[path[0]!] : dig(item, path)));
  });
  return stringify(cells, { cast: { string: (value) => (value === "" ? { value, quoted_empty: true } : value) } });
}

/** A text as it may stand in a cell. */
export function guarded(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that `rows` wrote, of a cell as a reader finds it. */
export function unguarded(text: string): string {
  return text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text;
}

function dig(item: unknown, path: readonly string[]): unknown {
  let value = item;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value;
}

function cell(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return guarded(value);
  return JSON.stringify(value);
}
