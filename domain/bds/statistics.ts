/**
 * Statistics of listings by place, sale and rent apart. Only prices that can be compared enter the price columns: whole
 * prices of sales (`total`), monthly ones of rents (`per_month`); `priced` says how many that are.
 * Money is whole VND; averages are exact sums, rounded once, half up.
 */

const PRICE =
  "CASE WHEN (transaction = 'sale' AND price_unit = 'total') OR (transaction = 'rent' AND price_unit = 'per_month') THEN price_vnd END";

export const PROVINCE_KEY = ["province_code", "transaction"] as const;
export const DISTRICT_KEY = ["province_code", "district_code", "transaction"] as const;

const FIGURES = [
  "listings",
  "priced",
  "price_avg_vnd",
  "price_median_vnd",
  "price_min_vnd",
  "price_max_vnd",
  "area_avg_m2",
  "price_per_m2_avg_vnd",
  "price_per_m2_median_vnd",
] as const;

export const PROVINCE_COLUMNS = ["province_code", "province", "transaction", ...FIGURES] as const;
export const DISTRICT_COLUMNS = ["province_code", "province", "district_code", "district", "transaction", ...FIGURES] as const;

export function provinceStatisticsSql(listings: string): string {
  return statisticsSql(listings, ["province_code"], ["province"], PROVINCE_COLUMNS);
}

export function districtStatisticsSql(listings: string): string {
  return statisticsSql(listings, ["province_code", "district_code"], ["province", "district"], DISTRICT_COLUMNS);
}

/** Listings whose place is not known are a group of their own (NULL codes), and so are those neither for sale nor for rent (`unknown`): counts add up. */
function statisticsSql(listings: string, codes: readonly string[], names: readonly string[], columns: readonly string[]): string {
  const sums = `SELECT ${codes.join(", ")}, ${names.map((name) => `MAX(${name}) AS ${name}`).join(", ")}, transaction,
    COUNT(*) AS listings, COUNT(price) AS priced, ${exactSum("price")} AS price_sum, MEDIAN(price) AS price_median,
    MIN(price) AS price_min_vnd, MAX(price) AS price_max_vnd,
    COUNT(area_m2) AS areas, ${exactSum("area_m2 * 100")} AS area_sum,
    COUNT(price_per_m2_vnd) AS per_m2s, ${exactSum("price_per_m2_vnd")} AS per_m2_sum, MEDIAN(price_per_m2_vnd) AS per_m2_median
  FROM (SELECT ${[...codes, ...names].join(", ")}, COALESCE(transaction, 'unknown') AS transaction, area_m2, price_per_m2_vnd, ${PRICE} AS price FROM ${listings}) AS l
  GROUP BY ${codes.join(", ")}, transaction`;
  return `SELECT ${columns.join(", ")} FROM (
  SELECT ${[...codes, ...names].join(", ")}, transaction, listings, priced, ${mean("price_sum", "priced")} AS price_avg_vnd,
    CAST(ROUND(price_median) AS BIGINT) AS price_median_vnd, price_min_vnd, price_max_vnd,
    CAST(CAST(${mean("area_sum", "areas")} AS DECIMAL(18, 2)) / 100 AS DECIMAL(12, 2)) AS area_avg_m2,
    ${mean("per_m2_sum", "per_m2s")} AS price_per_m2_avg_vnd, CAST(ROUND(per_m2_median) AS BIGINT) AS price_per_m2_median_vnd
  FROM (${sums}) AS sums) AS statistics`;
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
