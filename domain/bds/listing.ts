import { z } from "zod";
import { defineItem } from "arachne";

/** What a spider yields: text as found on the page. `clean` makes a Listing of it. */
export interface RawListing {
  link: string;
  title?: string | undefined;
  price?: string | undefined;
  /** Where the page states it beside the price. */
  price_per_m2?: string | undefined;
  area?: string | undefined;
  /** The address as the site writes it; old (three-level) or new (two-level) names, or both with one in brackets. */
  address?: string | undefined;
  /** The post-reform address where the page has it apart from the old one. */
  address_2025?: string | undefined;
  posted?: string | undefined;
  bedrooms?: string | undefined;
  /** The site's own words for what it is ("Căn hộ chung cư", a breadcrumb): read together with title and link. */
  property_type?: string | undefined;
  /** "Bán"/"Cho thuê" or a breadcrumb, where the page says it. */
  transaction?: string | undefined;
  listing_id?: string | undefined;
  latitude?: string | number | undefined;
  longitude?: string | number | undefined;
  /** ISO time at which the page was fetched. */
  crawled_at: string;
  /** The site, as its host without www. */
  source: string;
  /** Set by the crawl when only the index page's card could be had. */
  partial?: boolean | undefined;
}

const text = z.string().nullable();
const money = z.int().nonnegative().nullable();

/** A real-estate listing. Money is whole VND, area m² with two decimals, names are official ones, dates are in Vietnam's time zone. */
export const listingSchema = z.object({
  link: z
    .string()
    .regex(/^https?:\/\/\S+$/)
    .describe("Canonical, without tracking parameters and fragment"),
  listing_id: text.describe("The site's own id"),
  title: z.string().min(1).meta({ search: "vietnamese" }),
  transaction: z.enum(["sale", "rent"]).nullable(),
  property_type: z
    .enum([
      "apartment",
      "house",
      "townhouse",
      "villa",
      "land",
      "farm",
      "shophouse",
      "office",
      "warehouse",
      "room",
      "hotel",
      "project",
      "other",
    ])
    .nullable(),
  price_vnd: money.describe("As quoted: see price_unit"),
  price_unit: z.enum(["total", "per_m2", "per_month", "per_m2_month", "negotiable", "unknown"]),
  price_per_m2_vnd: money.describe("Per m² (rent: and month), stated or computed"),
  area_m2: z
    .number()
    .nonnegative()
    .max(1e9)
    .nullable()
    .meta({ decimal: [12, 2] }),
  bedrooms: z.int().min(0).max(1000).nullable(),
  address: text.meta({ search: "vietnamese" }),
  ward: text,
  ward_code: text,
  district: text,
  district_code: text,
  province: text.describe("One of the 63 before July 2025"),
  province_code: text,
  ward_2025: text,
  ward_2025_code: text,
  province_2025: text.describe("One of the 34 since July 2025"),
  province_2025_code: text,
  latitude: z.number().min(-90).max(90).nullable(),
  longitude: z.number().min(-180).max(180).nullable(),
  posted_at: z.iso.date().nullable(),
  crawled_at: z.iso.datetime(),
  source: z.string().min(1),
  partial: z.boolean().describe("Only the index card could be had"),
  raw: z.object({ price: text, area: text, address: text, posted: text }),
});

export type Listing = z.output<typeof listingSchema>;

export const Listing = defineItem.withRaw<RawListing>()({ name: "listing", schema: listingSchema, key: ["link"] });
