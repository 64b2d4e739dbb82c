import type { ResultRow } from "../../src/core/engine.ts";
import { columnsOf } from "../../src/core/schema/columns.ts";
import type { ItemType } from "../../src/core/item.ts";
import { Change, DistrictStatistics, ListingDocument, ProvinceStatistics, StatisticsHistory } from "../../domain/bds/serving.ts";

/** Rows as the jobs make them, few enough to reckon with: their figures are told by their place in the lists. */

const PLACES = [
  ["79", "Thành phố Hồ Chí Minh", "Quận 1"],
  ["79", "Thành phố Hồ Chí Minh", "Quận 7"],
  ["01", "Thành phố Hà Nội", "Ba Đình"],
  ["83", "Tỉnh Bến Tre", "Huyện Châu Thành"],
  ["82", "Tỉnh Tiền Giang", "Huyện Châu Thành"], // of the same name
  [null, null, null],
] as const;
const SCHEMES = ["63_provinces", "34_provinces"] as const;
const TRANSACTIONS = ["sale", "rent", "unknown"] as const;
const TYPES = ["house", "all"] as const;
const DAYS = ["2026-11-18", "2026-11-19", "2026-11-21"] as const;

type Figures = Record<string, string | number | null>;

/** Every column of the item, null where nothing is given. */
function row(item: ItemType, values: Figures): ResultRow {
  return Object.fromEntries(columnsOf(item).map(({ name }) => [name, values[name] ?? null]));
}

function statistics(places: readonly (readonly (string | null)[])[], day: string, level: "province" | "district"): Figures[] {
  let seed = DAYS.indexOf(day as (typeof DAYS)[number]) + 1;
  return places.flatMap(([code, province, district], p) =>
    SCHEMES.flatMap((scheme) =>
      TRANSACTIONS.flatMap((transaction) =>
        TYPES.map((type): Figures => {
          seed += 7;
          return {
            level,
            as_of: day,
            scheme,
            province_code: code ?? null,
            province: province ?? null,
            district_code: level === "district" && district ? `${code}-${p}` : null,
            district: level === "district" ? (district ?? null) : null,
            transaction,
            property_type: type,
            listings: 1000 - seed,
            gone: seed % 5,
            priced: 900 - seed,
            price_median_vnd: 1_000_000_000 + seed * 1_000_003,
            per_m2: 800 - seed,
            price_per_m2_median_vnd: p === 2 ? null : 50_000_000 + seed * 1_001,
            area_avg_m2: 80.25 + seed,
          };
        }),
      ),
    ),
  );
}

const byProvince = [...new Map(PLACES.map((place) => [place[0], place])).values()];
const today = DAYS[2];
export const provinces = statistics(byProvince, today, "province").map((values) => row(ProvinceStatistics, values));
export const districts = statistics(PLACES, today, "district").map((values) => row(DistrictStatistics, values));
export const history = DAYS.map((day) => ({
  day,
  rows: [...statistics(byProvince, day, "province"), ...statistics(PLACES, day, "district")].map((values) =>
    row(StatisticsHistory, values),
  ),
}));

const KINDS = ["new", "price_changed", "gone", "back", "new", "price_changed"] as const;
export const changes = KINDS.map((kind, i) => {
  const [province_code, province] = PLACES[i]!;
  const change_pct = kind === "price_changed" ? -2.5 * i : null;
  const at = `${DAYS[i % 3]}T0${i}:30:00.000Z`;
  return row(Change, {
    link: `https://bds.example/pr${i}`,
    kind,
    at,
    title: `Nhà ${i}`,
    province_code,
    province,
    source: "bds.example",
    price_unit: "total",
    change_pct,
  });
});

/** Two near each other, one far off, one nobody knows where. */
const LOCATIONS = ["10.776889,106.700806", "10.777000,106.700900", "21.028511,105.804817", null];
export const listings = LOCATIONS.map((location, i) => ({
  key: `https://bds.example/pr${i}`,
  version: "2026-11-21T01:00:00.000Z",
  document: JSON.stringify({
    ...row(ListingDocument, {
      link: `https://bds.example/pr${i}`,
      title: `Nhà ${i}`,
      price_unit: "negotiable",
      crawled_at: "2026-11-21T01:00:00.000Z",
      source: "bds.example",
      location,
    }),
    partial: false,
    raw: { price: null, area: null, address: null, posted: null },
  }),
}));
