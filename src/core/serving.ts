import type { ResultRow, StoredDocument } from "./engine.ts";
import type { ItemType } from "./item.ts";

export interface ServedTable {
  /** The name that readers use: an alias, from the first day on. */
  alias: string;
  /** What a row is: its columns and mapping; its key identifies the row. */
  item: ItemType;
  rows: AsyncIterable<readonly ResultRow[]>;
  /** What must have arrived before the alias moves. */
  expected: number;
  /** A log of what has happened: that it has more rows than before, however many, is no reason to refuse it. */
  grows?: boolean;
}

/** All rows of one day (or of another value of one field) in a table that keeps many. */
export interface ServedSlice extends ServedTable {
  slice: { field: string; value: string };
  /** ISO time of the run that made it: rows of a later one stand. */
  version: string;
}

export interface ServedDocuments {
  alias: string;
  /** What a document is: mappings are made from it. */
  item: ItemType;
  /** `demo`, or `real`: a store that holds the one takes none of the other. */
  origin: "demo" | "real";
  /** `version` orders the versions of one document: of two, the greater stays; of equals, the one that comes last (cleaned anew), or see `prefer`. Documents are JSON text. */
  documents: AsyncIterable<readonly StoredDocument[]>;
  /**
   * Whether `coming` takes the place of `there`, which is of the same version and not the same text; default: always. Of several
   * writers at once one may not see what the other has just written.
   */
  prefer?: (coming: string, there: string) => boolean;
  /**
   * Is given each document that the store refuses for what it is, as it was handed over; it is then neither written nor kept, and no
   * reason to fail. Without it refused ones are collected, and `upsert` fails in the end.
   */
  onRefused?: (document: StoredDocument, reason: string) => void;
}

export interface UpsertCounts {
  /**
   * Written: those that the store had not, newer versions, and equal versions again. The embedded store compares these and counts the
   * same document as kept; Elasticsearch does not compare, so there `written` is no number of changes.
   */
  readonly written: number;
  /** Left as they were: the store has a newer version, or, where it compares, the same document. */
  readonly kept: number;
}

/**
 * The store that readers look into. Tables appear whole: they are built beside the former ones, checked, and all aliases
 * move in one step at `publish`; the former ones are kept for a way back. Documents and slices converge: each document stays in its
 * newest version, however often and in whatever order they come.
 */
export interface ServingWriter {
  /**
   * Rows or documents that stand under each name now; 0: nothing yet. Called before anything is read.
   * @throws SettingsError when a name cannot be used: something that Arachne did not make owns it
   */
  inspect(aliases: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Call it for all tables before anything is written in place: what it refuses leaves the store as it was.
   * @throws CriticalError `serving_count` when not as many rows arrived as were expected; ArachneError `serving_refused` when the store
   * refuses rows, naming the first reason; ArachneError `serving_change` when the rows are fewer by more than SERVING_MAX_CHANGE than
   * those that readers see, or more by more than SERVING_MAX_GROWTH, and the store was not opened to accept it
   */
  buildTable(table: ServedTable): Promise<void>;
  /**
   * Writes the rows of a slice in place, then removes the slice's other rows. Readers see each row whole.
   * @throws CriticalError `serving_count`, ArachneError `serving_refused`, as `buildTable`: then the slice's other rows stay
   */
  replaceSlice(slice: ServedSlice): Promise<void>;
  /**
   * Resolves when they are durable.
   * @throws SettingsError `mixed_origins` before anything is written; ArachneError `serving_refused` after all others were written
   */
  upsert(documents: ServedDocuments): Promise<UpsertCounts>;
}

/** A name that readers use, and what stands behind it. */
export interface ServedName {
  readonly alias: string;
  readonly current: string;
  /** Versions to go back to, newest first. */
  readonly former: readonly string[];
  readonly rows: number;
}

export interface Serving extends ServingWriter, AsyncDisposable {
  /** For messages: where it is, without secrets. */
  readonly place: string;
  /**
   * Makes the place for documents where it is missing, and sees that they can be written there. Whose they are is decided by the first.
   * @throws SettingsError when they cannot be: something that Arachne did not make has the name, or it holds a table, or documents of
   * another shape; ArachneError `serving_write` when the store takes none
   */
  prepare(documents: Pick<ServedDocuments, "alias" | "item">): Promise<void>;
  /**
   * Moves the aliases of all tables built since it was opened, in one step, then removes versions beyond those that are kept: where
   * that fails it is a warning.
   * @throws anything: no alias moved. The one exception is TransientError `serving_unknown`: the server went away in the middle of
   * that step, so nobody can say
   */
  publish(): Promise<void>;
  names(): Promise<readonly ServedName[]>;
  /**
   * Makes the version before the current one current again, in one step.
   * @throws SettingsError `unknown_alias` with the known ones; ArachneError `no_former` when there is none to go back to
   */
  rollback(alias: string): Promise<{ readonly from: string; readonly to: string }>;
}
