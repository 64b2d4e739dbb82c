import type { BatchPlace } from "./batch-run.ts";

const TABLES = [
  ["listings", "link"],
  ["observations.parquet", "link, crawled_at"],
  ["sources.parquet", "source, day"],
  ["changes.parquet", 'link, "at", kind'],
  ["stats_province.parquet", "scheme, province_code NULLS LAST, transaction, property_type"],
  ["stats_district.parquet", "scheme, province_code NULLS LAST, district_code NULLS LAST, transaction, property_type"],
  ["rejected.parquet", "reject_reason, link, crawled_at, price_vnd, partial, source"],
] as const;

/** All rows of all tables of a published output. */
export async function outputOf(place: BatchPlace): Promise<Record<string, Record<string, unknown>[]>> {
  const all: Record<string, Record<string, unknown>[]> = {};
  for (const [file, order] of TABLES) all[file] = await place.rows(file, `SELECT * FROM t ORDER BY ${order}`);
  return all;
}
