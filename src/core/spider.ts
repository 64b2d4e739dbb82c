import type { Context } from "./context.ts";
import { RejectedError, TransientError } from "./errors.ts";
import type { Follow } from "./follow.ts";
import type { ItemType, RawOf } from "./item.ts";
import type { Page } from "./page.ts";
import type { SettingsInput } from "./settings.ts";

export interface SpiderContext extends Context {
  /** What `-a name=value` gave. */
  readonly args: Readonly<Record<string, string>>;
}

/** A file with one URL a line (blank lines and `#` comments skipped). */
export interface UrlFile {
  file: string;
  callback?: string;
}

/** A sitemap, sitemap index or text sitemap, gzip or not; nested ones are followed. */
export interface SitemapStart {
  sitemap: string | readonly string[];
  /** Only these URLs of it. */
  match?: RegExp;
  callback?: string;
}

export type StartUrls = readonly string[] | UrlFile | SitemapStart | ((c: SpiderContext) => Iterable<string> | AsyncIterable<string>);

type Yield<Raw extends object> = Raw | Follow;
export type Callback<Raw extends object = object> = (page: Page, c: SpiderContext) => Iterable<Yield<Raw>> | AsyncIterable<Yield<Raw>>;

/** A small site that comes with a spider, so that it can be tried offline: served to the spider under its own host name. */
export interface DemoSite {
  /** The host that links on it name, for example `bds.demo`. */
  host: string;
  /** Path of the start page. */
  start: string;
  /** Starts the server on 127.0.0.1, on `port` or a free one. */
  serve(options?: { port?: number }): Promise<{ port: number; close(): Promise<void> }>;
}

export interface SpiderBase<I extends ItemType> {
  item: I;
  startUrls: StartUrls;
  /** Links that leave these hosts (or their sub-domains) are dropped. Default: the start URLs' hosts. */
  allowedDomains?: readonly string[];
  /** Fetch pages with Chromium instead of plain HTTP. */
  browser?: boolean;
  settings?: SettingsInput;
  demo?: DemoSite;
  /** For `arachne list` and `--help`. */
  description?: string;
}

/** A spider as the engine sees it: callbacks by name, `parse` always among them. */
export interface Spider<I extends ItemType = ItemType> extends SpiderBase<I> {
  callbacks: Readonly<Record<string, Callback>>;
}

type SpiderShape<I extends ItemType, S> = {
  [K in keyof S]: K extends keyof SpiderBase<I> ? SpiderBase<I>[K] : Callback<RawOf<I>>;
};

const BASE_FIELDS = new Set<string>(["item", "startUrls", "allowedDomains", "browser", "settings", "demo", "description"]);

/**
 * A spider: its item, where it starts, and generator callbacks that yield items and `page.follow(…)`. `parse` gets the
 * start pages, the others the pages that name them. A callback must be a function of its page alone: after a crash it is
 * run again on the same page.
 */
export function defineSpider<I extends ItemType, S>(
  spec: { item: I; parse: Callback<RawOf<I>> } & Pick<SpiderBase<I>, "startUrls"> & SpiderShape<I, S>,
): Spider<I> {
  const base: Record<string, unknown> = {};
  const callbacks: Record<string, Callback> = {};
  for (const [name, value] of Object.entries(spec)) {
    if (BASE_FIELDS.has(name)) base[name] = value;
    else if (typeof value === "function") callbacks[name] = value as Callback;
  }
  // `spec` is a SpiderBase by its type; taking it apart by name is what the compiler cannot follow.
  return { ...(base as unknown as SpiderBase<I>), callbacks };
}

/** Throw it from a callback: this page is a wall (captcha, "checking your browser"), not content. Tried again later, then counted as blocked. */
export function blocked(what: string): TransientError {
  return new TransientError("blocked", `page is a wall, not content: ${what}`);
}

/** Throw it from a callback: the site answered 200 but says that the thing does not exist (a soft 404). Never tried again. */
export function notFound(what: string): RejectedError {
  return new RejectedError("not_found", `page says not found: ${what}`);
}
