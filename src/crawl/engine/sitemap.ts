import type { Logger } from "../../core/context.ts";
import { Follow } from "../../core/follow.ts";
import type { Page } from "../../core/page.ts";
import type { Spider } from "../../core/spider.ts";
import type { Harvest, NewRequest } from "../journal/records.ts";
import { EMPTY, type HarvestOptions, type LinkFilter } from "./harvest.ts";
import { SITEMAP_CALLBACK } from "./visit.ts";

export interface SitemapOptions {
  link: LinkFilter;
  onFiltered: HarvestOptions["onFiltered"];
  maxBytes: number;
  log: Logger;
}

/** What a sitemap gives: further sitemaps, and the pages that the spider's `match` wants, for its callback. */
export async function sitemapHarvest(page: Page, callback: string, spider: Spider, o: SitemapOptions): Promise<Harvest> {
  const { parseSitemap } = await import("../sitemap/parse.ts"); // most crawls have no sitemap and need no XML parser
  const { urls, sitemaps, truncated } = await parseSitemap(page.body, { url: page.url, maxBytes: o.maxBytes });
  if (truncated)
    o.log.warn(`sitemap ${page.url}: it has more entries than are read: those beyond the first ${urls.length} are not crawled`);
  const start = spider.startUrls;
  const match = typeof start === "object" && "sitemap" in start ? start.match : undefined;
  const follows: NewRequest[] = [];
  const add = (url: string, to: string, depth: number): void => {
    const request = o.link(new Follow(url, url, to) as Follow & { url: string }, depth);
    if ("filtered" in request) o.onFiltered(request.filtered, url);
    else follows.push(request);
  };
  // A sitemap and what it lists are the crawl's start: their depth is 0.
  for (const url of sitemaps) add(url, SITEMAP_CALLBACK + callback, 0);
  for (const { loc } of urls)
    // `search`, since `test` of a /g pattern remembers where it stopped and would skip URLs.
    if (match === undefined || loc.search(match) !== -1) add(loc, callback, 0);
    else o.onFiltered("no_match", loc);
  return { ...EMPTY, follows };
}
