import { z } from "zod";
import { defineItem } from "arachne";
import { listingSchema } from "./listing.ts";

/**
 * What the serving layer holds: Parquet columns, search mappings and Kibana's panels are made from these schemas.
 * docs/statistics.md has the formulas.
 */

const { transaction, property_type, price_unit } = listingSchema.shape;
const text = z.string().nullable();
const count = z.int().nonnegative();
const money = z.int().nonnegative().nullable();

export const ListingDocument = defineItem({
  name: "listing_document",
  key: ["link"],
  schema: listingSchema.extend({
    location: text.describe("Latitude and longitude, where both are known: 10.776889,106.700806").meta({ search: "geo_point" }),
    gone_at: z.iso.datetime().nullable().describe("Since when it is taken to be gone from its site"),
  }),
});

export const SCHEMES = ["63_provinces", "34_provinces"] as const;

const groupColumns = {
  as_of: z.iso.date().describe("The day at whose end this was so"),
  scheme: z.enum(SCHEMES).describe("Provinces before or since July 2025"),
  province_code: text.describe("null: not known"),
  province: text,
};
const district = {
  district_code: text.describe("null: not known"),
  district: text.describe("In 34_provinces, which have no districts: the ward"),
};
const kindColumns = {
  transaction: z.enum([...transaction.unwrap().options, "unknown"]),
  property_type: z.enum([...property_type.unwrap().options, "unknown", "all"]).describe("all: the total of the others"),
};
const figures = {
  listings: count.describe("Not gone; all figures are of these"),
  gone: count,
  priced: count.describe("Whose price enters the price columns"),
  price_avg_vnd: money,
  price_median_vnd: money,
  price_p10_vnd: money,
  price_p90_vnd: money,
  price_min_vnd: money,
  price_max_vnd: money,
  area_avg_m2: z
    .number()
    .nonnegative()
    .nullable()
    .meta({ decimal: [12, 2] }),
  per_m2: count.describe("With a price per m²"),
  price_per_m2_avg_vnd: money,
  price_per_m2_median_vnd: money,
  price_per_m2_p10_vnd: money,
  price_per_m2_p90_vnd: money,
  price_per_m2_min_vnd: money,
  price_per_m2_max_vnd: money,
};

export const ProvinceStatistics = defineItem({
  name: "province_statistics",
  key: ["scheme", "province_code", "transaction", "property_type"],
  schema: z.object({ ...groupColumns, ...kindColumns, ...figures }),
});

export const DistrictStatistics = defineItem({
  name: "district_statistics",
  key: ["scheme", "province_code", "district_code", "transaction", "property_type"],
  schema: z.object({ ...groupColumns, ...district, ...kindColumns, ...figures }),
});

/** Both levels, a set of rows a day; rows of provinces have no district. */
export const StatisticsHistory = defineItem({
  name: "statistics_history",
  key: ["as_of", "level", "scheme", "province_code", "district_code", "transaction", "property_type"],
  schema: z.object({ level: z.enum(["province", "district"]), ...groupColumns, ...district, ...kindColumns, ...figures }),
});

/** What happened to a listing; what it is (title, place) is as last seen. */
export const Change = defineItem({
  name: "change",
  key: ["link", "kind", "at"],
  schema: z.object({
    link: listingSchema.shape.link,
    kind: z.enum(["new", "price_changed", "gone", "back"]),
    at: z.iso.datetime(),
    title: listingSchema.shape.title,
    transaction,
    property_type,
    province_code: text,
    province: text,
    district_code: text,
    district: text,
    source: z.string().min(1),
    price_unit,
    price_from_vnd: money,
    price_to_vnd: money,
    change_pct: z
      .number()
      .nullable()
      .meta({ decimal: [9, 2] })
      .describe("Of price_from_vnd"),
  }),
});
