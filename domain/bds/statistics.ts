import { columnsOf } from "arachne";
import { DistrictStatistics, ProvinceStatistics, SCHEMES, StatisticsHistory } from "./serving.ts";

/**
 * Statistics of listings by place, sale and rent apart, by property type and over all types. Only prices that can be compared
 * enter the price columns: whole prices of sales (`total`), monthly ones of rents (`per_month`); `priced` says how many that are.
 * Money is whole VND; averages are exact sums, rounded once, half up. docs/statistics.md has the formulas.
 */

export type Scheme = (typeof SCHEMES)[number];
export type Level = "province" | "district";

const PRICE =
  "CASE WHEN (transaction = 'sale' AND price_unit = 'total') OR (transaction = 'rent' AND price_unit = 'per_month') THEN price_vnd END";

/** Columns of the listings that say where they are. The 34 provinces have no districts: wards stand below them. */
const PLACES: Record<Scheme, Record<Level, readonly [code: string, name: string]>> = {
  "63_provinces": { province: ["province_code", "province"], district: ["district_code", "district"] },
  "34_provinces": { province: ["province_2025_code", "province_2025"], district: ["ward_2025_code", "ward_2025"] },
};

const STATISTICS = { province: ProvinceStatistics, district: DistrictStatistics } as const;
export const STATISTICS_ORDER = {
  province: ["scheme", "province_code", "transaction", "property_type"],
  district: ["scheme", "province_code", "district_code", "transaction", "property_type"],
} as const;

/** The listings of some provinces: each group is whole in one of the slices. */
export interface Slice {
  nth: number;
  of: number;
}

/**
 * Listings whose place is not known are a group of their own (NULL codes), and so are those neither for sale nor for rent, and
 * those of no known type (`unknown`): counts add up. The engines hold the values of all open groups in memory: of many listings
 * take a slice at a time.
 */
export function statisticsSql(of: { listings: string; asOf: string; scheme: Scheme; level: Level; slice?: Slice | undefined }): string {
  const places = of.level === "province" ? (["province"] as const) : (["province", "district"] as const);
  const place = places.flatMap((level) => {
    const [code, name] = PLACES[of.scheme][level];
    return [`${code} AS ${level}_code`, `${name} AS ${level}`];
  });
  const groups = [...places.map((level) => `${level}_code`), "transaction"];
  const live = (value: string): string => `CASE WHEN gone_at IS NULL THEN ${value} END`;
  const slice = of.slice === undefined ? "" : ` WHERE ABS(MOD(hash(${PLACES[of.scheme].province[0]}), ${of.slice.of})) = ${of.slice.nth}`;
  const rows = `SELECT ${place.join(", ")}, COALESCE(transaction, 'unknown') AS transaction, COALESCE(property_type, 'unknown') AS kind, gone_at,
      ${live("area_m2")} AS area_m2, ${live("price_per_m2_vnd")} AS price_per_m2, ${live(PRICE)} AS price FROM ${of.listings}${slice}`;
  const sums = `SELECT ${groups.join(", ")}, CASE WHEN GROUPING(kind) = 1 THEN 'all' ELSE kind END AS property_type,
      ${places.map((level) => `MAX(${level}) AS ${level}`).join(", ")},
      COUNT(*) AS seen, COUNT(gone_at) AS gone, COUNT(area_m2) AS areas, ${exactSum("area_m2 * 100")} AS area_sum,
      ${distribution("price")}, ${distribution("price_per_m2")}
    FROM (${rows}) AS l GROUP BY GROUPING SETS ((${groups.join(", ")}, kind), (${groups.join(", ")}))`;
  const values: Record<string, string> = {
    as_of: `DATE '${of.asOf}'`,
    scheme: `'${of.scheme}'`,
    listings: "seen - gone",
    priced: "price_n",
    per_m2: "price_per_m2_n",
    area_avg_m2: `CAST(CAST(${mean("area_sum", "areas")} AS DECIMAL(18, 2)) / 100 AS DECIMAL(12, 2))`,
    ...figures("price"),
    ...figures("price_per_m2"),
  };
  const columns = columnsOf(STATISTICS[of.level]).map(({ name }) => (values[name] === undefined ? name : `${values[name]} AS ${name}`));
  return `SELECT ${columns.join(", ")} FROM (${sums}) AS sums`;
}

