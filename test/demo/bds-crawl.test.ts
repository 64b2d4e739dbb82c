import { Follow, type Page } from "arachne";
import { describe, expect, test } from "vitest";
import type { TrueListing } from "../../demo/bds/truth.ts";
import { cleanListing } from "../../domain/bds/clean_listing.ts";
import type { Listing, RawListing } from "../../domain/bds/listing.ts";
import { vietnamDay } from "../../domain/bds/posted.ts";
import { bds2026 } from "../../domain/bds/pages/bds_2026.ts";
import { readPage } from "../../domain/bds/pages/read_page.ts";
import { decode } from "../../src/crawl/http/decode.ts";
import { createPage } from "../../src/crawl/page/page.ts";
import { served } from "./ask.ts";

const NOW = new Date("2026-03-01T05:00:00Z");
const TRIES = 4;

interface Found {
  /** By canonical link, the last one found. */
  listings: Map<string, Listing>;
  indexPages: number;
  emitted: number;
  partial: number;
  forbidden: Set<string>;
}

/** The plainest of crawlers, over real HTTP with the bds spider's own readers: what any sound crawl of the site must find. */
async function walk(port: number): Promise<Found> {
  const found: Found = { listings: new Map(), indexPages: 0, emitted: 0, partial: 0, forbidden: new Set() };
  const emit = (raw: RawListing) => {
    const listing = cleanListing(raw, NOW);
    if ("drop" in listing) throw new Error(`dropped: ${listing.drop} ${raw.link}`);
    found.listings.set(listing.link, listing);
    found.emitted++;
    if (raw.partial === true) found.partial++;
  };

  async function get(url: string, data: unknown): Promise<Page | undefined> {
    for (let tries = 0; tries < TRIES; tries++) {
      const response = await fetch(url.replace("http://bds.demo", `http://127.0.0.1:${port}`)).catch(() => undefined);
      // Not in the site's interest to wait for here: Retry-After is the engine's to obey.
      if (response === undefined || response.status >= 500 || response.status === 429) continue;
      if (!response.ok || response.headers.get("content-type")?.startsWith("text/html") !== true) return undefined;
      const headers = Object.fromEntries(response.headers);
      const body = new Uint8Array(await response.arrayBuffer());
      const seenAs = response.url.replace(`http://127.0.0.1:${port}`, "http://bds.demo");
      return createPage({ url: seenAs, requestUrl: url, status: response.status, headers, body, fetchedAt: NOW, data, decode });
    }
    return undefined;
  }

  const seen = new Set<string>();
  let queue = [new Follow("http://bds.demo/nha-dat-ban", undefined)];
  const visit = async (follow: Follow): Promise<Follow[]> => {
    const url = follow.url?.split("#", 1)[0];
    if (url === undefined || seen.has(url)) return [];
    seen.add(url);
    if (url.startsWith("http://bds.demo/cam/")) {
      found.forbidden.add(url);
      return [];
    }
    const next: Follow[] = [];
    try {
      const page = await get(url, follow.options.data);
      if (page === undefined) throw new Error("gone");
      if (page.css(".js__srp-list").length > 0) found.indexPages++;
      for (const yielded of readPage(page, [bds2026])) {
        if (yielded instanceof Follow) next.push(yielded);
        else emit(yielded);
      }
    } catch (error) {
      const fallback = follow.options.fallback as RawListing | undefined;
      if (fallback === undefined) throw error;
      emit({ ...fallback, partial: true });
    }
    return next;
  };
  while (queue.length > 0) queue = (await Promise.all(queue.splice(0, 16).map(visit))).flat().concat(queue);
  return found;
}

const FIELDS = [
  "listing_id",
  "title",
  "transaction",
  "property_type",
  "price_vnd",
  "price_unit",
  "area_m2",
  "bedrooms",
  "latitude",
  "longitude",
] as const;
const PLACES = ["province", "district", "ward", "province_2025", "ward_2025"] as const;

function expected({ minutes_ago, days_ago, date }: TrueListing["posted"]): string | null {
  if (date !== null) return date;
  if (minutes_ago !== null) return vietnamDay(new Date(NOW.getTime() - minutes_ago * 60_000));
  return days_ago === null ? null : vietnamDay(new Date(NOW.getTime() - days_ago * 86_400_000));
}

/** What differs between the truth and what was found; a place that no text gives (null in the truth) may be found all the same. */
function differences(truth: TrueListing, found: Listing | undefined): string[] {
  if (found === undefined) return [`${truth.link}: not found`];
  const wrong = FIELDS.filter((name) => found[name] !== truth[name]).map((name) => `${name} ${found[name]} for ${truth[name]}`);
  for (const name of PLACES) {
    const code = `${name}_code` as const;
    if (truth[name] !== null && found[name] !== truth[name]) wrong.push(`${name} ${found[name]} for ${truth[name]}`);
    if (truth[code] !== null && found[code] !== truth[code]) wrong.push(`${code} ${found[code]} for ${truth[code]}`);
  }
  if (found.posted_at !== expected(truth.posted)) wrong.push(`posted_at ${found.posted_at} for ${expected(truth.posted)}`);
  return wrong.map((what) => `${truth.link}: ${what} (${JSON.stringify(truth.raw)})`);
}

describe("a crawl of the demo site from its start page", () => {
  test("reaches every listing once over, with nothing but cards and pagers, and finds what the truth says", async () => {
    const { demo, port, ask } = await served({ slow: false });
    const { listings, counts, forbidden } = demo.truth();
    const found = await walk(port);
    expect(listings.flatMap((listing) => differences(listing, found.listings.get(listing.link)))).toEqual([]);
    expect(found.listings.size).toBe(counts.listings);
    expect(found.indexPages).toBe(counts.index_pages);
    expect([...found.forbidden]).toEqual(forbidden);
    // Each link is asked for once, and a listing under two links comes twice: that is for the batch to join.
    expect(found.emitted).toBe(counts.card_links);
    expect(found.partial).toBe(counts.partial);
    const stats = JSON.parse((await ask("/__stats")).text);
    expect(stats.classes.trap).toBeUndefined();
    expect(stats.statuses[200]).toBeGreaterThan(counts.index_pages + counts.details);
  });

  test("is as true of a larger site without faults", async () => {
    const { demo, port } = await served({ listings: 2000, faults: false, slow: false });
    const { listings, counts } = demo.truth();
    const found = await walk(port);
    expect(counts.partial + found.partial).toBe(0);
    expect(listings.flatMap((listing) => differences(listing, found.listings.get(listing.link)))).toEqual([]);
    expect(found.emitted).toBe(counts.card_links);
  });
});
