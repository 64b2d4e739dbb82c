import { SettingsError } from "../core/errors.ts";

export type Row = Readonly<Record<string, unknown>>;

/** Makes raw items of a file's rows: `price={Mức giá}`, `link=url`. */
export interface RowMap {
  /** Whether CSV files begin with a header; in those without one columns are called 1, 2, … */
  readonly header: boolean;
  /** The columns that it reads. */
  readonly columns: readonly string[];
  /** `number`: the row's place in its file, from 1. */
  apply(row: Row, number: number): Record<string, unknown>;
}

/** What gives a field its value: a column, or a template of text and columns. */
interface Source {
  columns: string[];
  value: (row: Row, number: number) => unknown;
}

/** Stands for the row's number in a template. */
const NUMBER = "#";

/**
 * @param maps `field=column` or `field=text {column} text`; of several for one field the first that gives a value counts
 * @param sets `field=text`, the same for every row
 * @throws SettingsError for one that is not written so
 */
export function compileRowMap(maps: readonly string[], sets: readonly string[], header = true): RowMap {
  const sources = new Map<string, Source[]>();
  for (const text of maps) {
    const [field, source] = split(text, "--map", "field=column");
    sources.set(field, [
      ...(sources.get(field) ?? []),
      source.includes("{") ? template(source, text) : { columns: [source], value: (row) => cell(row, source) },
    ]);
  }
  const constants = Object.fromEntries(sets.map((text) => split(text, "--set", "field=value")));
  return {
    header,
    columns: [...new Set([...sources.values()].flat().flatMap((s) => s.columns))],
    apply(row, number) {
      const item: Record<string, unknown> = {};
      for (const name in row) if (!isEmpty(row[name])) item[name] = row[name];
      for (const [field, alternatives] of sources) {
        delete item[field];
        for (const source of alternatives) {
          const found = source.value(row, number);
          if (isEmpty(found)) continue;
          item[field] = found;
          break;
        }
      }
      return Object.assign(item, constants);
    },
  };
}

function split(text: string, option: string, form: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) throw new SettingsError("bad_map", `replay: ${option} ${text}: write ${form}`);
  return [text.slice(0, at).trim(), text.slice(at + 1).normalize("NFC")];
}

function template(source: string, text: string): Source {
  const parts = source.split(/\{([^{}]*)\}/);
  const names = parts.filter((_, i) => i % 2 === 1);
  if (parts.some((part, i) => (i % 2 === 0 ? /[{}]/.test(part) : part.trim() === "")))
    throw new SettingsError("bad_map", `replay: --map ${text}: a template is text with columns in braces, as in "{Price} {Unit}"`);
  const columns = names.filter((name) => name !== NUMBER);
  return {
    columns,
    value(row, number) {
      // A template of nothing but empty cells is no value: " tỷ" would be a price.
      if (columns.length > 0 && columns.every((name) => isEmpty(cell(row, name)))) return undefined;
      return parts
        .map((part, i) => (i % 2 === 0 ? part : part === NUMBER ? String(number) : textOf(cell(row, part))))
        .join("")
        .trim();
    },
  };
}

/** A column's value; where there is no such column, a path into nested data: `detail.price`. */
export function cell(row: Row, name: string): unknown {
  if (name in row || !name.includes(".")) return row[name];
  let value: unknown = row;
  for (const part of name.split(".")) value = typeof value === "object" && value !== null ? (value as Row)[part] : undefined;
  return value;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "";
}

function textOf(value: unknown): string {
  if (isEmpty(value)) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
