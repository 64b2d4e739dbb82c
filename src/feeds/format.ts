import type { ItemType } from "../core/item.ts";

/** A file format that items can be written in. */
export interface FeedFormat {
  readonly extension: string;
  /** The whole file's content, in chunks; `json` holds the items as JSON texts. */
  readonly content?: (type: ItemType, json: readonly string[]) => Iterable<string>;
  /** Writes the file itself, for formats that are not text. */
  readonly write?: (file: string, type: ItemType, json: readonly string[]) => Promise<void>;
}

/** A list, one item a line: an ordinary JSON file that line tools can read too. */
const json: FeedFormat = {
  extension: "json",
  content: (_type, items) => [items.length === 0 ? "[]\n" : `[\n${items.join(",\n")}\n]\n`],
};

const jsonl: FeedFormat = {
  extension: "jsonl",
  content: (_type, items) => [items.length === 0 ? "" : `${items.join("\n")}\n`],
};

export type FormatName = "json" | "jsonl" | "csv" | "parquet";

/** CSV and Parquet are loaded when they are asked for: a crawl that writes JSON waits for neither. */
export async function feedFormat(name: FormatName): Promise<FeedFormat> {
  switch (name) {
    case "json":
      return json;
    case "jsonl":
      return jsonl;
    case "csv":
      return (await import("./csv.ts")).csv;
    case "parquet":
      return (await import("./parquet.ts")).parquet;
  }
}
