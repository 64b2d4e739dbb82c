import type { ItemType } from "./item.ts";
import { columnsOf, type Column } from "./schema/columns.ts";
import { decimalText, divide, toDecimal } from "./window-decimal.ts";

type Fields = Readonly<Record<string, unknown>>;
type Writer = (value: unknown) => string;

/**
 * An item type's items as JSON text as the batch layer writes them: its fields and no others, in its order, missing ones as null, decimals
 * with all their places, times in UTC. So a document is the same, whichever layer served it.
 */
export function documentText(type: ItemType): (item: object) => string {
  return objectWriter(columnsOf(type));
}

function objectWriter(columns: readonly Column[]): (value: object) => string {
  const fields = columns.map((column, i) => ({
    name: column.name,
    start: `${i === 0 ? "" : ","}${JSON.stringify(column.name)}:`,
    write: writerOf(column),
  }));
  return (value) => {
    let text = "{";
    for (const { name, start, write } of fields) text += start + write((value as Fields)[name] ?? null);
    return `${text}}`;
  };
}

function writerOf({ kind, fields, decimal }: Column): Writer {
  switch (kind) {
    case "struct": {
      const write = objectWriter(fields);
      return (value) => write(value ?? {});
    }
    case "timestamp":
      return (value) => (typeof value === "string" && !CANONICAL.test(value) ? JSON.stringify(new Date(value)) : JSON.stringify(value));
    case "decimal":
      return (value) => (typeof value === "number" ? decimalDigits(value, decimal![1]) : JSON.stringify(value));
    case "integer":
    case "double":
      return (value) => (Number.isFinite(value) ? String(value) : JSON.stringify(value));
    case "text":
      return (value) => (value === null ? "null" : JSON.stringify(value));
    default:
      return (value) => JSON.stringify(value);
  }
}

const CANONICAL = /\.\d{3}Z$/;

/** Rounded as the engines round the printed digits, half away from zero: toFixed looks at the double, which makes 1.00 of 1.005. */
function decimalDigits(value: number, places: number): string {
  const text = value.toFixed(places);
  return Number(text) === value ? text : Number(decimalText(divide(toDecimal(value), 1, places))).toFixed(places);
}
