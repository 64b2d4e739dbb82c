/** A document as the serving store has it. */
export interface ServedDocument {
  readonly key: string;
  /** ISO time. */
  readonly version: string;
  /** Its JSON value; the text itself where that is no JSON. */
  readonly document: unknown;
}

/**
 * All documents behind a name, as they are at one moment, in no order; none where nothing has the name. Nothing is written, nor made.
 * Memory stays flat.
 */
export type ServedScan = AsyncIterable<readonly ServedDocument[]>;
