import { ArachneError, checkedSql, collectRows, columnsOf, oneRow, SettingsError, type JobContext } from "arachne";
import { before, countsSql, originsSql, reasonsSql, refuseWrongTimesSql, validRows, type From } from "../domain/bds/batch_sql.ts";
import { latestCrawl } from "../domain/bds/crawl_time.ts";
import { Listing } from "../domain/bds/listing.ts";
import type { SameLayout } from "./_bds_layout.ts";

export const COLUMNS = columnsOf(Listing).map((column) => column.name);

/** What of the published output this run's rows are merged into. */
export interface Former {
  listings: From;
  observations: From;
  sources: From;
  rejected: From;
  /** The published output holds these, and the input lacks them; the others are read again. Empty: only new rows are read. */
  missing: readonly string[];
}

/** What was read. */
export interface Read {
  former: Former | undefined;
  /** Query of the valid rows of the batch files. */
  fresh: string;
  /** Those and the listings that they are merged into. */
  rows: From;
  counts: { total: number; valid: number; later: number };
  rejected: Record<string, number>;
  /** Rows of `rows`. */
  all: number;
  origin: "demo" | "real";
}

/**
 * The published output's listings are kept although files of theirs are not there any more.
 * @throws ArachneError `missing_input` where they cannot be
 */
export async function openFormer(c: JobContext, missing: readonly string[], same: SameLayout | undefined): Promise<Former> {
  const dir = c.former?.dir ?? "";
  if (same?.layout !== true)
    throw new ArachneError(
      "missing_input",
      `batch: keep the listings of ${missing.length} inputs that are not there any more (${missing[0]}): ${dir} has other columns than this run's: put the files back, or go without their listings with --accept-change`,
    );
  await c.engine.open("former_listings", `${dir}/listings`);
  for (const name of ["observations", "sources", "rejected"]) await c.engine.open(`former_${name}`, `${dir}/${name}.parquet`);
  const limit = c.asOf ?? latestCrawl(c.now());
  return {
    listings: before("former_listings", "crawled_at", limit),
    observations: before("former_observations", "crawled_at", limit),
    sources: before("former_sources", "last_at", limit),
    rejected: "former_rejected",
    missing,
  };
}

/** Reads the view `batch_input`, as `checked`. @throws SettingsError `mixed_sources`; ArachneError `input_count` */
export async function readRows(c: JobContext, former: Former | undefined): Promise<Read> {
  const { engine, asOf } = c;
  await engine.stage("checked", refuseWrongTimesSql(checkedSql(Listing, "batch_input"), COLUMNS, latestCrawl(c.now())));
  const counts = await oneRow<Read["counts"] & Record<string, number>>(engine, countsSql("checked", asOf));
  await c.checkCount("batch_input", counts.total);
  const reasons = await collectRows<{ reason: string; n: number }>(engine, reasonsSql("checked"));
  const fresh = validRows("checked", COLUMNS, asOf);
  const rows = `(${fresh}${former === undefined ? "" : ` UNION ALL SELECT ${COLUMNS.join(", ")} FROM ${former.listings}`}) AS all_rows`;
  const { n: all, demo } = await oneRow<{ n: number; demo: number }>(engine, originsSql(rows));
  // The manifests tell it where there are any; this also sees files that came without.
  if (demo > 0 && demo < all)
    throw new SettingsError(
      "mixed_sources",
      `batch: ${demo} of ${all} listings are the demo site's, the others real ones: move one kind out of the way, or name the files with SOURCE_PATH`,
    );
  const rejected = Object.fromEntries(reasons.map((r) => [r.reason, r.n]));
  return { former, fresh, rows, counts, rejected, all, origin: demo > 0 ? "demo" : "real" };
}

/** The rejected rows of a run that fails are kept nowhere but in their files: it names one. */
export async function noValidRows({ engine }: JobContext, { counts, rejected }: Read): Promise<ArachneError> {
  const [row] = await collectRows<{ source_file: string; link: string | null }>(
    engine,
    "SELECT source_file, link FROM batch_input ORDER BY source_file, link NULLS LAST LIMIT 1",
  );
  if (row === undefined)
    return new ArachneError("no_valid_rows", "batch: the files hold no row: run a crawl first, or name other files with SOURCE_PATH");
  const reasons = Object.entries(rejected).map(([reason, n]) => `${reason} ${n}`);
  const place = row.source_file.endsWith(".topic.jsonl") ? "the topic's messages" : row.source_file.replace(/^file:\/+/, "/");
  return new ArachneError(
    "no_valid_rows",
    `batch: none of ${counts.total} rows is valid (${reasons.join(", ")}): the site has changed, or the files are not listings: look at ${place}, where one has the link ${JSON.stringify(row.link)}`,
  );
}
