import { parseAddress } from "./address.ts";
import { parseArea } from "./area.ts";
import { parseBedrooms } from "./bedrooms.ts";
import { foldWords } from "./fold.ts";
import { canonicalLink } from "./link.ts";
import type { Listing, RawListing } from "./listing.ts";
import { parsePosted, vietnamDay } from "./posted.ts";
import { parsePrice, parsePricePerM2, perSquareMetre, type Price } from "./price.ts";
import { propertyTypeOf } from "./property_type.ts";
import { transactionOf } from "./transaction.ts";

/** A raw item as it really comes: a spider's, or a row of a file in which any field may be missing, a number or a flag. */
export type LooseListing = { readonly [K in keyof RawListing]?: unknown };

export interface Dropped {
  drop: "header_row" | "no_link" | "no_title";
  detail?: string;
}

/** From this day on addresses are written without districts. */
const REFORM = "2025-07-01";

/** The listing that a raw item tells of, or why there is none. `now` stands in where the item has no crawl time. */
export function cleanListing(raw: LooseListing, now: Date): Listing | Dropped {
  const link = text(raw.link);
  // A listing is worth more than its title: one without is dropped, but "N/A" is kept as found.
  const title = typeof raw.title === "string" ? spaced(raw.title).normalize("NFC") : text(raw.title);
  if (title.length < LONGEST_HEADER && isHeader(raw)) return { drop: "header_row", detail: `${title} | ${link}` };
  const canonical = canonicalLink(link, text(raw.source));
  if (!canonical) return { drop: "no_link", detail: link === "" ? title : link };
  if (title === "") return { drop: "no_title", detail: canonical.href };

  const crawled = time(raw.crawled_at);
  const crawledAt = crawled ?? now;
  const area = parseArea(text(raw.area));
  const price = parsePrice(text(raw.price), area);
  const { path } = canonical;
  const category = text(raw.property_type);
  const transaction = transactionOf({
    stated: text(raw.transaction),
    path,
    category,
    title,
    priceUnit: price.unit,
    total: price.unit === "total" ? price.vnd : null,
  });
  const unit = transaction === "rent" ? rentUnit(price.unit) : price.unit;
  const posted = parsePosted(text(raw.posted), crawledAt);
  const address = text(raw.address);
  const written = posted ?? (crawled ? vietnamDay(crawled) : undefined);
  const units = parseAddress(address, {
    address2025: text(raw.address_2025),
    era: written === undefined ? undefined : written < REFORM ? "before" : "after",
  });
  return {
    link: canonical.href,
    listing_id: text(raw.listing_id) || canonical.id,
    title,
    transaction,
    property_type: propertyTypeOf(category, path, title),
    price_vnd: price.vnd,
    price_unit: unit,
    price_per_m2_vnd: pricePerM2(price, parsePricePerM2(text(raw.price_per_m2)), area),
    area_m2: area,
    bedrooms: parseBedrooms(text(raw.bedrooms)),
    address: address || text(raw.address_2025) || null,
    ...units,
    latitude: coordinate(raw.latitude, 90),
    longitude: coordinate(raw.longitude, 180),
    posted_at: posted,
    crawled_at: crawledAt.toISOString(),
    source:
      text(raw.source)
        .toLowerCase()
        .replace(/^www\./, "") || canonical.host,
    partial: raw.partial === true || raw.partial === "true",
    raw: { price: found(raw.price), area: found(raw.area), address: found(raw.address), posted: found(raw.posted) },
  };
}

/** Anything but single plain spaces between words, or a character that NFC may change (a combining mark). */
const UNTIDY = /[\s\ufeff]{2}|[^\S ]|^\s|\s$|\ufeff|\p{M}/u;
/** What scrapers write where a page had nothing. */
const NOTHING = /^(?:n\/a|null|none|nan|undefined|-+)$/i;

/** Text with white space (NBSP, line ends, BOM) collapsed, in NFC; "" for what is no text. Numbers of JSON count as text. */
function text(value: unknown): string {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return "";
  const tidy = UNTIDY.test(value) ? spaced(value).normalize("NFC") : value;
  return tidy.length < 10 && NOTHING.test(tidy) ? "" : tidy;
}

function spaced(value: string): string {
  return value.replaceAll(/[\s\ufeff]+/g, " ").trim();
}

/** As found, to the letter; null where nothing was. */
function found(value: unknown): string | null {
  return typeof value === "string" ? value || null : typeof value === "number" ? String(value) : null;
}

function time(value: unknown): Date | undefined {
  // Only ISO: JavaScript would read 10/11/2025 the American way.
  const date = typeof value === "string" && /^\d{4}-\d{2}-\d{2}/.test(value) ? new Date(value) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
}

/** Zero is how sites write "no coordinates" (and lies in the Gulf of Guinea). */
function coordinate(value: unknown, limit: number): number | null {
  const n = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value.replace(",", ".")) : NaN;
  return Number.isFinite(n) && n !== 0 && Math.abs(n) <= limit ? n : null;
}

/** Rents are quoted by the month whether or not "/tháng" is written: mogi leaves it out on its pages of rentals. */
function rentUnit(unit: Price["unit"]): Price["unit"] {
  return unit === "total" ? "per_month" : unit === "per_m2" ? "per_m2_month" : unit;
}

/** Stated in a field of its own, or beside the total, or computed from the total and the area. */
function pricePerM2(price: Price, stated: number | null, area: number | null): number | null {
  if (price.unit === "per_m2" || price.unit === "per_m2_month") return price.vnd;
  return stated ?? price.perM2 ?? (price.vnd === null ? null : perSquareMetre(price.vnd, area));
}

const HEADERS = new Set(
  "link url href detail link source url title tieu de tieu đe name price gia muc gia khoang gia area dien tich address dia chi location vi tri".split(
    " ",
  ),
);

const LONGEST_HEADER = 20;

/** A header row that a careless merge left among the data: every field holds a column's name. */
function isHeader(raw: LooseListing): boolean {
  const values = [raw.link, raw.title, raw.price, raw.area, raw.address].map(text).filter((v) => v !== "");
  return (
    values.length > 1 &&
    values.every((v) =>
      foldWords(v)
        .split(" ")
        .every((w) => HEADERS.has(w)),
    )
  );
}
