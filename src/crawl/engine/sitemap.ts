import { Follow } from "../../core/follow.ts";
import type { Page } from "../../core/page.ts";
import type { Spider } from "../../core/spider.ts";
import type { Harvest, NewRequest } from "../journal/records.ts";
import { EMPTY, type LinkFilter } from "./harvest.ts";
import { SITEMAP_CALLBACK } from "./visit.ts";

/** What a sitemap gives: further sitemaps, and the pages that the spider's `match` wants, for its callback. */
export async function sitemapHarvest(page: Page, callback: string, spider: Spider, link: LinkFilter, maxBytes: number): Promise<Harvest> {
  const { parseSitemap } = await import("../sitemap/parse.ts"); // most crawls have no sitemap and need no XML parser
  const { urls, sitemaps } = await parseSitemap(page.body, { url: page.url, maxBytes });
  const start = spider.startUrls;
  const match = typeof start === "object" && "sitemap" in start ? start.match : undefined;
  const follows: NewRequest[] = [];
  const add = (url: string, to: string, depth: number): void => {
    const request = link(new Follow(url, url, to) as Follow & { url: string }, depth);
    if (!("filtered" in request)) follows.push(request);
  };
  // A sitemap and what it lists are the crawl's start: their depth is 0.
  for (const url of sitemaps) add(url, SITEMAP_CALLBACK + callback, 0);
  for (const { loc } of urls) if (match === undefined || match.test(loc)) add(loc, callback, 0);
  return { ...EMPTY, follows };
}
