import { checkedSql, collectRows, columnsOf, oneRow, SettingsError, type JobContext, type JobResult } from "arachne";
import {
  changedDocumentsSql,
  countsSql,
  latestSql,
  listingsSql,
  observationsSql,
  originsSql,
  reasonsSql,
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
const FORMER = {
  listings: "former_listings",
  observations: "former_observations",
  sources: "former_sources",
  rejected: "former_rejected",
} as const;

/**
 * Batch files → valid listings, each once, as Parquet by province; their changes; statistics; the serving store.
 * `merge`: of the batch files those alone that the published output does not hold, merged into it; the output is the same, row for row.
 */
export async function build(c: JobContext, mode: "all" | "merge"): Promise<JobResult> {
  const { engine } = c;
  const merge = mode === "merge" && c.asOf === undefined && (await mergeable(c));
  const goneAfterDays = c.settings.BDS_GONE_AFTER_DAYS;
  const out = (name: string): string => `${c.outputDir}/${name}`;
  await c.input("batch_input", Listing, merge ? "new" : "all");
  await engine.stage("checked", checkedSql(Listing, "batch_input"));
  const counts = await oneRow<{ total: number; valid: number; later: number }>(engine, countsSql("checked", c.asOf));
  await c.checkCount("batch_input", counts.total);
  const reasons = await collectRows<{ reason: string; n: number }>(engine, reasonsSql("checked"));

  const fresh = validRows("checked", COLUMNS, c.asOf);
  if (merge)
    for (const [name, view] of Object.entries(FORMER))
      await engine.open(view, `${c.former!.dir}/${name === "listings" ? name : `${name}.parquet`}`);
  const former = (view: (typeof FORMER)[keyof typeof FORMER]): string | undefined => (merge ? view : undefined);
  const rows = `(${fresh}${merge ? ` UNION ALL SELECT ${COLUMNS.join(", ")} FROM ${FORMER.listings}` : ""}) AS all_rows`;
  const origins = await oneRow<{ n: number; demo: number }>(engine, originsSql(rows));
  refuseMixed(origins);

  await engine.stage("repeated", repeatedSql(rows));
  await engine.write(sourcesSql(`(${fresh}) AS fresh`, former(FORMER.sources)), {
    path: out("sources.parquet"),
    orderBy: ["source", "day"],
  });
  await engine.open("sources", out("sources.parquet"));
  await engine.write(listingsSql({ rows, repeated: "repeated", sources: "sources", columns: COLUMNS, goneAfterDays }), {
    path: out("listings"),
    partitionBy: "province_key",
    orderBy: ["link"],
  });
  await engine.open("listings", out("listings"));
  await c.verify("listings", Listing, "source");
  await engine.stage("latest", latestSql("listings", "sources"));
  await c.verify("latest", Listing, "source", ["coverage"]);
  await engine.write(observationsSql({ rows, repeated: "repeated", former: former(FORMER.observations) }), {
    path: out("observations.parquet"),
    orderBy: ["link", "crawled_at"],
  });
  await engine.open("observations", out("observations.parquet"));
  await engine.write(rejectedSql(former(FORMER.rejected)), {
    path: out("rejected.parquet"),
    orderBy: ["reject_reason", ...COLUMNS.filter((name) => name !== "raw")],
  });
  await engine.write(changesSql({ listings: "listings", observations: "observations", sources: "sources", goneAfterDays }), {
    path: out("changes.parquet"),
    orderBy: CHANGE_ORDER,
  });
  await engine.open("changes", out("changes.parquet"));
  const { n: kept } = await oneRow<{ n: number }>(engine, "SELECT COUNT(*) AS n FROM listings");
  for (const level of ["province", "district"] as const) await writeStatistics(c, level, kept, out(`stats_${level}.parquet`));
  await engine.write(layoutSql(c), { path: out("layout.parquet"), orderBy: ["layout"] });

  if (merge)
    await engine.stage("served", changedDocumentsSql({ listings: "listings", former: FORMER.listings, seen: `(${fresh}) AS fresh` }));
  await serve(c, { documents: merge ? "served" : "listings", origin: origins.demo > 0 ? "demo" : "real" });

  const merged = merge ? origins.n - counts.valid : 0;
  return {
    rowsIn: counts.total + merged,
    rowsOut: kept,
    rejected: Object.fromEntries(reasons.map((r) => [r.reason, r.n])),
    duplicates: counts.valid - counts.later + merged - kept,
    ...(c.asOf === undefined ? {} : { later: counts.later }),
    ...(await results(c, merge ? { rows: counts.total, listings: merged } : undefined)),
  };
}

function rejectedSql(former: string | undefined): string {
  const names = [...COLUMNS, "reject_reason"].join(", ");
  return `SELECT ${names} FROM checked WHERE reject_reason IS NOT NULL${former === undefined ? "" : ` UNION ALL SELECT ${names} FROM ${former}`}`;
}

/** Listings whose values an engine may hold in memory at once (twice 90 bytes each), to find their medians. */
const SLICE_ROWS = 1_500_000;

async function writeStatistics({ engine, date }: JobContext, level: Level, rows: number, path: string): Promise<void> {
  const slices = Math.max(1, Math.ceil(rows / SLICE_ROWS));
  const parts: string[] = [];
  for (const scheme of SCHEMES)
    for (let nth = 0; nth < slices; nth++) {
      const slice = slices === 1 ? undefined : { nth, of: slices };
      const sql = statisticsSql({ listings: "listings", asOf: date, scheme, level, slice });
      const part = `stats_${level}_${scheme.slice(0, 2)}_${nth}`;
      if (slices > 1) await engine.stage(part, sql);
      parts.push(slices > 1 ? `SELECT * FROM ${part}` : sql);
    }
  await engine.write(parts.join(" UNION ALL "), { path, orderBy: STATISTICS_ORDER[level] });
  await engine.open(`stats_${level}`, path);
}

/** The manifests tell it where there are any; this also sees files that came without. */
function refuseMixed({ n, demo }: { n: number; demo: number }): void {
  if (demo > 0 && demo < n)
    throw new SettingsError(
      "mixed_sources",
      `batch: ${demo} of ${n} listings are the demo site's, the others real ones: move one kind out of the way, or name the files with SOURCE_PATH`,
    );
}
