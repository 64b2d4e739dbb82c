import type { Listing } from "../../domain/bds/listing.ts";
import { listing } from "./listings.ts";

/** mulberry32: the same numbers for the same seed, on every machine. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below);
  };
}

const SITES = ["a.example", "b.example", "c.example"];
const TYPES = ["house", "land", "apartment", null] as const;

/**
 * Rows of many crawls of three sites over half a year: listings that come, stay away and come back, prices that move, are withdrawn
 * or change their unit, cards in place of pages, rows twice, rows at one time that differ, rows that break a rule.
 */
export function randomCrawls(random: (below: number) => number): { rows: Listing[]; valid: Listing[] } {
  const rows: Listing[] = [];
  const bad: Listing[] = [];
  const prices = new Map<number, number>();
  let at = Date.UTC(2026, 0, 3, 20);
  for (let crawl = 0; crawl < 14; crawl++) {
    at += (random(5) === 0 ? 33 + random(30) : 1 + random(14)) * 86_400_000 + random(86_400_000);
    const site = random(SITES.length);
    const seen = Array.from({ length: 12 }, () => random(20));
    seen.forEach((n, i) => {
      const id = 1000 * site + n;
      const price = random(3) === 0 ? 1_000_000 * (1 + random(5000)) + random(9) : (prices.get(id) ?? 2_500_000_000);
      prices.set(id, price);
      const kind = random(12);
      const row = listing(id, {
        link: `https://${SITES[site]}/tin-${n}`,
        source: random(30) === 0 ? "z.example" : SITES[site]!,
        title: `Nhà ${n}${random(6) === 0 ? " đẹp" : ""}`,
        property_type: TYPES[n % 4]!,
        transaction: n % 7 === 0 ? null : n % 3 === 0 ? "rent" : "sale",
        price_vnd: kind === 0 ? null : kind === 1 ? 0 : price,
        price_unit: kind === 0 ? "negotiable" : kind === 2 ? "per_m2" : n % 3 === 0 ? "per_month" : "total",
        province_2025: n % 5 === 0 ? null : "Thành phố Hồ Chí Minh",
        province_2025_code: n % 5 === 0 ? null : "79",
        ward_2025: n % 5 === 0 || n % 2 === 0 ? null : "Phường Tân Hưng",
        ward_2025_code: n % 5 === 0 || n % 2 === 0 ? null : "27478",
        longitude: n % 6 === 0 ? null : 106.7,
        partial: random(5) === 0,
        crawled_at: new Date(at + Math.floor(i / 2) * 60_000).toISOString(),
      });
      rows.push(row);
      if (random(6) === 0) rows.push(row);
      if (random(6) === 0) rows.push({ ...row, price_vnd: 1_000_000_000 + random(5), title: `Nhà ${n} khác` });
      if (random(25) === 0) bad.push({ ...row, title: "" });
    });
  }
  return { rows: shuffled([...rows, ...bad], random), valid: rows };
}

function shuffled<T>(items: readonly T[], random: (below: number) => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
