import { wrongCrawlTimeSql } from "./crawl_time.ts";
import { OBSERVATION_ORDER, PRICE_ORDER } from "./observation_order.ts";

/** The batch's SQL over listings. Both DuckDB and Spark read it alike: see docs/batch.md for what that excludes. */

/** Host of the bundled demo site: its listings and real ones must never mix. */
const DEMO_LINKS = "http://bds.demo/%";

/** What can follow FROM: a view, or a query in brackets with its name. */
export type From = string;

/** Rows of before a moment. */
export function before(from: From, column: "crawled_at" | "last_at", at: Date): From {
  return `(SELECT * FROM ${from} WHERE ${column} < ${timestamp(at)}) AS seen_before`;
}

/** Spark's date_trunc makes of a TIMESTAMP one with a time zone: in Parquet, and for whoever reads that, another type. */
const MILLISECONDS = "CAST(date_trunc('millisecond', crawled_at) AS TIMESTAMP) AS crawled_at";

/**
 * Checked rows, of which those of wrong crawl times are rejected: of times later than `latest`, for one. Times have milliseconds, as
 * the versions of documents do.
 */
export function refuseWrongTimesSql(checked: string, columns: readonly string[], latest: Date): string {
  const cells = columns.map((name) => (name === "crawled_at" ? MILLISECONDS : name));
  return `SELECT ${cells.join(", ")},
    CASE WHEN reject_reason IS NOT NULL THEN reject_reason ${wrongCrawlTimeSql(timestamp(latest))} END AS reject_reason
  FROM (${checked}) AS typed`;
}

/** Rows that count: those that break no rule, crawled before `asOf` where there is one. */
export function validRows(checked: string, columns: readonly string[], asOf: Date | undefined): string {
  return `SELECT ${columns.join(", ")} FROM ${checked} WHERE reject_reason IS NULL${asOf === undefined ? "" : ` AND crawled_at < ${timestamp(asOf)}`}`;
}

export function countsSql(checked: string, asOf: Date | undefined): string {
  const later = asOf === undefined ? "false" : `crawled_at >= ${timestamp(asOf)}`;
  return `SELECT COUNT(*) AS total, COUNT(*) FILTER (WHERE reject_reason IS NULL AND ${later}) AS later,
    COUNT(*) FILTER (WHERE reject_reason IS NULL) AS valid FROM ${checked}`;
}

export function originsSql(rows: From): string {
  return `SELECT COUNT(*) AS n, COUNT(*) FILTER (WHERE link LIKE '${DEMO_LINKS}') AS demo FROM ${rows}`;
}

export function reasonsSql(checked: string): string {
  return `SELECT reject_reason AS reason, COUNT(*) AS n FROM ${checked} WHERE reject_reason IS NOT NULL GROUP BY reject_reason ORDER BY n DESC, reason`;
}

/**
 * Rows that broke a rule, as they were found, with the rule. `former` are those of the rows merged before; where some of these are
 * read again (`again`), a row stands as often as the one or the other has it.
 */
export function rejectedSql(of: { checked: string; columns: readonly string[]; former: From | undefined; again: boolean }): string {
  const names = [...of.columns, "reject_reason"].join(", ");
  const found = `SELECT ${names} FROM ${of.checked} WHERE reject_reason IS NOT NULL`;
  if (of.former === undefined) return found;
  const kept = `SELECT ${names} FROM ${of.former}`;
  return `${found} UNION ALL ${of.again ? `SELECT * FROM (${kept} EXCEPT ALL ${found}) AS kept` : kept}`;
}

/** Hashes that stand more than once. Most links stand once: what follows need then not sort their wide rows. */
export function repeatedSql(rows: From): string {
  return `SELECT hash(link) AS h FROM ${rows} GROUP BY hash(link) HAVING COUNT(*) > 1`;
}

/**
 * Of links that stand more than once, when they were seen last, and how many rows are of that moment: mostly one, which is then found by
 * a join. To sort the wide rows of all of them took three times the CPU.
 */
export function lastSeenSql(rows: From, repeated: string): string {
  return `SELECT link, MAX(crawled_at) AS last_at, MAX_BY(n, crawled_at) AS times FROM (
    SELECT link, crawled_at, COUNT(*) AS n FROM (SELECT link, crawled_at, hash(link) AS link_hash FROM ${rows}) AS r
    WHERE EXISTS (SELECT 1 FROM ${repeated} AS q WHERE q.h = r.link_hash) GROUP BY link, crawled_at) AS moments
  GROUP BY link`;
}

/** When each site was crawled: the last sighting of each day (UTC). `former` is what it gave for the rows merged before. */
export function sourcesSql(rows: From, former: From | undefined): string {
  const merged = former === undefined ? "" : ` UNION ALL SELECT source, last_at AS crawled_at FROM ${former}`;
  return `SELECT source, CAST(crawled_at AS DATE) AS day, MAX(crawled_at) AS last_at
  FROM (SELECT source, crawled_at FROM ${rows}${merged}) AS seen GROUP BY source, CAST(crawled_at AS DATE)`;
}

