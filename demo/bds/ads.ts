import { drawAddress, type Address } from "./addresses.ts";
import { drawArea, type Area } from "./areas.ts";
import { drawPosted, type Posted } from "./dates.ts";
import { drawKind, type Kind, type Transaction } from "./kinds.ts";
import { PROVINCES, shortName, weightOf, type Place } from "./places.ts";
import { drawQuote, type Quote } from "./prices.ts";
import { between, drawing, pick, weighted, type Draw } from "./random.ts";
import { slug } from "./slug.ts";
import { dress, draft } from "./titles.ts";
import { PROJECTS, STREETS } from "./words.ts";

/** A listing: what is meant, and the texts that the pages make of it. */
export interface Ad {
  /** Place among all listings: sales first, then rentals. */
  readonly n: number;
  readonly id: number;
  readonly kind: Kind;
  readonly place: Place;
  readonly street: string | undefined;
  readonly project: string | undefined;
  readonly quote: Quote;
  readonly area: Area;
  readonly bedrooms: number | null;
  readonly toilets: number | null;
  readonly floors: number | null;
  readonly address: Address;
  readonly posted: Posted;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly title: string;
  /** Canonical path. */
  readonly path: string;
  /** `n` of the listing that was posted again as this one, under another id and link. */
  readonly repostOf: number | null;
  /** The re-post is not word for word: title and price changed. */
  readonly edited: boolean;
}

export interface Catalog {
  readonly seed: number;
  readonly size: number;
  /** How many of them, from the first, are sales. */
  readonly sales: number;
  readonly ad: (n: number) => Ad;
  /** The listing that bears this id, among those of the index pages and the few of the JavaScript page. */
  readonly byId: (id: number) => Ad | undefined;
}

/** Listings that only the page that needs JavaScript shows: they come after all the others. */
export const SCRIPTED = 5;

const FIRST_ID = 45_000_017;
const ID_STEP = 131;
const SALE_SHARE = 0.65;

/** Which earlier listing `n` repeats, if any. The two rules never point at one another's re-posts in the same step. */
function source(n: number, first: number): { of: number; edited: boolean } | null {
  const back = n % 53 === 11 ? 7 : n % 61 === 20 ? 9 : 0;
  const of = n - back;
  if (back === 0 || of < first || of % 53 === 11 || of % 61 === 20) return null;
  return { of, edited: back === 9 };
}

function drawPlace(draw: Draw): Place {
  const province = weighted(draw, PROVINCES, (_, i) => weightOf(i));
  const district = pick(draw, province.districts);
  return { province, district, ward: pick(draw, district.wards) };
}

/** Degrees with six decimals, as a map widget writes them. */
const near = (draw: Draw, centre: number) => Number((centre + (draw() - 0.5) * 0.03).toFixed(6));

function pathOf(ad: Pick<Ad, "kind" | "street" | "project" | "place" | "address" | "title" | "id">): string {
  const where = ad.address.scheme === "none" ? [] : [ad.street === undefined ? "" : `duong ${ad.street}`, ad.place.ward.name];
  const project = ad.project === undefined ? "" : `prj ${ad.project}`;
  return `/${[ad.kind.slug, ...[...where, project].filter(Boolean).map(slug)].join("-")}/${slug(ad.title).slice(0, 70).replace(/-$/, "")}-pr${ad.id}`;
}

function invent(
  seed: number,
  n: number,
  transaction: Transaction,
  edited: boolean,
): Omit<Ad, "n" | "id" | "path" | "posted" | "repostOf" | "edited"> {
  const draw = drawing(seed, n, 1);
  const kind = drawKind(draw, transaction);
  const place = drawPlace(draw);
  const project = kind.project === true && draw() < 0.8 ? pick(draw, PROJECTS) : undefined;
  const street = draw() < 0.85 ? pick(draw, STREETS) : undefined;
  const area = drawArea(draw, kind.area);
  const [low, high] = kind.rate;
  const big = place.province.code === "01" || place.province.code === "79" ? 1 : 0.45;
  const perM2 = (low + draw() * (high - low)) * big * (transaction === "sale" ? 1e6 : 1e3) * (edited ? 0.95 : 1);
  const quote = drawQuote(drawing(seed, n, 2), transaction, perM2, area.m2 ?? kind.area[0]);
  const rooms = kind.rooms !== undefined && draw() < 0.93 ? between(draw, ...kind.rooms) : null;
  const address = drawAddress(drawing(seed, n, 3), place, street, project);
  const pin = draw() < 0.85;
  const latitude = near(draw, place.district.latitude);
  const longitude = near(draw, place.district.longitude);
  const words = drawing(seed, n, 4);
  const town = address.scheme === "none" ? undefined : shortName(address.scheme === "new" ? place.ward.now.name : place.district.name);
  const title = dress(
    n,
    edited,
    draft(words, { kind, project, street: address.scheme === "none" ? undefined : street, town, bedrooms: rooms }),
  );
  return {
    kind,
    place,
    street,
    project,
    quote,
    area,
    bedrooms: rooms,
    toilets: rooms === null ? null : Math.max(1, rooms - between(draw, 0, 1)),
    floors: kind.type === "house" || kind.type === "villa" || kind.type === "townhouse" ? between(draw, 1, 7) : null,
    address,
    latitude: pin ? latitude : null,
    longitude: pin ? longitude : null,
    title,
  };
}

/** Listings kept at hand: each page names eight others besides its own. */
const KEPT = 4096;

/** Listings by number, made when asked for: a listing is a function of the seed and its number alone. */
export function catalog(size: number, seed: number): Catalog {
  const sales = Math.round(size * SALE_SHARE);
  const kept = new Map<number, Ad>();
  const make = (n: number): Ad => {
    const rent = n >= sales && (n < size || n % 2 === 1);
    const again = n < size ? source(n, rent ? sales : 0) : null;
    const made = invent(seed, again?.of ?? n, rent ? "rent" : "sale", again?.edited ?? false);
    const id = FIRST_ID + n * ID_STEP;
    return {
      n,
      id,
      ...made,
      posted: drawPosted(drawing(seed, n, 5)),
      path: pathOf({ ...made, id }),
      repostOf: again?.of ?? null,
      edited: again?.edited ?? false,
    };
  };
  const ad = (n: number): Ad => {
    let known = kept.get(n);
    if (known === undefined) {
      if (kept.size >= KEPT) kept.clear();
      known = make(n);
      kept.set(n, known);
    }
    return known;
  };
  const byId = (id: number) => {
    const n = (id - FIRST_ID) / ID_STEP;
    return Number.isInteger(n) && n >= 0 && n < size + SCRIPTED ? ad(n) : undefined;
  };
  return { seed, size, sales, ad, byId };
}
