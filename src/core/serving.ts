import type { ResultRow, StoredDocument } from "./engine.ts";

export interface ServedTable {
  /** The name that readers use: an alias, from the first day on. */
  alias: string;
  /** The columns that identify a row, for stores that keep documents. */
  key: readonly string[];
  rows: AsyncIterable<readonly ResultRow[]>;
  /** What must have arrived before the alias moves. */
  expected: number;
}

export interface ServedDocuments {
  alias: string;
  /** `demo`, or `real`: a store that holds the one takes none of the other. */
  origin: "demo" | "real";
  /** `version` orders the versions of one document: of two, the greater stays; of equals, the one that comes last (cleaned anew). Documents are JSON text. */
  documents: AsyncIterable<readonly StoredDocument[]>;
}

/**
 * The store that readers look into. Tables appear whole: they are built beside the former ones, checked, and all aliases
 * move in one step at `publish`; the former ones are kept for a way back. Documents converge: each stays in its newest version,
 * however often and in whatever order they come.
 */
export interface ServingWriter {
  /** @throws CriticalError `serving_count` when not as many rows arrived as were expected */
  buildTable(table: ServedTable): Promise<void>;
  /**
   * Resolves when they are durable, with how many changed.
   * @throws SettingsError `mixed_origins` before anything is written
   */
  upsert(documents: ServedDocuments): Promise<number>;
}

export interface Serving extends ServingWriter, AsyncDisposable {
  /** Moves the aliases of all tables built since it was opened. */
  publish(): Promise<void>;
}
