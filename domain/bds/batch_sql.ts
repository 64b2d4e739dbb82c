/** The batch's SQL over listings. Both DuckDB and Spark read it alike: see docs/batch.md for what that excludes. */

/** Host of the bundled demo site: its listings and real ones must never mix. */
const DEMO_LINKS = "http://bds.demo/%";

/** How many rows there are, how many are valid, and how many of those are the demo site's. */
export function originsSql(checked: string): string {
  return `SELECT COUNT(*) AS total, COUNT(*) FILTER (WHERE reject_reason IS NULL AND link LIKE '${DEMO_LINKS}') AS demo,
    COUNT(*) FILTER (WHERE reject_reason IS NULL) AS valid FROM ${checked}`;
}

export function reasonsSql(checked: string): string {
  return `SELECT reject_reason AS reason, COUNT(*) AS n FROM ${checked} WHERE reject_reason IS NOT NULL GROUP BY reject_reason ORDER BY n DESC, reason`;
}

/** Hashes that stand more than once. Most links stand once: what follows need then not sort their wide rows. */
export function repeatedSql(checked: string): string {
  return `SELECT hash(link) AS h FROM ${checked} WHERE reject_reason IS NULL GROUP BY hash(link) HAVING COUNT(*) > 1`;
}

/**
 * One row a link: the latest `crawled_at`; of equal ones the full page before the index card; then by every other column, so
 * that two runs and two engines choose alike. `province_key` names the partition in ASCII: `p01` … `p96`, `none`.
 */
export function listingsSql({ checked, repeated, columns }: { checked: string; repeated: string; columns: readonly string[] }): string {
  const names = columns.join(", ");
  const rest = columns.filter((c) => !["link", "crawled_at", "partial", "raw"].includes(c));
  const order = ["crawled_at DESC NULLS LAST", "partial ASC NULLS LAST", ...[...rest, ...RAW].map((c) => `${c} DESC NULLS LAST`)].join(
    ", ",
  );
  const hashes = `(SELECT h FROM ${repeated})`;
  return `SELECT ${names}, CASE WHEN province_code IS NULL THEN 'none' ELSE CONCAT('p', province_code) END AS province_key FROM (
    SELECT ${names} FROM ${checked} WHERE reject_reason IS NULL AND hash(link) NOT IN ${hashes}
    UNION ALL
    SELECT ${names} FROM (
      SELECT ${names}, ROW_NUMBER() OVER (PARTITION BY link ORDER BY ${order}) AS nth
      FROM ${checked} WHERE reject_reason IS NULL AND hash(link) IN ${hashes}) AS ranked
    WHERE nth = 1) AS listings`;
}

const RAW = ["raw.price", "raw.area", "raw.address", "raw.posted"];
