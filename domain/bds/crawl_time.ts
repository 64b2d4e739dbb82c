/**
 * Crawl times that no listing can have. One from the future would hide every later sighting of its link, and make all other listings of
 * its site gone; before 1970 there are no versions of documents. Both layers refuse them, for the same reasons.
 */

/** Clocks of crawling machines may be ahead of this one's by so much. */
const AHEAD_MS = 3_600_000;

/** Rows crawled after it are refused. */
export function latestCrawl(now: Date): Date {
  return new Date(now.getTime() + AHEAD_MS);
}

/** The reason, as the batch counts it; undefined: it is well. */
export function wrongCrawlTime(crawledAt: string, now: Date): string | undefined {
  const at = Date.parse(crawledAt);
  if (at > now.getTime() + AHEAD_MS) return "crawled_at: future";
  return at < 0 ? "crawled_at: before_1970" : undefined;
}

/** The same for a column `crawled_at`, as a CASE's branches. `latest` is a literal of the time that `latestCrawl` gives. */
export function wrongCrawlTimeSql(latest: string): string {
  return `WHEN crawled_at > ${latest} THEN 'crawled_at: future' WHEN crawled_at < TIMESTAMP '1970-01-01 00:00:00' THEN 'crawled_at: before_1970'`;
}
