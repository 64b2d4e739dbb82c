import { checkedSql, collectRows, columnsOf, oneRow, SettingsError, type JobContext, type JobResult } from "arachne";
import {
  changedDocumentsSql,
  countsSql,
  latestSql,
  listingsSql,
  observationsSql,
  originsSql,
  reasonsSql,
  rejectedSql,
  repeatedSql,
  sourcesSql,
  validRows,
} from "../domain/bds/batch_sql.ts";
import { CHANGE_ORDER, changesSql } from "../domain/bds/changes.ts";
import { Listing } from "../domain/bds/listing.ts";
import { SCHEMES } from "../domain/bds/serving.ts";
import { STATISTICS_ORDER, statisticsSql, type Level } from "../domain/bds/statistics.ts";
import { layoutSql, mergeable } from "./_bds_layout.ts";
import { results } from "./_bds_report.ts";
import { serve } from "./_bds_serve.ts";

const COLUMNS = columnsOf(Listing).map((column) => column.name);

/** Views of the published output that new rows are merged into; all undefined where everything is built anew. */
interface Former {
  listings?: string;
  observations?: string;
  sources?: string;
  rejected?: string;
}

/** What was read. */
interface Read {
  /** Query of the valid rows of the batch files. */
  fresh: string;
  /** Those and the listings that they are merged into: what follows FROM. */
  rows: string;
  counts: { total: number; valid: number; later: number };
  rejected: Record<string, number>;
  /** Rows of `rows`. */
  all: number;
  origin: "demo" | "real";
}

/**
 * Batch files → valid listings, each once, as Parquet by province; their changes; statistics; the serving store.
 * `merge`: of the batch files those alone that the published output does not hold, merged into it; the output is the same, row for row.
 */
export async function build(c: JobContext, mode: "all" | "merge"): Promise<JobResult> {
  const merge = mode === "merge" && c.asOf === undefined && (await mergeable(c));
  const former = merge ? await openFormer(c) : {};
  const read = await readRows(c, former);
  await writeListings(c, read, former);
  await writeTables(c, former);
  const { n: kept } = await oneRow<{ n: number }>(c.engine, "SELECT COUNT(*) AS n FROM listings");
  for (const level of ["province", "district"] as const) await writeStatistics(c, level, kept);
  if (former.listings !== undefined)
    await c.engine.stage(
      "served",
      changedDocumentsSql({ listings: "listings", former: former.listings, seen: `(${read.fresh}) AS fresh` }),
    );
  await serve(c, { documents: merge ? "served" : "listings", origin: read.origin });
  const { total, valid, later } = read.counts;
  const merged = read.all - (valid - later);
  return {
    rowsIn: total + merged,
    rowsOut: kept,
    rejected: read.rejected,
    duplicates: read.all - kept,
    ...(c.asOf === undefined ? {} : { later }),
    ...(await results(c, merge ? { rows: total, listings: merged } : undefined)),
  };
}

async function openFormer({ engine, former }: JobContext): Promise<Former> {
  const dir = former!.dir;
  await engine.open("former_listings", `${dir}/listings`);
  for (const name of ["observations", "sources", "rejected"]) await engine.open(`former_${name}`, `${dir}/${name}.parquet`);
  return { listings: "former_listings", observations: "former_observations", sources: "former_sources", rejected: "former_rejected" };
}

async function readRows(c: JobContext, { listings }: Former): Promise<Read> {
  const { engine } = c;
  await c.input("batch_input", Listing, listings === undefined ? "all" : "new");
  await engine.stage("checked", checkedSql(Listing, "batch_input"));
  const counts = await oneRow<Read["counts"] & Record<string, number>>(engine, countsSql("checked", c.asOf));
  await c.checkCount("batch_input", counts.total);
  const reasons = await collectRows<{ reason: string; n: number }>(engine, reasonsSql("checked"));
  const fresh = validRows("checked", COLUMNS, c.asOf);
  const rows = `(${fresh}${listings === undefined ? "" : ` UNION ALL SELECT ${COLUMNS.join(", ")} FROM ${listings}`}) AS all_rows`;
  const { n: all, demo } = await oneRow<{ n: number; demo: number }>(engine, originsSql(rows));
  // The manifests tell it where there are any; this also sees files that came without.
  if (demo > 0 && demo < all)
    throw new SettingsError(
      "mixed_sources",
      `batch: ${demo} of ${all} listings are the demo site's, the others real ones: move one kind out of the way, or name the files with SOURCE_PATH`,
    );
  const rejected = Object.fromEntries(reasons.map((r) => [r.reason, r.n]));
  return { fresh, rows, counts, rejected, all, origin: demo > 0 ? "demo" : "real" };
}

async function writeListings(c: JobContext, { fresh, rows }: Read, former: Former): Promise<void> {
  const { engine } = c;
  await engine.stage("repeated", repeatedSql(rows));
  await write(c, "sources", sourcesSql(`(${fresh}) AS fresh`, former.sources), ["source", "day"]);
  await engine.write(
    listingsSql({ rows, repeated: "repeated", sources: "sources", columns: COLUMNS, goneAfterDays: c.settings.BDS_GONE_AFTER_DAYS }),
    { path: `${c.outputDir}/listings`, partitionBy: "province_key", orderBy: ["link"] },
  );
  await engine.open("listings", `${c.outputDir}/listings`);
  await c.verify("listings", Listing, "source");
  await engine.stage("latest", latestSql("listings", "sources"));
  await c.verify("latest", Listing, "source", ["coverage"]);
  await write(c, "observations", observationsSql({ rows, repeated: "repeated", former: former.observations }), ["link", "crawled_at"]);
}

async function writeTables(c: JobContext, former: Former): Promise<void> {
  const views = { listings: "listings", observations: "observations", sources: "sources" };
  await write(c, "changes", changesSql({ ...views, goneAfterDays: c.settings.BDS_GONE_AFTER_DAYS }), CHANGE_ORDER);
  await write(c, "rejected", rejectedSql("checked", COLUMNS, former.rejected), [
    "reject_reason",
    ...COLUMNS.filter((name) => name !== "raw"),
  ]);
  await write(c, "layout", layoutSql(c), ["layout"]);
}

/** Listings whose values an engine may hold in memory at once (twice 90 bytes each), to find their medians. */
const SLICE_ROWS = 1_500_000;

async function writeStatistics(c: JobContext, level: Level, rows: number): Promise<void> {
  const slices = Math.max(1, Math.ceil(rows / SLICE_ROWS));
  const parts: string[] = [];
  for (const scheme of SCHEMES)
    for (let nth = 0; nth < slices; nth++) {
      const slice = slices === 1 ? undefined : { nth, of: slices };
      const sql = statisticsSql({ listings: "listings", asOf: c.date, scheme, level, slice });
      const part = `part_${level}_${scheme.slice(0, 2)}_${nth}`;
      if (slices > 1) await c.engine.stage(part, sql);
      parts.push(slices > 1 ? `SELECT * FROM ${part}` : sql);
    }
  await write(c, `stats_${level}`, parts.join(" UNION ALL "), STATISTICS_ORDER[level]);
}

/** A file of the output, and a view of it under its name. */
async function write({ engine, outputDir }: JobContext, name: string, sql: string, orderBy: readonly string[]): Promise<void> {
  const path = `${outputDir}/${name}.parquet`;
  await engine.write(sql, { path, orderBy });
  await engine.open(name, path);
}
