import type { CheerioAPI } from "cheerio";
import type { Follow, FollowOptions } from "./follow.ts";

/** The elements a selector matched, in document order. Iterating gives one single-element selection each. */
export interface Selection extends Iterable<Selection> {
  readonly length: number;
  /** Elements below these that match. */
  css(selector: string): Selection;
  /** Text of the first element and all below it, white space (NBSP too) collapsed and trimmed; undefined where nothing matched. */
  text(): string | undefined;
  /** `text()` of every element. */
  texts(): string[];
  /** The first element's own text nodes joined, exactly as they stand: Scrapy's `::text` of one element. */
  ownText(): string | undefined;
  /** Every text node that is a child of one of these elements, exactly as it stands: Scrapy's `::text` of them all. */
  ownTexts(): string[];
  /** The first element's attribute; undefined where there is no element or no such attribute. */
  attr(name: string): string | undefined;
  /** That attribute of every element that has it. */
  attrs(name: string): string[];
  /** Outer HTML of the first element. */
  html(): string | undefined;
}

/** A fetched page, as callbacks see it. Everything is lazy: a page whose callback reads only JSON is never parsed as HTML. */
export interface Page {
  /** Where the page was found in the end, after redirects. */
  readonly url: string;
  /** What was asked for. */
  readonly requestUrl: string;
  readonly status: number;
  /** Lower-case names; repeated headers joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetchedAt: Date;
  /** Links from the start URL: 0 for a start URL. */
  readonly depth: number;
  /** What `follow(…, { data })` handed along. */
  readonly data: unknown;
  readonly body: Uint8Array;
  /** The body as text, decoded by the WHATWG rules (BOM, header, meta). */
  readonly text: string;
  readonly encoding: string;
  css(selector: string): Selection;
  /** The page in cheerio, for those who prefer jQuery's way; parsed on first use, slower than `css`. */
  readonly $: CheerioAPI;
  /** The body as JSON. @throws RejectedError when it is not JSON. */
  json<T = unknown>(): T;
  /** Every JSON-LD object of the page; broken ones are skipped. */
  jsonLd(): Record<string, unknown>[];
  /** Next.js' `__NEXT_DATA__`, undefined where the page has none. */
  nextData<T = Record<string, unknown>>(): T | undefined;
  /** `url` made absolute against the page's base (`<base href>` counts); undefined when it cannot be a URL. */
  absolute(url: string): string | undefined;
  /** A request for a further page, to be yielded. Where `url` is undefined or broken, its fallback is emitted at once. */
  follow(url: string | undefined, callback?: string, options?: FollowOptions): Follow;
  /** One `follow` for every link that the selector matches (or for every URL given). */
  followAll(links: string | readonly string[], callback?: string, options?: FollowOptions): Follow[];
}
