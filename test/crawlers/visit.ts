import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Follow, type Page, type Spider } from "arachne";
import type { RawListing } from "../../domain/bds/listing.ts";
import { makePage } from "../crawl/page/make-page.ts";

const folder = fileURLToPath(new URL("../../../shared/data/real-pages/", import.meta.url));

/** Pages that other people saved, beside the project: tests that read them are skipped where they are not. */
export const withoutRealPages = !existsSync(folder);

export function realPage(file: string, url: string): Page {
  return makePage(readFileSync(folder + file), { url });
}

export interface Visit {
  items: RawListing[];
  /** The fallbacks of the follow-ups that have one: what the cards say. */
  cards: RawListing[];
  /** Follow-ups without one. */
  pager: (string | undefined)[];
  follows: Follow[];
}

/** Runs a callback on a page and sorts what it yields. */
export function visit(spider: Spider, page: Page, callback = "parse"): Visit {
  const found: Visit = { items: [], cards: [], pager: [], follows: [] };
  // None of these spiders asks its context for anything but start URLs, nor waits for anything.
  const yields = spider.callbacks[callback]!(page, {} as Parameters<(typeof spider.callbacks)[string]>[1]) as Iterable<RawListing | Follow>;
  for (const each of yields) {
    if (!(each instanceof Follow)) found.items.push(each);
    else if (each.options.fallback === undefined) found.pager.push(each.url);
    else {
      found.follows.push(each);
      found.cards.push(each.options.fallback as RawListing);
    }
  }
  return found;
}

/** What every item of a page fetched by `makePage` shares. */
export const fetched = { crawled_at: "2026-02-01T06:00:00.000Z" };
