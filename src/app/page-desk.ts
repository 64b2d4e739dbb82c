import type { CheerioAPI } from "cheerio";
import { SettingsError } from "../core/errors.ts";
import type { Logger } from "../core/context.ts";
import type { Page, Selection } from "../core/page.ts";
import { openPage, type OpenPageOptions } from "./open-page.ts";
import { parsePage } from "./parse-page.ts";

export interface PageDeskOptions extends OpenPageOptions {
  /** The spider that `items()` uses. */
  spiderName: string | undefined;
  log: Logger;
}

/** A page with the tools to try things on it. */
export interface PageDesk {
  readonly page: Page;
  /** The names that the shell offers; `page` follows `fetch`. */
  readonly scope: {
    readonly page: Page;
    /** `page.$` of a selector; loads cheerio only when it is used. */
    $(selector: string): ReturnType<CheerioAPI>;
    css(selector: string): Selection;
    /** @throws as `parsePage` */
    items(spider?: string, callback?: string): Promise<object[]>;
    fetch(url: string): Promise<string>;
  };
}

export async function createPageDesk(target: string, options: PageDeskOptions): Promise<PageDesk> {
  let page = await openPage(target, options);
  return {
    get page() {
      return page;
    },
    scope: {
      get page() {
        return page;
      },
      $: (selector) => page.$(selector),
      css: (selector) => page.css(selector),
      async items(name = options.spiderName, callback = "parse") {
        if (name === undefined)
          throw new SettingsError("no_spider", 'items: name the spider, as in items("bds_spider"), or start the shell with --spider');
        const { log, signal, now, settings } = options;
        return (await parsePage(await options.project.load("crawlers", name), page, callback, { log, signal, now, settings, args: {} }))
          .items;
      },
      async fetch(url) {
        const { url: _, ...rest } = options;
        page = await openPage(page.absolute(url) ?? url, rest);
        return `${page.url}  (HTTP ${page.status})`;
      },
    },
  };
}
