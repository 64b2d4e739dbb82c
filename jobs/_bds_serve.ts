import { columnsOf, oneRow, type ItemType, type JobContext } from "arachne";
import { Change, DistrictStatistics, ListingDocument, ProvinceStatistics, StatisticsHistory } from "../domain/bds/serving.ts";
import { historySql } from "../domain/bds/statistics.ts";
import type { DaySlice } from "./_bds_statistics.ts";

/** Tables that are served as they stand in the output, and behind ES_INDEX by the same name. */
const TABLES = { stats_province: ProvinceStatistics, stats_district: DistrictStatistics, changes: Change } as const;
const HISTORY = "stats_history";

/** Rows that stand under each name now; of documents as `documents`. */
export type Standing = Record<keyof typeof TABLES | typeof HISTORY | "documents", number>;

/** Before anything is read: a name that something else owns is told at once. */
export async function inspectNames({ serving, settings }: JobContext): Promise<Standing> {
  const index = settings.ES_INDEX;
  const names = ["stats_province", "stats_district", "changes", HISTORY] as const;
  const rows = await serving.inspect([index, ...names.map((name) => `${index}_${name}`)]);
  const of = (name: string): number => rows.get(name) ?? 0;
  return {
    documents: of(index),
    stats_province: of(`${index}_stats_province`),
    stats_district: of(`${index}_stats_district`),
    changes: of(`${index}_changes`),
    stats_history: of(`${index}_${HISTORY}`),
  };
}

/** Whether all that the published output has stands in the serving store. */
export async function allServed({ engine, former }: JobContext, standing: Standing, listings: number): Promise<boolean> {
  if (former?.served !== true || standing.documents < listings) return false;
  const rows: Record<string, number> = {};
  for (const name of Object.keys(TABLES)) {
    await engine.open(`former_${name}`, `${former.dir}/${name}.parquet`);
    rows[name] = (await oneRow<{ n: number }>(engine, `SELECT COUNT(*) AS n FROM former_${name}`)).n;
  }
  const { stats_province, stats_district, changes } = rows;
  return (
    standing.stats_province === stats_province &&
    standing.stats_district === stats_district &&
    standing.changes === changes &&
    standing.stats_history >= stats_province + stats_district
  );
}

export interface ToServe {
  /** The view of listings whose documents may have changed. */
  documents: string;
  origin: "demo" | "real";
  history: readonly DaySlice[];
}

/**
 * Tables first: they are checked before anything that readers see has changed. The history last: no day of it may tell of a run whose
 * documents were refused.
 */
export async function serve(c: JobContext, { documents, origin, history }: ToServe): Promise<void> {
  const { engine, serving, settings } = c;
  const table = (item: ItemType, name: string, sql: string): Promise<{ alias: string; item: ItemType; sql: string; expected: number }> =>
    oneRow<{ n: number }>(engine, `SELECT COUNT(*) AS n FROM (${sql}) AS t`).then(({ n }) => ({
      alias: `${settings.ES_INDEX}_${name}`,
      item,
      sql,
      expected: n,
    }));
  for (const [name, item] of Object.entries(TABLES)) {
    const { sql, ...served } = await table(item, name, `SELECT * FROM ${name}`);
    await serving.buildTable({ ...served, rows: engine.query(sql), grows: item === Change });
  }
  const counts = await serving.upsert({
    alias: settings.ES_INDEX,
    item: ListingDocument,
    origin,
    documents: engine.documents(documents, { columns: columnsOf(ListingDocument), key: "link", version: "crawled_at" }),
  });
  for (const { date, province, district } of history) {
    const { sql, ...slice } = await table(StatisticsHistory, HISTORY, historySql(province, district));
    await serving.replaceSlice({
      ...slice,
      rows: engine.query(sql),
      slice: { field: "as_of", value: date },
      version: c.now().toISOString(),
    });
  }
  c.log.info("served", { documents: counts.written, unchanged: counts.kept });
}
