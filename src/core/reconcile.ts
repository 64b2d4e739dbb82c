import type { Context } from "./context.ts";
import { SettingsError } from "./errors.ts";
import type { ItemType } from "./item.ts";
import type { Sql } from "./schema/sql-text.ts";

/** Rows of a statistic, computed by the same SQL from either side's documents. */
export interface ReconciledStatistic {
  /** What a row is; its key finds it again on the other side. */
  readonly item: ItemType;
  /**
   * Queries whose rows together are the statistic, in the SQL that DuckDB reads. `documents` is a view of them, `rows` how many it has: of
   * many, parts keep memory small. `date` is the batch's, YYYY-MM-DD.
   */
  sql(documents: string, of: { date: string; rows: number }): readonly Sql[];
}

/** What a file in reconcile/ exports by default: how the documents that the speed layer serves are held against the batch layer's. */
export interface Reconciliation {
  readonly description?: string;
  /** The job that makes the documents from the batch files. */
  readonly job: string;
  /** The stream that serves them as they come: what it has yet to read is waited for. */
  readonly stream: string;
  readonly documents: {
    /** The name that readers use. */
    readonly alias: string | ((c: Pick<Context, "settings">) => string);
    /** What a document is; its one key column finds it on the other side. */
    readonly item: ItemType;
    /** The column whose time is the document's version. */
    readonly version: string;
    /** Where the job's output has them as Parquet: a folder, or a file. */
    readonly output: string;
    /**
     * Columns that only the batch can tell, from more than the one document: the stream writes NULL, and the batch's next run the value.
     * Until then documents that differ in nothing else are counted apart.
     */
    readonly batchOnly?: readonly string[];
  };
  readonly statistics?: Readonly<Record<string, ReconciledStatistic>>;
}

/** @throws SettingsError `reconcile_definition` */
export function checkReconciliation(
  name: string,
  { documents: { item, version, batchOnly = [] } }: Reconciliation,
  columns: readonly string[],
): void {
  const refuse = (what: string): never => {
    throw new SettingsError("reconcile_definition", `reconcile ${name}: ${what}`);
  };
  if (item.key.length !== 1) refuse(`the key of ${item.name} is ${item.key.join(", ")}: documents are found by one column`);
  for (const column of [version, ...batchOnly])
    if (!columns.includes(column)) refuse(`${item.name} has no column ${JSON.stringify(column)}`);
}

/**
 * @example
 * export default defineReconciliation({ job: "bds_batch", stream: "bds_listings",
 *   documents: { alias: "listings", item: Listing, version: "crawled_at", output: "listings" } });
 */
export function defineReconciliation(reconciliation: Reconciliation): Reconciliation {
  return reconciliation;
}

/** A value of one field on either side; undefined: the document does not have the field. */
export interface BothValues {
  readonly batch: unknown;
  readonly served: unknown;
}

/** Something that is not the same on both sides. */
export interface Difference {
  /** `missing`: the batch has it, and it is not served. `extra`: it is served, and the batch does not have it. */
  readonly kind: "changed" | "missing" | "extra";
  readonly key: string;
  /** The fields that differ, by their dotted paths; of a missing or an extra one all that it has. */
  readonly fields: Readonly<Record<string, BothValues>>;
}

/** The version of a document, where it is compared: not one of its fields. */
export const VERSION = "(version)";

/** What differs between two JSON values, by path; a document that is not there is undefined. */
export function fieldDifferences(batch: unknown, served: unknown, path = ""): Record<string, BothValues> {
  if (Object.is(batch, served) || (batch === 0 && served === 0)) return {};
  const [a, b] = [fieldsOf(batch), fieldsOf(served)];
  // A side that has no object there is compared field by field only where it has nothing at all.
  if (a === undefined && b === undefined) return { [path]: { batch, served } };
  if ((a === undefined && batch !== undefined) || (b === undefined && served !== undefined)) return { [path]: { batch, served } };
  const found: Record<string, BothValues> = {};
  for (const name of new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})]))
    Object.assign(found, fieldDifferences(a?.[name], b?.[name], path === "" ? name : `${path}.${name}`));
  return found;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
}
