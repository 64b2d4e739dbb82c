import { columnsOf, oneRow, type ItemType, type JobContext } from "arachne";
import { Change, DistrictStatistics, ListingDocument, ProvinceStatistics, StatisticsHistory } from "../domain/bds/serving.ts";
import { historySql } from "../domain/bds/statistics.ts";

export interface ToServe {
  /** The view of listings whose documents may have changed. */
  documents: string;
  origin: "demo" | "real";
}

/** Tables first: they are checked before anything that readers see has changed. */
export async function serve(c: JobContext, { documents, origin }: ToServe): Promise<void> {
  const { engine, serving, date, settings } = c;
  const table = (item: ItemType, name: string, sql: string): Promise<{ alias: string; item: ItemType; sql: string; expected: number }> =>
    oneRow<{ n: number }>(engine, `SELECT COUNT(*) AS n FROM (${sql}) AS t`).then(({ n }) => ({
      alias: `${settings.ES_INDEX}_${name}`,
      item,
      sql,
      expected: n,
    }));
  for (const [item, name, view] of [
    [ProvinceStatistics, "stats_province", "stats_province"],
    [DistrictStatistics, "stats_district", "stats_district"],
    [Change, "changes", "changes"],
  ] as const) {
    const { sql, ...served } = await table(item, name, `SELECT * FROM ${view}`);
    await serving.buildTable({ ...served, rows: engine.query(sql), grows: item === Change });
  }
  const { sql, ...history } = await table(StatisticsHistory, "stats_history", historySql("stats_province", "stats_district"));
  await serving.replaceSlice({
    ...history,
    rows: engine.query(sql),
    slice: { field: "as_of", value: date },
    version: c.now().toISOString(),
  });
  const counts = await serving.upsert({
    alias: settings.ES_INDEX,
    item: ListingDocument,
    origin,
    documents: engine.documents(documents, { columns: columnsOf(ListingDocument), key: "link", version: "crawled_at" }),
  });
  c.log.info("served", { documents: counts.written, unchanged: counts.kept });
}