/** Listings whose values an engine may hold in memory at once (twice 90 bytes each), to find their medians. */
const SLICE_ROWS = 1_500_000;

/** Queries whose rows together are a level's statistics in both schemes: several a scheme where `rows`, the number of listings, is large. */
export function statisticsParts(of: { listings: string; asOf: string; level: Level; rows: number }): string[] {
  const slices = Math.max(1, Math.ceil(of.rows / SLICE_ROWS));
  return SCHEMES.flatMap((scheme) =>
    Array.from({ length: slices }, (_, nth) => statisticsSql({ ...of, scheme, slice: slices === 1 ? undefined : { nth, of: slices } })),
  );
}

/** Both levels as rows of the history. */
export function historySql(provinces: string, districts: string): string {
  const columns = columnsOf(StatisticsHistory).map((column) => column.name);
  const select = (level: Level, from: string): string =>
    `SELECT ${columns.map((name) => (name === "level" ? `'${level}' AS level` : level === "province" && name.startsWith("district") ? `CAST(NULL AS STRING) AS ${name}` : name)).join(", ")} FROM ${from}`;
  return `${select("province", provinces)} UNION ALL ${select("district", districts)}`;
}

/**
 * A tenth as a percentile: the value at place ceil(n / 10). 0.1 itself is more than a tenth as a double, so that one engine
 * would take the place behind it at n = 70, and another, which reckons in decimals, not.
 */
const P10 = "0.0999999999";
const P90 = "0.8999999999";

function distribution(x: string): string {
  const percentile = (p: string): string => `percentile_disc(${p}) WITHIN GROUP (ORDER BY ${x})`;
  return `COUNT(${x}) AS ${x}_n, ${exactSum(x)} AS ${x}_sum, MEDIAN(${x}) AS ${x}_median, MIN(${x}) AS ${x}_min, MAX(${x}) AS ${x}_max,
      ${percentile(P10)} AS ${x}_p10, ${percentile(P90)} AS ${x}_p90`;
}

function figures(x: string): Record<string, string> {
  return {
    [`${x}_avg_vnd`]: mean(`${x}_sum`, `${x}_n`),
    [`${x}_median_vnd`]: `CAST(ROUND(${x}_median) AS BIGINT)`,
    [`${x}_p10_vnd`]: `CAST(${x}_p10 AS BIGINT)`,
    [`${x}_p90_vnd`]: `CAST(${x}_p90 AS BIGINT)`,
    [`${x}_min_vnd`]: `${x}_min`,
    [`${x}_max_vnd`]: `${x}_max`,
  };
}

/** Spark's SUM of BIGINT overflows at 9.2e18, which ten million prices reach; a sum of decimals does not. */
function exactSum(value: string): string {
  return `SUM(CAST(${value} AS DECIMAL(28, 0)))`;
}

/**
 * The quotient of an exact sum, rounded half up to a whole number. The sum may have more digits than a double holds, so
 * the remainder is taken off first: what is left divides without one, and its quotient is small.
 */
function mean(sum: string, count: string): string {
  const remainder = `MOD(${sum}, CAST(${count} AS DECIMAL(38, 0)))`;
  return `CASE WHEN ${count} > 0 THEN CAST(ROUND(CAST(${sum} - ${remainder} AS DOUBLE) / ${count}) AS BIGINT)
      + CASE WHEN ${remainder} * 2 >= ${count} THEN 1 ELSE 0 END END`;
}
