import { createRequire } from "node:module";
import type { CheerioAPI } from "cheerio";
import { Follow, type FollowOptions } from "../../core/follow.ts";
import type { Page, Selection } from "../../core/page.ts";
import { select } from "./query.ts";
import { attributeOf } from "./read.ts";
import { ElementSelection } from "./selection.ts";
import { jsonLdOf, nextDataOf, parseJson } from "./structured.ts";
import { Tree } from "./tree.ts";

type Decode = (body: Uint8Array, contentType: string | undefined) => { text: string; encoding: string };

export interface PageInit {
  /** In the end, after redirects. */
  url: string;
  /** As asked for; default: `url`. */
  requestUrl?: string;
  status?: number;
  /** Lower-case names. */
  headers?: Readonly<Record<string, string>>;
  body: Uint8Array;
  fetchedAt: Date;
  depth?: number;
  data?: unknown;
  decode: Decode;
}

export function createPage(init: PageInit): Page {
  return new FetchedPage(init);
}

const require = createRequire(import.meta.url);

class FetchedPage implements Page {
  readonly url: string;
  readonly requestUrl: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetchedAt: Date;
  readonly depth: number;
  readonly data: unknown;
  readonly body: Uint8Array;
  readonly #decode: Decode;
  #decoded: { text: string; encoding: string } | undefined;
  #tree: Tree | undefined;
  #base: string | undefined;
  #cheerio: CheerioAPI | undefined;

  constructor(init: PageInit) {
    this.url = init.url;
    this.requestUrl = init.requestUrl ?? init.url;
    this.status = init.status ?? 200;
    this.headers = init.headers ?? {};
    this.fetchedAt = init.fetchedAt;
    this.depth = init.depth ?? 0;
    this.data = init.data;
    this.body = init.body;
    this.#decode = init.decode;
  }

  get text(): string {
    return this.#content().text;
  }

  get encoding(): string {
    return this.#content().encoding;
  }

  get $(): CheerioAPI {
    // Loaded here, for most crawls never need it and it takes 100 ms.
    this.#cheerio ??= (require("cheerio") as typeof import("cheerio")).load(this.text);
    return this.#cheerio;
  }

  css(selector: string): Selection {
    const tree = this.#html();
    return new ElementSelection(tree, select(tree, selector));
  }

  json<T = unknown>(): T {
    return parseJson(this.text, "the body", this.url) as T;
  }

  jsonLd(): Record<string, unknown>[] {
    return jsonLdOf(this.#html());
  }

  nextData<T = Record<string, unknown>>(): T | undefined {
    return nextDataOf(this.#html(), this.url) as T | undefined;
  }

  absolute(url: string): string | undefined {
    this.#base ??= this.#findBase();
    return resolve(url, this.#base);
  }

  follow(url: string | undefined, callback?: string, options?: FollowOptions): Follow {
    const absolute = url === undefined || url.trim() === "" ? undefined : this.absolute(url);
    return new Follow(absolute !== undefined && isWeb(absolute) ? absolute : undefined, url, callback, options);
  }

  followAll(links: string | readonly string[], callback?: string, options?: FollowOptions): Follow[] {
    const urls = typeof links === "string" ? this.#linksOf(links) : links;
    return urls
      .filter((url) => !/^\s*(#|$)/.test(url))
      .map((url) => this.follow(url, callback, options))
      .filter((follow) => follow.url !== undefined);
  }

  #linksOf(selector: string): string[] {
    return select(this.#html(), selector)
      .map((element) => attributeOf(element, "href"))
      .filter((href) => href !== undefined);
  }

  #content(): { text: string; encoding: string } {
    return (this.#decoded ??= this.#decode(this.body, this.headers["content-type"]));
  }

  #html(): Tree {
    return (this.#tree ??= new Tree(this.text));
  }

  #findBase(): string {
    // A page of JSON is not parsed as HTML for the sake of a link.
    if (this.#tree === undefined && !/<base\s/i.test(this.text)) return this.url;
    const base = select(this.#html(), "base[href]")[0];
    const absolute = base === undefined ? undefined : resolve(attributeOf(base, "href") ?? "", this.url);
    return absolute !== undefined && isWeb(absolute) ? absolute : this.url;
  }
}

const isWeb = (url: string): boolean => /^https?:/.test(url);

function resolve(url: string, base: string): string | undefined {
  try {
    return new URL(url, base).href;
  } catch {
    return undefined;
  }
}
