import type { TopicMessage } from "../../src/core/topic.ts";
import type { Listing } from "../../domain/bds/listing.ts";
import { hugeText } from "../streams/events-input.ts";
import { seeded } from "./kills.ts";

export interface ListingInput {
  messages: TopicMessage[];
  /** By link, what must be served: of its newest version. */
  expected: Map<string, object>;
  /** What must be set aside, and why. */
  poison: { reason: string; value: Buffer }[];
}

export interface ListingOptions {
  seed: number;
  count: number;
  /** Shares. */
  poison: number;
  repeats: number;
}

const HUGE = 5_000_000;
const DAY = Date.UTC(2026, 10, 1);

function listing(n: number, id: number, random: () => number): { listing: Listing; document: object } {
  const [latitude, longitude] = [8_000_000 + Math.floor(random() * 15e6), 102_000_000 + Math.floor(random() * 7e6)];
  const placed = random() < 0.7;
  const price = Math.floor(random() * 1e11);
  const item: Listing = {
    link: `https://batdongsan.com.vn/ban-nha-pr${id}`,
    listing_id: String(id),
    title: `Bán nhà phố số ${n}, mặt tiền đường Nguyễn Huệ`,
    transaction: random() < 0.5 ? "sale" : "rent",
    property_type: "house",
    price_vnd: price,
    price_unit: "total",
    price_per_m2_vnd: Math.floor(price / 80),
    area_m2: Math.floor(random() * 20_000) / 100,
    bedrooms: random() < 0.5 ? null : Math.floor(random() * 9),
    address: "Quận 1, Hồ Chí Minh",
    ward: null,
    ward_code: null,
    district: "Quận 1",
    district_code: "760",
    province: "Hồ Chí Minh",
    province_code: "79",
    ward_2025: null,
    ward_2025_code: null,
    province_2025: "Hồ Chí Minh",
    province_2025_code: "79",
    latitude: placed ? latitude / 1e6 : null,
    longitude: placed ? longitude / 1e6 : null,
    posted_at: "2026-11-20",
    crawled_at: new Date(DAY + n * 1000).toISOString(), // each version a time of its own
    source: "batdongsan.com.vn",
    partial: false,
    raw: { price: `${price} đ`, area: null, address: "Quận 1", posted: null },
  };
  const location = placed ? `${(latitude / 1e6).toFixed(6)},${(longitude / 1e6).toFixed(6)}` : null;
  return { listing: item, document: { ...item, location, gone_at: null } };
}

/** Of every kind by turns. */
const POISONS: readonly ((item: Listing) => { reason: string; value: string | Buffer })[] = [
  (item) => ({ reason: "not_json", value: JSON.stringify(item).slice(0, -1) }),
  (item) => ({ reason: "price_vnd: type", value: JSON.stringify({ ...item, price_vnd: "2 tỷ" }) }),
  (item) => ({ reason: "link: required", value: JSON.stringify({ ...item, link: undefined }) }),
  (item) => ({ reason: "not_utf8", value: Buffer.concat([Buffer.from(JSON.stringify(item).slice(0, 20)), Buffer.from([0xff, 0xfe])]) }),
  () => ({ reason: "not_an_object", value: "[]" }),
  (item) => ({ reason: "too_large", value: JSON.stringify({ ...item, title: hugeText(HUGE) }) }),
];

/** How many of the too large ones there are in all: they fill the test's own memory. */
const MOST_HUGE = 8;

/** Versions of a third as many listings, out of order, some of them twice, with poison among them: the same for the same seed. */
export function listingsInput({ seed, count, poison: share, repeats }: ListingOptions): ListingInput {
  const random = seeded(seed);
  const newest = new Map<string, { at: string; document: object }>();
  const all: { at: number; message: TopicMessage }[] = [];
  const poison: ListingInput["poison"] = [];
  for (let n = 0; n < count; n++) {
    const at = n + Math.floor(random() * 300);
    const { listing: item, document } = listing(n, Math.floor((random() * count) / 3), random);
    if (random() < share) {
      const kinds = poison.length < MOST_HUGE * POISONS.length ? POISONS.length : POISONS.length - 1;
      const { reason, value } = POISONS[poison.length % kinds]!(item);
      const bytes = Buffer.from(value);
      const text = typeof value === "string" ? { value } : { value: new TextDecoder().decode(value), bytes };
      all.push({ at, message: { key: item.link, ...text } });
      poison.push({ reason, value: bytes });
      continue;
    }
    const known = newest.get(item.link);
    if (known === undefined || known.at < item.crawled_at) newest.set(item.link, { at: item.crawled_at, document });
    const message = { key: item.link, value: JSON.stringify(item), headers: { origin: "real" } };
    all.push({ at, message });
    if (random() < repeats) all.push({ at: at + Math.floor(random() * 3_000), message });
  }
  all.sort((a, b) => a.at - b.at);
  const expected = new Map([...newest].map(([link, { document }]) => [link, document]));
  return { messages: all.map((m) => m.message), expected, poison };
}