/**
 * One row a link: the latest `crawled_at`, of equal ones by `OBSERVATION_ORDER`. `province_key` names the partition in ASCII: `p01` … `p96`, `none`.
 * A listing is gone when its site was crawled later than `goneAfterDays` after its own last sighting: see docs/statistics.md.
 */
export function listingsSql(of: {
  rows: From;
  /** View of `lastSeenSql` of these rows. */
  lastSeen: string;
  sources: string;
  columns: readonly string[];
  goneAfterDays: number;
}): string {
  const names = of.columns.join(", ");
  const ofRow = of.columns.map((name) => `r.${name}`).join(", ");
  const joined = `(SELECT ${names} FROM ${of.rows}) AS r`;
  const goneAt = `l.crawled_at + INTERVAL '${of.goneAfterDays}' DAY`;
  const gone = of.goneAfterDays === 0 ? "CAST(NULL AS TIMESTAMP)" : `CASE WHEN s.last_at > ${goneAt} THEN ${goneAt} END`;
  return `SELECT ${of.columns.map((c) => `l.${c} AS ${c}`).join(", ")},
    CASE WHEN latitude IS NOT NULL AND longitude IS NOT NULL
      THEN CONCAT(CAST(CAST(latitude AS DECIMAL(9, 6)) AS STRING), ',', CAST(CAST(longitude AS DECIMAL(9, 6)) AS STRING)) END AS location,
    ${gone} AS gone_at, CASE WHEN province_code IS NULL THEN 'none' ELSE CONCAT('p', province_code) END AS province_key
  FROM (
    SELECT ${ofRow} FROM ${joined} LEFT JOIN ${of.lastSeen} AS q ON q.link = r.link
    WHERE q.link IS NULL OR (q.last_at = r.crawled_at AND q.times = 1)
    UNION ALL
    SELECT ${names} FROM (
      SELECT ${names}, ROW_NUMBER() OVER (PARTITION BY link ORDER BY ${OBSERVATION_ORDER}) AS nth
      FROM (SELECT ${ofRow} FROM ${joined} JOIN ${of.lastSeen} AS q ON q.link = r.link AND q.last_at = r.crawled_at WHERE q.times > 1) AS tied) AS ranked
    WHERE nth = 1) AS l
  LEFT JOIN (SELECT source, MAX(last_at) AS last_at FROM ${of.sources} GROUP BY source) AS s ON s.source = l.source`;
}

/**
 * Every time that a link was seen, with its price then: of links seen more than once; one seen once is its row in the listings.
 * `former` are those of the rows merged before.
 */
export function observationsSql({ rows, repeated, former }: { rows: From; repeated: string; former: From | undefined }): string {
  const names = "link, crawled_at, source, partial, price_vnd, price_unit";
  const merged = former === undefined ? "" : ` UNION ALL SELECT ${names} FROM ${former}`;
  return `SELECT ${names} FROM (
    SELECT ${names}, COUNT(*) OVER (PARTITION BY link) AS times FROM (
      SELECT ${names}, ROW_NUMBER() OVER (PARTITION BY link, crawled_at ORDER BY ${PRICE_ORDER}) AS nth
      FROM (SELECT ${names} FROM (SELECT ${names}, hash(link) AS link_hash FROM ${rows}) AS r
        WHERE EXISTS (SELECT 1 FROM ${repeated} AS q WHERE q.h = r.link_hash)${merged}) AS seen) AS ranked
    WHERE nth = 1) AS counted
  WHERE times > 1`;
}

/**
 * What each site's crawls saw within a day before they ended: a site that has changed its layout shows there first. A day, for a
 * crawl goes from category to category, and these differ in what their listings have.
 */
export function latestSql(listings: string, sources: string): string {
  return `SELECT l.* FROM ${listings} AS l JOIN (SELECT source, MAX(last_at) AS last_at FROM ${sources} GROUP BY source) AS s ON s.source = l.source
  WHERE l.crawled_at > s.last_at - INTERVAL '1' DAY`;
}

/** Listings whose document is not what the former output served: seen again, or gone since, or no longer gone. */
export function changedDocumentsSql(of: { listings: string; former: string; seen: From }): string {
  return `SELECT l.* FROM ${of.listings} AS l LEFT JOIN ${of.former} AS f ON f.link = l.link
  WHERE l.gone_at IS DISTINCT FROM f.gone_at OR l.link IN (SELECT link FROM ${of.seen})`;
}

/** UTC, as the engines' timestamps are. */
function timestamp(at: Date): string {
  return `TIMESTAMP '${at.toISOString().slice(0, -1).replace("T", " ")}'`;
}
