import type { z } from "zod";

/**
 * What a kind of item is: everything else about it (TypeScript type, validation with reasons, CSV, Parquet and SQL columns,
 * search mappings) is derived from `schema`, so nobody writes a field list twice.
 *
 * `Raw` is what spiders yield before the transforms have run; it is a type only, nothing checks it at run time.
 */
export interface ItemType<T extends object = object, Raw extends object = never> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** The fields that identify an item: two items with equal keys are the same thing seen twice. */
  readonly key: readonly string[];
  /** What the batch does with what the schema does not allow. */
  readonly contract?: SchemaContract;
  /** Carries `Raw` for inference; never set. */
  readonly raw?: (raw: Raw) => void;
}

/** dlt's words: `evolve` keeps it, `freeze` stops the job, `discard_row` rejects the row, `discard_value` drops the value. */
export interface SchemaContract {
  /** A field that the schema does not have; kept ones stand in the column `extra`. Default: they are not looked for (a strict schema: `discard_row`). */
  unknownFields?: "evolve" | "freeze" | "discard_row" | "discard_value";
  /** A value that breaks its field's rules; `discard_value` makes it NULL where the field may be, and rejects the row elsewhere. Default `discard_row`. */
  brokenValues?: "freeze" | "discard_row" | "discard_value";
}

export type ItemOf<I> = I extends { readonly schema: z.ZodType<infer T> } ? T : never;
export type RawOf<I extends ItemType> = I extends { readonly raw?: (raw: infer R extends object) => void } ? R : never;

export interface ItemSpec<T extends object> {
  name: string;
  schema: z.ZodType<T>;
  key: readonly (keyof T & string)[];
  contract?: SchemaContract;
}

/**
 * @example
 * export const Listing = defineItem({ name: "listing", schema: z.object({ link: z.url(), price_vnd: z.int().nullable() }), key: ["link"] });
 * // with another shape before cleaning:
 * export const Listing = defineItem.withRaw<RawListing>()({ … });
 */
export function defineItem<T extends object>(spec: ItemSpec<T>): ItemType<T, T> {
  return spec;
}
defineItem.withRaw =
  <Raw extends object>() =>
  <T extends object>(spec: ItemSpec<T>): ItemType<T, Raw> =>
    spec;

/** The item's identity as one string: the topic's message key, the document id. Parts are joined by U+001F, which no URL or id holds. */
export function itemKey(type: ItemType, item: Readonly<Record<string, unknown>>): string {
  return type.key.length === 1 ? keyPart(item[type.key[0]!]) : type.key.map((field) => keyPart(item[field])).join("\u001f");
}

function keyPart(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}
