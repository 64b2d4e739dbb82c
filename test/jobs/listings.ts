import type { Listing } from "../../domain/bds/listing.ts";

const UNITS = ["total", "per_m2", "negotiable", "unknown"] as const;

/** The n-th of any number of unlike listings: every fact follows from n. */
export function listing(n: number, change: Partial<Listing> = {}): Listing {
  const random = (salt: number, below: number): number => ((n * 2654435761 + salt * 40503) >>> 7) % below;
  const rent = n % 3 === 0;
  const province = n % 23 === 0 ? null : random(1, 5) + 1;
  const district = province === null || n % 17 === 0 ? null : province * 100 + random(2, 4);
  const unit = n % 4 === 1 ? UNITS[random(3, 4)]! : rent ? "per_month" : "total";
  const price = unit === "negotiable" || unit === "unknown" ? null : 1_000_000 * (random(4, 9000) + 1) + random(5, 1000);
  const area = n % 11 === 0 ? null : (random(6, 30000) + 1) / 100;
  return {
    link: `http://bds.demo/nha-dat-pr${n}`,
    listing_id: String(n),
    title: `Bán nhà "đẹp", số ${n}`,
    transaction: n % 31 === 0 ? null : rent ? "rent" : "sale",
    property_type: "house",
    price_vnd: price,
    price_unit: unit,
    price_per_m2_vnd: price === null || area === null ? null : Math.round(price / area),
    area_m2: area,
    bedrooms: random(7, 6),
    address: `Đường ${random(8, 90)}`,
    ward: null,
    ward_code: null,
    district: district === null ? null : `Quận ${district}`,
    district_code: district === null ? null : String(district),
    province: province === null ? null : `Tỉnh ${province}`,
    province_code: province === null ? null : `0${province}`,
    ward_2025: null,
    ward_2025_code: null,
    province_2025: null,
    province_2025_code: null,
    latitude: 10.5,
    longitude: 106.7,
    posted_at: "2026-11-01",
    crawled_at: new Date(Date.UTC(2026, 10, 20) + n * 1000).toISOString(),
    source: "bds.demo",
    partial: false,
    raw: { price: "1,2 tỷ", area: "", address: null, posted: "Hôm nay" },
    ...change,
  };
}

export function listings(count: number, change: (n: number) => Partial<Listing> = () => ({})): Listing[] {
  return Array.from({ length: count }, (_, n) => listing(n, change(n)));
}

/** A row's figures as the statistics have them. */
export type Figures = Record<string, number | null>;

/** The statistics of a group, worked out apart from the SQL, with bigints; `gone` listings count and do nothing else. */
export function figures(group: readonly Listing[], gone: (l: Listing) => boolean = () => false): Figures {
  const live = group.filter((l) => !gone(l));
  const prices = live
    .filter((l) => (l.transaction === "sale" && l.price_unit === "total") || (l.transaction === "rent" && l.price_unit === "per_month"))
    .flatMap((l) => l.price_vnd ?? []);
  const area = mean(live.flatMap((l) => (l.area_m2 === null ? [] : Math.round(l.area_m2 * 100))));
  const perM2 = live.flatMap((l) => l.price_per_m2_vnd ?? []);
  return {
    listings: live.length,
    gone: group.length - live.length,
    priced: prices.length,
    ...distribution("price", prices),
    area_avg_m2: area === null ? null : area / 100,
    per_m2: perM2.length,
    ...distribution("price_per_m2", perM2),
  };
}

function distribution(name: string, values: readonly number[]): Figures {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (percent: bigint): number | null => sorted[Number((BigInt(sorted.length) * percent + 99n) / 100n) - 1] ?? null;
  return {
    [`${name}_avg_vnd`]: mean(values),
    [`${name}_median_vnd`]: median(sorted),
    [`${name}_p10_vnd`]: at(10n),
    [`${name}_p90_vnd`]: at(90n),
    [`${name}_min_vnd`]: sorted[0] ?? null,
    [`${name}_max_vnd`]: sorted.at(-1) ?? null,
  };
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const n = BigInt(values.length);
  const sum = values.reduce((s, v) => s + BigInt(v), 0n);
  return Number((2n * sum + n) / (2n * n));
}

function median(sorted: readonly number[]): number | null {
  const n = sorted.length;
  if (n === 0) return null;
  return n % 2 === 1 ? sorted[n >> 1]! : Math.round((sorted[n / 2 - 1]! + sorted[n / 2]!) / 2);
}
