import type { ItemType } from "../core/item.ts";

/** A file format that items can be written in. */
export interface FeedFormat {
  readonly extension: string;
  /** The whole file's content, in pieces, so that a large batch never stands in memory a second time; `json` holds the items as JSON texts. */
  readonly content?: (type: ItemType, json: readonly string[]) => Iterable<string>;
  /** Writes the file itself, for formats that are not text. */
  readonly write?: (file: string, type: ItemType, json: readonly string[]) => Promise<void>;
}

const PIECE = 100;

/** The items in runs of a hundred. */
export function* pieces(json: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < json.length; at += PIECE) yield json.slice(at, at + PIECE);
}
