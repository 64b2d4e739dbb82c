import type { DataViews } from "./data-views.ts";
import { lensObject } from "./lens.ts";
import { mapObject } from "./map.ts";
import type { SavedObject } from "./saved-object.ts";

/** A panel and its place on the dashboard's grid, which is 48 wide. */
export interface Panel {
  object: SavedObject;
  grid: { x: number; y: number; w: number; h: number };
}

const BEFORE_JULY_2025 = { scheme: "63_provinces" };
const SINCE_JULY_2025 = { scheme: "34_provinces" };
const ALL_TYPES = { property_type: "all" };
const SALE = { transaction: "sale" };
const PROVINCES = 63;

/**
 * Statistics have one row for each group, so that the average of a figure over one group is the figure; sums are over groups that do
 * not overlap (`property_type` is `all`, or is not).
 */
export function panels(index: string, { listings, provinces, districts, history, changes }: DataViews): Panel[] {
  const id = (name: string): string => `arachne-${index}-${name}`;
  const changed = (kind: string, title: string, x: number): Panel => ({
    object: lensObject({
      id: id(`changes-${kind.replace("_", "-")}`),
      title,
      description: `Changes of kind ${kind} within the chosen time`,
      view: changes,
      shape: "metric",
      where: { kind },
      columns: (make) => ({ count: make.count(title) }),
    }),
    grid: { x, y: 0, w: 12, h: 6 },
  });
  const table = (name: string, title: string, scheme: { scheme: string }): SavedObject =>
    lensObject({
      id: id(name),
      title,
      description: "Listings for sale of all property types; prices in VND, whole prices and per m²",
      view: provinces,
      shape: "table",
      where: { ...scheme, ...ALL_TYPES, ...SALE },
      columns: (make) => ({
        province: make.terms("province", "Tỉnh, thành / province", { size: PROVINCES, by: "listings", missing: true }),
        listings: make.sum("listings", "Tin / listings"),
        gone: make.sum("gone", "Đã gỡ / gone"),
        price: make.average("price_median_vnd", "Giá trung vị / median price"),
        per_m2: make.average("price_per_m2_median_vnd", "Trung vị mỗi m² / median per m²"),
        area: make.average("area_avg_m2", "Diện tích TB m² / mean area"),
      }),
    });

  return [
    {
      object: lensObject({
        id: id("listings"),
        title: "Tin đang đăng / listings",
        description: "Listings that are not gone, for sale, for rent and unknown",
        view: provinces,
        shape: "metric",
        where: { ...BEFORE_JULY_2025, ...ALL_TYPES },
        columns: (make) => ({ listings: make.sum("listings", "Tin đang đăng / listings") }),
      }),
      grid: { x: 0, y: 0, w: 12, h: 6 },
    },
    changed("new", "Tin mới / new", 12),
    changed("price_changed", "Đổi giá / price changed", 24),
    changed("gone", "Đã gỡ / gone", 36),
    {
      object: table("provinces", "Theo tỉnh, thành: bán / by province: sale", BEFORE_JULY_2025),
      grid: { x: 0, y: 6, w: 28, h: 18 },
    },
    {
      object: mapObject({
        id: id("map"),
        title: "Bản đồ / map",
        description: "Listings whose coordinates are known, in clusters",
        view: listings,
        field: "location",
      }),
      grid: { x: 28, y: 6, w: 20, h: 18 },
    },
    {
      object: lensObject({
        id: id("districts"),
        title: "Giá mỗi m² theo quận, huyện: bán / price per m² by district: sale",
        description: "Median price per m² in the districts with the most listings; the colour tells districts of one name apart",
        view: districts,
        shape: "bar_horizontal_stacked",
        where: { ...BEFORE_JULY_2025, ...ALL_TYPES, ...SALE },
        columns: (make) => ({
          district: make.terms("district", "Quận, huyện / district", { size: 15, by: make.sum("listings", "Tin / listings") }),
          province: make.terms("province", "Tỉnh, thành / province", { size: PROVINCES, by: make.sum("listings", "Tin / listings") }),
          per_m2: make.average("price_per_m2_median_vnd", "Trung vị mỗi m² / median per m²"),
        }),
      }),
      grid: { x: 0, y: 24, w: 24, h: 18 },
    },
    {
      object: lensObject({
        id: id("listings-by-day"),
        title: "Số tin theo ngày / listings over time",
        description: "Listings that were not gone at the end of each day",
        view: history,
        shape: "bar_stacked",
        where: { level: "province", ...BEFORE_JULY_2025, ...ALL_TYPES },
        columns: (make) => ({
          day: make.days("as_of"),
          transaction: make.terms("transaction", "Giao dịch / transaction", { size: 3, by: "listings" }),
          listings: make.sum("listings", "Tin / listings"),
        }),
      }),
      grid: { x: 24, y: 24, w: 24, h: 18 },
    },
    {
      object: lensObject({
        id: id("price-by-day"),
        title: "Giá mỗi m² theo ngày: bán / price trend: sale",
        description: "Median price per m² at the end of each day, in the provinces with the most listings",
        view: history,
        shape: "line",
        where: { level: "province", ...BEFORE_JULY_2025, ...ALL_TYPES, ...SALE },
        columns: (make) => ({
          day: make.days("as_of"),
          province: make.terms("province", "Tỉnh, thành / province", { size: 5, by: make.sum("listings", "Tin / listings") }),
          per_m2: make.average("price_per_m2_median_vnd", "Trung vị mỗi m² / median per m²"),
        }),
      }),
      grid: { x: 0, y: 42, w: 24, h: 15 },
    },
    {
      object: lensObject({
        id: id("changes-by-day"),
        title: "Thay đổi theo ngày / changes over time",
        description: "New listings, changed prices, listings gone and back",
        view: changes,
        shape: "bar_stacked",
        where: {},
        columns: (make) => ({
          day: make.days("at"),
          kind: make.terms("kind", "Loại / kind", { size: 4, by: "count" }),
          count: make.count("Thay đổi / changes"),
        }),
      }),
      grid: { x: 24, y: 42, w: 24, h: 15 },
    },
    {
      object: table("provinces-2025", "Theo 34 tỉnh, thành từ 7/2025: bán / by province since July 2025: sale", SINCE_JULY_2025),
      grid: { x: 0, y: 57, w: 28, h: 18 },
    },
    {
      object: lensObject({
        id: id("price-changes"),
        title: "Đổi giá theo tỉnh, thành / price changes by province",
        description: "How many prices changed, and by how many per cent on average",
        view: changes,
        shape: "table",
        where: { kind: "price_changed" },
        columns: (make) => ({
          province: make.terms("province", "Tỉnh, thành / province", { size: PROVINCES, by: "count", missing: true }),
          count: make.count("Đổi giá / price changes"),
          change: make.average("change_pct", "Trung bình % / mean %"),
        }),
      }),
      grid: { x: 28, y: 57, w: 20, h: 18 },
    },
  ];
}
