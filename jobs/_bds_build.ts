import { oneRow, type JobContext, type JobResult } from "arachne";
import {
  changedDocumentsSql,
  lastSeenSql,
  latestSql,
  listingsSql,
  observationsSql,
  rejectedSql,
  repeatedSql,
  sourcesSql,
} from "../domain/bds/batch_sql.ts";
import { CHANGE_ORDER, changesSql } from "../domain/bds/changes.ts";
import { Listing } from "../domain/bds/listing.ts";
import { STATISTICS_ORDER } from "../domain/bds/statistics.ts";
import { compareLayout, layoutSql } from "./_bds_layout.ts";
import { COLUMNS, noValidRows, openFormer, readRows, type Read } from "./_bds_read.ts";
import { results } from "./_bds_report.ts";
import { allServed, inspectNames, serve } from "./_bds_serve.ts";
import { dayEnd, statisticsOf } from "./_bds_statistics.ts";

/**
 * Batch files → valid listings, each once, as Parquet by province; their changes; statistics; the serving store.
 * `merge`: of the batch files those alone that the published output does not hold, merged into it; the output is the same, row for row.
 */
export async function build(c: JobContext, mode: "all" | "merge"): Promise<JobResult> {
  const standing = await inspectNames(c);
  const same = await compareLayout(c);
  const merge = mode === "merge" && c.asOf === undefined && c.former?.complete === true && same?.layout === true;
  if (mode === "merge" && !merge) c.log.info("nothing is published that new rows can be merged into: all batch files are read");
  const { files, missing } = await c.input("batch_input", Listing, merge ? "new" : "all", c.settings.BDS_TOPIC);
  const former = merge || missing.length > 0 ? await openFormer(c, missing, same) : undefined;
  const before = former === undefined ? 0 : await countOf(c, "former_listings");
  if (
    merge &&
    files.length === 0 &&
    c.former.date === c.date &&
    same.served &&
    same.gone_after_days &&
    (await allServed(c, standing, before))
  )
    return nothingNew(c, before);

  const read = await readRows(c, former);
  if (read.all === 0) {
    if (read.counts.later > 0) return nothingYet(c, read);
    throw await noValidRows(c, read);
  }
  await writeListings(c, read);
  await writeTables(c, read);
  for (const level of ["province", "district"] as const)
    await write(c, `stats_${level}`, await statisticsOf(c, "listings", c.date, level), STATISTICS_ORDER[level]);
  const lastDay = await dayEnd(c, read);

  const changedAlone = merge && same.served && c.former.served && standing.documents >= before;
  if (changedAlone)
    await c.engine.stage(
      "served",
      changedDocumentsSql({ listings: "listings", former: "former_listings", seen: `(${read.fresh}) AS fresh` }),
    );
  await serve(c, {
    documents: changedAlone ? "served" : "listings",
    origin: read.origin,
    history: [...(lastDay === undefined ? [] : [lastDay]), { date: c.date, province: "stats_province", district: "stats_district" }],
  });
  return report(c, read);
}

async function report(c: JobContext, { counts: { total, valid, later }, all, rejected, former }: Read): Promise<JobResult> {
  const kept = await countOf(c, "listings");
  const merged = all - (valid - later);
  const { tables, notes = [] } = await results(c, former === undefined ? undefined : { rows: total, listings: merged });
  const missing = former?.missing ?? [];
  return {
    rowsIn: total + merged,
    rowsOut: kept,
    rejected,
    duplicates: all - kept,
    ...(c.asOf === undefined ? {} : { later }),
    tables,
    notes:
      missing.length === 0
        ? notes
        : [
            `${missing.length} inputs are not there any more (${missing[0]}): what is published of them was kept, and merged with the others`,
            ...notes,
          ],
  };
}

async function nothingNew(c: JobContext, listings: number): Promise<JobResult> {
  const { at } = await oneRow<{ at: string }>(c.engine, "SELECT MAX(last_at) AS at FROM former_sources");
  return {
    rowsIn: listings,
    rowsOut: listings,
    rejected: {},
    duplicates: 0,
    tables: [],
    notes: [`nothing new since what was crawled at ${at}`],
    unchanged: true,
  };
}

function nothingYet(c: JobContext, { counts, rejected }: Read): JobResult {
  return {
    rowsIn: counts.total,
    rowsOut: 0,
    rejected,
    duplicates: 0,
    later: counts.later,
    tables: [],
    notes: [`nothing was crawled before the end of ${c.date}: that day has no statistics`],
    unchanged: true,
  };
}

async function writeListings(c: JobContext, { fresh, rows, former }: Read): Promise<void> {
  const { engine } = c;
  await engine.stage("repeated", repeatedSql(rows));
  await engine.stage("last_seen", lastSeenSql(rows, "repeated"));
  await write(c, "sources", sourcesSql(`(${fresh}) AS fresh`, former?.sources), ["source", "day"]);
  await engine.write(
    listingsSql({ rows, lastSeen: "last_seen", sources: "sources", columns: COLUMNS, goneAfterDays: c.settings.BDS_GONE_AFTER_DAYS }),
    { path: `${c.outputDir}/listings`, partitionBy: "province_key", orderBy: ["link"] },
  );
  await engine.open("listings", `${c.outputDir}/listings`);
  await c.verify("listings", Listing, "source");
  await engine.stage("latest", latestSql("listings", "sources"));
  await c.verify("latest", Listing, "source", ["coverage"]);
  await write(c, "observations", observationsSql({ rows, repeated: "repeated", former: former?.observations }), ["link", "crawled_at"]);
}

async function writeTables(c: JobContext, { former }: Read): Promise<void> {
  const views = { listings: "listings", observations: "observations", sources: "sources" };
  const kinds = changesSql({ ...views, goneAfterDays: c.settings.BDS_GONE_AFTER_DAYS });
  for (const [i, sql] of kinds.entries()) await c.engine.stage(`changes_${i}`, sql);
  await write(c, "changes", kinds.map((_, i) => `SELECT * FROM changes_${i}`).join(" UNION ALL "), CHANGE_ORDER);
  const again = (former?.missing.length ?? 0) > 0;
  await write(c, "rejected", rejectedSql({ checked: "checked", columns: COLUMNS, former: former?.rejected, again }), [
    "reject_reason",
    ...COLUMNS.filter((name) => name !== "raw"),
  ]);
  await write(c, "layout", layoutSql(c), ["layout"]);
}

/** A file of the output, and a view of it under its name. */
async function write({ engine, outputDir }: JobContext, name: string, sql: string, orderBy: readonly string[]): Promise<void> {
  const path = `${outputDir}/${name}.parquet`;
  await engine.write(sql, { path, orderBy });
  await engine.open(name, path);
}

async function countOf({ engine }: JobContext, view: string): Promise<number> {
  return (await oneRow<{ n: number }>(engine, `SELECT COUNT(*) AS n FROM ${view}`)).n;
}
