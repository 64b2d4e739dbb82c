import { createReadStream, existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { extname } from "node:path";
import { ArachneError, SettingsError } from "../core/errors.ts";
import { formatOf, type FormatName } from "./format.ts";

export type FoundRow = Record<string, unknown>;

export interface ReadOptions {
  /** Default: by the file's name. */
  format?: FormatName;
  /** false: a CSV file's first line is a row as all others, and its columns are called 1, 2, … */
  header?: boolean;
}

/** How many rows are handed over at once, about. */
export const CHUNK_ROWS = 500;

/**
 * A file's rows as plain objects, in chunks, whatever the file's size: JSON (a list, an object that holds one, or values one after
 * another), JSON lines, CSV (delimiter `,` `;` tab or `|`, found by its header) and Parquet. UTF-8 or UTF-16, with a byte order mark or
 * without. Cells of CSV are text, or null where nothing stands; what is dirty stays as it is.
 * @throws SettingsError where there is no such file or no format for it; ArachneError `feed_broken` naming file, row and byte
 */
export async function* readRows(
  file: string,
  { format = formatToRead(file), header = true }: ReadOptions = {},
): AsyncGenerator<FoundRow[]> {
  if (!existsSync(file)) throw new SettingsError("no_file", `feed: there is no file ${file}`);
  switch (format) {
    case "csv":
      return yield* (await import("./read-csv.ts")).readCsv(file, header);
    case "parquet":
      return yield* (await import("./read-parquet.ts")).readParquet(file);
    default:
      return yield* (await import("./read-json.ts")).readJson(file);
  }
}

function formatToRead(file: string): FormatName {
  return [".tsv", ".tab"].includes(extname(file).toLowerCase()) ? "csv" : formatOf(file);
}

/** The file's text in chunks, decoded by its byte order mark, else as UTF-8; the mark itself is taken off. */
export async function* readText(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder(await encodingOf(file));
  for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    const text = decoder.decode(bytes as Uint8Array, { stream: true });
    if (text !== "") yield text;
  }
  const rest = decoder.decode();
  if (rest !== "") yield rest;
}

async function encodingOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    const mark = bytesRead < 2 ? 0 : buffer.readUInt16BE(0);
    return mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8";
  } finally {
    await handle.close();
  }
}

export function broken(file: string, where: string, what: string, cause?: unknown): ArachneError {
  return new ArachneError("feed_broken", `feed: ${file} is broken at ${where}: ${what}`, { cause });
}
