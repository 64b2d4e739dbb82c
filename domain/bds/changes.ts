import { columnsOf } from "arachne";
import { Change } from "./serving.ts";

/** What a change takes from the listing as it was last seen; the rest is its event's. */
const OF_LISTING = ["title", "transaction", "property_type", "province_code", "province", "district_code", "district", "source"] as const;

const NO_PRICE = "CAST(NULL AS BIGINT)";

/** Per cent of the price before, with two decimals, half away from zero; too large for its column: none. */
const PERCENT = `CASE WHEN kind = 'price_changed' AND price_from_vnd > 0
  THEN TRY_CAST(ROUND(CAST(price_to_vnd - price_from_vnd AS DOUBLE) * 10000 / CAST(price_from_vnd AS DOUBLE)) / 100 AS DECIMAL(9, 2)) END`;

export const CHANGE_ORDER = ["link", "at", "kind"] as const;

interface Event {
  kind: "new" | "price_changed" | "gone" | "back";
  at: string;
  unit: string;
  priceFrom: string;
  priceTo: string;
}

/**
 * What happened to listings, as a function of all their sightings: it does not matter in how many runs, nor in which order,
 * they came in. docs/statistics.md has the rules. A query for each kind of event: all of their rows are the changes. (All in one
 * query, their joins and windows of ten million listings stand in memory at once, which 1.5 GB do not hold.)
 */
export function changesSql(of: { listings: string; observations: string; sources: string; goneAfterDays: number }): readonly string[] {
  const events = [...firstSeen(of), priceChanged(of), ...(of.goneAfterDays > 0 ? goneAndBack(of) : [])];
  const columns = columnsOf(Change).map(({ name }) => (name === "change_pct" ? `${PERCENT} AS change_pct` : `"${name}"`));
  return events.map((event) => `SELECT ${columns.join(", ")} FROM (${event}) AS events`);
}

/** Events of listings that were seen once, or of their last sighting: most are, and need no join. */
function ofListings(listings: string, event: Event, where: string): string {
  return `SELECT ${eventColumns(event)}, ${OF_LISTING.join(", ")} FROM ${listings} AS l WHERE ${where}`;
}

/** Events of rows that have `link`. */
function ofRows(listings: string, event: Event, rows: string): string {
  return `SELECT e.*, ${OF_LISTING.map((name) => `l.${name}`).join(", ")}
    FROM (SELECT ${eventColumns(event)} FROM ${rows}) AS e JOIN ${listings} AS l ON l.link = e.link`;
}

function eventColumns({ kind, at, unit, priceFrom, priceTo }: Event): string {
  return `link, '${kind}' AS kind, ${at} AS "at", ${unit} AS price_unit, ${priceFrom} AS price_from_vnd, ${priceTo} AS price_to_vnd`;
}

type Views = Parameters<typeof changesSql>[0];

/** A link seen once is its listing; of others the first observation. */
function firstSeen({ listings, observations }: Views): string[] {
  const event = { kind: "new", at: "crawled_at", unit: "price_unit", priceFrom: NO_PRICE, priceTo: "price_vnd" } as const;
  const nth = `SELECT *, ROW_NUMBER() OVER (PARTITION BY link ORDER BY crawled_at) AS nth FROM ${observations}`;
  return [
    ofListings(listings, event, `NOT EXISTS (SELECT 1 FROM ${observations} AS o WHERE o.link = l.link)`),
    ofRows(listings, event, `(${nth}) AS o WHERE nth = 1`),
  ];
}

function priceChanged({ listings, observations }: Views): string {
  const before = `SELECT *, LAG(price_vnd) OVER (PARTITION BY link, price_unit ORDER BY crawled_at) AS before_vnd
    FROM ${observations} WHERE price_vnd IS NOT NULL`;
  return ofRows(
    listings,
    { kind: "price_changed", at: "crawled_at", unit: "price_unit", priceFrom: "before_vnd", priceTo: "price_vnd" },
    `(${before}) AS o WHERE before_vnd <> price_vnd`,
  );
}

/** Gaps between sightings in which the site was crawled without seeing the listing; and what is gone now. */
function goneAndBack({ listings, observations, sources, goneAfterDays }: Views): string[] {
  const goneAt = `o.crawled_at + INTERVAL '${goneAfterDays}' DAY`;
  const away = `(SELECT o.*, ${goneAt} AS away_at FROM (
      SELECT *, LEAD(crawled_at) OVER w AS next_at, LEAD(source) OVER w AS next_source,
        LEAD(price_vnd) OVER w AS next_vnd, LEAD(price_unit) OVER w AS next_unit
      FROM ${observations} WINDOW w AS (PARTITION BY link ORDER BY crawled_at)) AS o
    JOIN (SELECT source, day, LAG(last_at) OVER (PARTITION BY source ORDER BY day) AS before_at FROM ${sources}) AS s
      ON s.source = o.next_source AND s.day = CAST(o.next_at AS DATE)
    WHERE o.next_at > ${goneAt} AND s.before_at > ${goneAt}) AS a`;
  const gone = { kind: "gone", unit: "price_unit", priceFrom: "price_vnd", priceTo: NO_PRICE } as const;
  return [
    ofRows(listings, { ...gone, at: "away_at" }, away),
    ofRows(listings, { kind: "back", at: "next_at", unit: "next_unit", priceFrom: "price_vnd", priceTo: "next_vnd" }, away),
    ofListings(listings, { ...gone, at: "gone_at" }, "gone_at IS NOT NULL"),
  ];
}
