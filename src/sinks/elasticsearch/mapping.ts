import { createHash } from "node:crypto";
import type { ItemType } from "../../core/item.ts";
import { columnsOf, type Column } from "../../core/schema/columns.ts";
import type { Builder } from "./builder.ts";

export interface Mapping {
  dynamic: "strict" | false;
  _meta: IndexMeta;
  properties: Properties;
}

/** Who made an index, and of what. */
export interface IndexMeta {
  made_by: "arachne";
  alias: string;
  item: string;
  /** Hash of the rest: a mapping with the same is up to date. */
  schema: string;
  /** Of documents, in indices that older versions made; an alias says it since: `originOf`. */
  origin?: "demo" | "real";
  /** Of a table's version: the process that builds or built it. */
  builder?: Builder;
}

export type Properties = Readonly<Record<string, object>>;

/** Lucene takes no term beyond 32,766 bytes; a UTF-16 unit takes three of UTF-8 at most, and keywords may need four. */
const LONGEST_KEYWORD = 8191;
const LONGEST_SUB_KEYWORD = 1024;

/**
 * The mapping of an item: what the contract lets through (`unknownFields`) is kept in the document, unsearched; where it freezes or
 * discards the row, the document is refused.
 */
export function mappingOf(item: ItemType, of: Pick<IndexMeta, "alias" | "origin" | "builder">): Mapping {
  const properties = propertiesOf(columnsOf(item));
  const unknown = item.contract?.unknownFields ?? "discard_value";
  const dynamic = unknown === "freeze" || unknown === "discard_row" ? "strict" : false;
  const schema = createHash("sha256").update(JSON.stringify({ dynamic, properties })).digest("hex").slice(0, 16);
  return {
    dynamic,
    _meta: { made_by: "arachne", item: item.name, schema, ...of },
    properties,
  };
}

/** The path under which a field's whole value is found, grouped and sorted. */
export function exactPath({ name, kind, search }: Column): string {
  return kind === "text" && search === "vietnamese" ? `${name}.keyword` : name;
}

function propertiesOf(columns: readonly Column[]): Properties {
  return Object.fromEntries(columns.map((column) => [column.name, property(column)]));
}

function property(column: Column): object {
  switch (column.kind) {
    case "text":
      return textProperty(column);
    case "integer":
      return { type: "long" };
    // A double holds every decimal of up to 15 digits so that it is the same number again, and needs no module; the document's own text is exact in any case.
    case "decimal":
    case "double":
      return { type: "double" };
    case "boolean":
      return { type: "boolean" };
    case "date":
      return { type: "date", format: "strict_date" };
    case "timestamp":
      return { type: "date", format: "strict_date_optional_time" };
    case "struct":
      return { properties: propertiesOf(column.fields) };
    case "json":
      return { type: "object", enabled: false }; // any JSON value, kept and not searched
  }
}

function textProperty({ search }: Column): object {
  if (search === "geo_point") return { type: "geo_point" };
  if (search !== "vietnamese") return { type: "keyword", ignore_above: LONGEST_KEYWORD };
  return {
    type: "text",
    analyzer: "vietnamese",
    search_analyzer: "vietnamese_search",
    fields: { keyword: { type: "keyword", ignore_above: LONGEST_SUB_KEYWORD } },
  };
}
