import type { ItemType } from "../item.ts";
import { shapeOf, type Field } from "./fields.ts";

type Fields = Record<string, unknown>;

/**
 * Sets what is missing and may be null to null, in place: so a column that a file or an older producer does not have is read, by the batch
 * and here alike.
 */
export function nullsForMissing(type: ItemType): (item: object) => void {
  return fill(shapeOf(type).fields);
}

function fill(fields: readonly Field[]): (item: object) => void {
  const nullable = fields.filter((field) => field.nullable && field.required).map((field) => field.name);
  const nested = fields.flatMap(({ name, shape }) =>
    shape.kind === "object" && shape.fields.length > 0 ? [{ name, fill: fill(shape.fields) }] : [],
  );
  return (item) => {
    const values = item as Fields;
    for (const name of nullable) values[name] ??= null;
    for (const { name, fill } of nested) {
      const value = values[name];
      if (typeof value === "object" && value !== null && !Array.isArray(value)) fill(value);
    }
  };
}
