import { columnsOf } from "arachne";
import { Change } from "./serving.ts";

/**
 * What happened to listings, as a function of all their sightings: it does not matter in how many runs, nor in which order,
 * they came in. docs/statistics.md has the rules.
 */
export function changesSql(of: { listings: string; observations: string; sources: string; goneAfterDays: number }): string {
  const { listings, observations, sources, goneAfterDays } = of;
  const days = `INTERVAL '${goneAfterDays}' DAY`;
  const listed = (kind: string, at: string, prices: string, where: string): string =>
    `SELECT ${CHANGE} FROM (SELECT *, '${kind}' AS kind, ${at} AS "at", ${prices} FROM ${listings} AS s WHERE ${where}) AS l`;
  const seen = (events: string): string =>
    `SELECT ${CHANGE} FROM (SELECT ${EVENT}, ${PLACE} FROM (${events}) AS e JOIN ${listings} AS l ON l.link = e.link) AS l`;
  const parts = [
    listed(
      "new",
      "crawled_at",
      "NULL_VND AS price_from_vnd, price_vnd AS price_to_vnd",
      `NOT EXISTS (SELECT 1 FROM ${observations} AS o WHERE o.link = s.link)`,
    ),
    seen(`SELECT link, 'new' AS kind, crawled_at AS "at", price_unit, NULL_VND AS price_from_vnd, price_vnd AS price_to_vnd
      FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY link ORDER BY crawled_at) AS nth FROM ${observations}) AS o WHERE nth = 1`),
    seen(`SELECT link, 'price_changed' AS kind, crawled_at AS "at", price_unit, before AS price_from_vnd, price_vnd AS price_to_vnd
      FROM (SELECT *, LAG(price_vnd) OVER (PARTITION BY link, price_unit ORDER BY crawled_at) AS before
        FROM ${observations} WHERE price_vnd IS NOT NULL) AS o WHERE before <> price_vnd`),
  ];
  if (goneAfterDays > 0) {
    const away = `SELECT o.* FROM (
        SELECT *, LEAD(crawled_at) OVER w AS next_at, LEAD(source) OVER w AS next_source,
          LEAD(price_vnd) OVER w AS next_vnd, LEAD(price_unit) OVER w AS next_unit
        FROM ${observations} WINDOW w AS (PARTITION BY link ORDER BY crawled_at)) AS o
      JOIN (SELECT source, day, LAG(last_at) OVER (PARTITION BY source ORDER BY day) AS before_at FROM ${sources}) AS s
        ON s.source = o.next_source AND s.day = CAST(o.next_at AS DATE)
      WHERE o.next_at > o.crawled_at + ${days} AND s.before_at > o.crawled_at + ${days}`;
    parts.push(
      seen(
        `SELECT link, 'gone' AS kind, crawled_at + ${days} AS "at", price_unit, price_vnd AS price_from_vnd, NULL_VND AS price_to_vnd FROM (${away}) AS a`,
      ),
      seen(
        `SELECT link, 'back' AS kind, next_at AS "at", next_unit AS price_unit, price_vnd AS price_from_vnd, next_vnd AS price_to_vnd FROM (${away}) AS a`,
      ),
      listed("gone", "gone_at", "price_vnd AS price_from_vnd, NULL_VND AS price_to_vnd", "gone_at IS NOT NULL"),
    );
  }
  return parts.join("\nUNION ALL\n").replaceAll("NULL_VND", "CAST(NULL AS BIGINT)");
}

const columns = columnsOf(Change).map((column) => column.name);
const EVENT = 'e.link AS link, kind, "at", e.price_unit AS price_unit, price_from_vnd, price_to_vnd';
const PLACE = columns
  .filter((name) => !/^(link|kind|at|price_.*|change_pct)$/.test(name))
  .map((name) => `l.${name} AS ${name}`)
  .join(", ");

/** Percent with two decimals, half away from zero; too large for its column: none. */
const PERCENT = `CASE WHEN kind = 'price_changed' AND price_from_vnd > 0
  THEN TRY_CAST(ROUND(CAST(price_to_vnd - price_from_vnd AS DOUBLE) * 10000 / CAST(price_from_vnd AS DOUBLE)) / 100 AS DECIMAL(9, 2)) END AS change_pct`;
const CHANGE = columns.map((name) => (name === "change_pct" ? PERCENT : `"${name}"`)).join(", ");

export const CHANGE_ORDER = ["link", "at", "kind"] as const;
