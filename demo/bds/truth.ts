import type { Listing } from "../../domain/bds/listing.ts";
import { SCRIPTED, type Ad, type Catalog } from "./ads.ts";
import type { Scheme } from "./addresses.ts";
import { hrefOf, phone, phoneText, type LinkStyle } from "./cards.ts";
import { DEAD, INDEX_FAULTS, type Fault } from "./faults.ts";
import { cardsOf, pagesOf, section } from "./indexes.ts";
import { ORIGIN, TRAP } from "./layout.ts";

/** A listing as it was meant: numbers and names from before they were written as text. */
export interface TrueListing {
  link: string;
  listing_id: string;
  /** White space collapsed. */
  title: string;
  transaction: "sale" | "rent";
  property_type: NonNullable<Listing["property_type"]>;
  price_vnd: number | null;
  price_unit: Listing["price_unit"];
  area_m2: number | null;
  bedrooms: number | null;
  /** Names and codes from before July 2025, full ("Quận 7"); null where no text of its page gives it. */
  province: string | null;
  province_code: string | null;
  district: string | null;
  district_code: string | null;
  ward: string | null;
  ward_code: string | null;
  /** And since; the ward null too where an old ward was divided and no text says into which part this one fell. */
  province_2025: string | null;
  province_2025_code: string | null;
  ward_2025: string | null;
  ward_2025_code: string | null;
  latitude: number | null;
  longitude: number | null;
  posted: { minutes_ago: number | null; days_ago: number | null; date: string | null };
  /** Which names the address uses. "new" names no district and no old ward. */
  address_scheme: Scheme;
  shapes: { price: string; area: string; address: string };
  /** The texts, as the page has them. */
  raw: { price: string | null; area: string | null; address: string | null; posted: string | null };
  fault: Fault | null;
  /** Its own page cannot be had: only the card's fields are to be found (no ward, no coordinates). */
  partial: boolean;
  /** The link of the listing that this one repeats. */
  repost_of: string | null;
  edited: boolean;
  link_styles: LinkStyle[];
}

export interface Truth {
  listings: TrueListing[];
  /** Those that only the page that needs JavaScript shows. */
  scripted: TrueListing[];
  counts: {
    listings: number;
    sale: number;
    rent: number;
    index_pages: number;
    /** Cards on all index pages, promoted repeats included. */
    cards: number;
    /** Different links on them, fragments aside: what a crawler with exact links asks for. */
    card_links: number;
    /** Listings whose own page can be had. */
    details: number;
    partial: number;
    reposts: number;
    edits: number;
    provinces: number;
    districts: number;
    faults: Partial<Record<Fault, number>>;
    /** Index pages that fail at first. */
    index_faults: number;
  };
  /** Links of index pages that robots.txt forbids and that a pager leads to. */
  forbidden: string[];
}

const link = (ad: Ad) => `${ORIGIN}${ad.path}`;

function trueListing(ad: Ad, catalog: Catalog, fault: Fault | null, styles: LinkStyle[]): TrueListing {
  const { province, district, ward } = ad.place;
  const { scheme } = ad.address;
  const partial = fault !== null && DEAD.has(fault);
  const old = scheme === "old" || scheme === "both";
  const named = ad.address.ward && !partial;
  const oldWard = old && named;
  const newWard = named && (scheme === "new" || scheme === "both" || !ward.split);
  const somewhere = scheme !== "none";
  return {
    link: link(ad),
    listing_id: String(ad.id),
    title: `${ad.title}${phone(ad) === "" ? "" : ` ${phoneText(ad)}`}`.replace(/\s+/g, " ").trim(),
    transaction: ad.kind.transaction,
    property_type: ad.kind.type,
    price_vnd: ad.quote.vnd,
    price_unit: ad.quote.unit,
    area_m2: ad.area.m2,
    bedrooms: ad.bedrooms,
    province: somewhere ? province.name : null,
    province_code: somewhere ? province.code : null,
    district: old ? district.name : null,
    district_code: old ? district.code : null,
    ward: oldWard ? ward.name : null,
    ward_code: oldWard ? ward.code : null,
    province_2025: somewhere ? province.now.name : null,
    province_2025_code: somewhere ? province.now.code : null,
    ward_2025: newWard ? ward.now.name : null,
    ward_2025_code: newWard ? ward.now.code : null,
    latitude: partial ? null : ad.latitude,
    longitude: partial ? null : ad.longitude,
    posted: { minutes_ago: ad.posted.minutes_ago, days_ago: ad.posted.days_ago, date: ad.posted.date },
    address_scheme: scheme,
    shapes: { price: ad.quote.shape, area: ad.area.shape, address: ad.address.shape },
    raw: {
      price: ad.quote.text ?? null,
      area: ad.area.text ?? null,
      address: (partial ? ad.address.card : ad.address.line1) ?? null,
      posted: ad.posted.text ?? null,
    },
    fault,
    partial,
    repost_of: ad.repostOf === null ? null : link(catalog.ad(ad.repostOf)),
    edited: ad.edited,
    link_styles: styles,
  };
}

/** What there is to find, from the generator's own numbers. */
export function truthOf(catalog: Catalog, faults: ReadonlyMap<number, Fault>, indexFaults: boolean): Truth {
  const styles = new Map<number, LinkStyle[]>();
  const links = new Set<string>();
  let indexPages = 0;
  let failing = 0;
  let cards = 0;
  for (const transaction of ["sale", "rent"] as const) {
    const list = section(catalog, transaction);
    indexPages += pagesOf(list);
    if (indexFaults) failing += [...INDEX_FAULTS[transaction].keys()].filter((page) => page <= pagesOf(list)).length;
    for (let page = 1; page <= pagesOf(list); page++)
      for (const { ad, style } of cardsOf(list, page, catalog, faults)) {
        cards++;
        links.add(new URL(hrefOf(ad, style).split("#", 1)[0] ?? "", ORIGIN).href);
        styles.set(ad.n, [...(styles.get(ad.n) ?? []), style]);
      }
  }
  const listings = Array.from({ length: catalog.size }, (_, n) =>
    trueListing(catalog.ad(n), catalog, faults.get(n) ?? null, styles.get(n) ?? []),
  );
  const scripted = Array.from({ length: SCRIPTED }, (_, i) => trueListing(catalog.ad(catalog.size + i), catalog, null, ["plain"]));
  const byFault: Partial<Record<Fault, number>> = {};
  for (const fault of faults.values()) byFault[fault] = (byFault[fault] ?? 0) + 1;
  const counted = (test: (listing: TrueListing) => boolean) => listings.filter(test).length;
  return {
    listings,
    scripted,
    counts: {
      listings: listings.length,
      sale: counted((l) => l.transaction === "sale"),
      rent: counted((l) => l.transaction === "rent"),
      index_pages: indexPages,
      cards,
      card_links: links.size,
      details: counted((l) => !l.partial),
      partial: counted((l) => l.partial),
      reposts: counted((l) => l.repost_of !== null && !l.edited),
      edits: counted((l) => l.edited),
      provinces: new Set(listings.map((l) => l.province_code).filter(Boolean)).size,
      districts: new Set(listings.map((l) => l.district_code).filter(Boolean)).size,
      faults: byFault,
      index_faults: failing,
    },
    forbidden: [`${ORIGIN}${TRAP}p2`],
  };
}
