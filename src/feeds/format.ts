import { extname } from "node:path";
import { SettingsError } from "../core/errors.ts";
import { pieces, type FeedFormat } from "./feed-format.ts";

/** A list, one item a line: an ordinary JSON file that line tools can read too. */
const json: FeedFormat = {
  extension: "json",
  *content(_type, items) {
    yield "[";
    let separator = "\n";
    for (const piece of pieces(items)) {
      yield separator + piece.join(",\n");
      separator = ",\n";
    }
    yield items.length === 0 ? "]\n" : "\n]\n";
  },
};

const jsonl: FeedFormat = {
  extension: "jsonl",
  *content(_type, items) {
    for (const piece of pieces(items)) yield `${piece.join("\n")}\n`;
  },
};

export const FORMATS = ["json", "jsonl", "csv", "parquet"] as const;
export type FormatName = (typeof FORMATS)[number];

/** CSV and Parquet are loaded when they are asked for: a crawl that writes JSON waits for neither. */
export async function feedFormat(name: FormatName): Promise<FeedFormat> {
  switch (name) {
    case "json":
      return json;
    case "jsonl":
      return jsonl;
    case "csv":
      return (await import("./csv.ts")).csv;
    default: // parquet
      return (await import("./parquet.ts")).parquet;
  }
}

const OTHER_ENDINGS: Readonly<Record<string, FormatName>> = { jl: "jsonl", ndjson: "jsonl", pq: "parquet" };

/** The format that a file's name asks for. @throws SettingsError `feed_format` for another ending */
export function formatOf(file: string): FormatName {
  const ending = extname(file).slice(1).toLowerCase();
  const format = FORMATS.find((name) => name === ending) ?? OTHER_ENDINGS[ending];
  if (format === undefined)
    throw new SettingsError("feed_format", `feed: ${file} does not say its format: end it in ${FORMATS.map((f) => `.${f}`).join(", ")}`);
  return format;
}
