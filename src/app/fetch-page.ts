import { RejectedError, SettingsError } from "../core/errors.ts";
import type { Page } from "../core/page.ts";
import type { Settings } from "../core/settings.ts";
import type { Spider } from "../core/spider.ts";
import { createBrowserFetcher } from "../crawl/engine/browser.ts";
import { DEMO } from "../crawl/engine/start.ts";
import { decode } from "../crawl/http/decode.ts";
import { createDownloader } from "../crawl/http/downloader.ts";
import { isPrivateHost } from "../crawl/http/private-address.ts";
import { createPage } from "../crawl/page/page.ts";
import { createRobots } from "../crawl/politeness/robots.ts";
import { demoSites } from "./demo.ts";
import type { Project } from "./project.ts";

export interface FetchPageOptions {
  project: Project;
  settings: Settings;
  /** Whose `browser` and demo site count; without one, every spider's demo host is known. */
  spider?: Spider | undefined;
  /** Render with Chromium, or not, whatever the spider says. */
  browser?: boolean | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  signal: AbortSignal;
  now: () => Date;
}

export interface FetchedPage {
  /** Whatever its status. */
  page: Page;
  /** The URLs that answered with a redirect, in order. */
  redirects: readonly string[];
  elapsedMs: number;
}

/**
 * Downloads one page as a crawl would: headers, robots.txt on every hop, the guard against private addresses, limits, the
 * demo site under its own host name. Tried once, without a delay.
 * @throws SettingsError for what is no URL; RejectedError and TransientError as the downloader does, `robots_txt` among them
 */
export async function fetchPage(target: string, o: FetchPageOptions): Promise<FetchedPage> {
  const { settings, signal } = o;
  const url = toUrl(target, o.spider);
  const demo = await demoOf(url.host, o);
  const site = await demo?.serve();
  const virtualHosts = site === undefined ? {} : { [url.host]: site.port };
  // Who names a private address means it; only a public page's redirects must not lead to one.
  const privateAllowed = settings.PRIVATE_ADDRESSES_ALLOWED ?? (site === undefined && isPrivateHost(url.hostname));
  const downloader = createDownloader({ settings, privateAllowed, virtualHosts, signal, onHop: (_from, to) => allow(to.href) });
  const robots = createRobots({
    fetch: (robotsUrl) => downloader.fetch({ url: robotsUrl, onHop: () => {} }),
    userAgent: settings.USER_AGENT,
  });
  const browser = createBrowserFetcher({ settings, virtualHosts, privateAllowed });
  async function allow(to: string): Promise<void> {
    if (settings.ROBOTSTXT_OBEY) await robots.allow(to);
  }
  try {
    await allow(url.href);
    const rendered = o.browser ?? o.spider?.browser ?? false;
    const answer = rendered
      ? { redirects: [], ...(await browser.fetch(url.href, o.headers)) }
      : await downloader.fetch({ url: url.href, headers: o.headers });
    const page = createPage({
      url: answer.url,
      requestUrl: url.href,
      status: answer.status,
      headers: answer.headers,
      body: answer.body,
      fetchedAt: o.now(),
      decode,
    });
    return { page, redirects: answer.redirects, elapsedMs: answer.elapsedMs };
  } finally {
    await browser.close();
    await downloader.close();
    await site?.close();
  }
}

function toUrl(target: string, spider: Spider | undefined): URL {
  if (target === DEMO || target.startsWith(`${DEMO}:`)) {
    const demo = spider?.demo;
    if (demo === undefined)
      throw new SettingsError(
        "no_demo",
        `fetch: ${target}: ${spider === undefined ? "name the spider whose demo site it is: --spider NAME" : "this spider has no demo site: give a URL"}`,
      );
    return new URL(target === DEMO ? demo.start : target.slice(DEMO.length + 1), `http://${demo.host}`);
  }
  if (!/^https?:\/\/[^/?#]+/i.test(target) || !URL.canParse(target))
    throw new SettingsError("bad_url", `fetch: ${JSON.stringify(target)} is not an http(s) URL`);
  return new URL(target);
}

async function demoOf(host: string, { spider, project }: FetchPageOptions): Promise<Spider["demo"]> {
  if (spider !== undefined) return spider.demo?.host === host ? spider.demo : undefined;
  return (await demoSites(project)).find(({ demo }) => demo.host === host)?.demo;
}

/** @throws RejectedError where a crawl would count the page as failed */
export function refuseFailed({ page }: FetchedPage, settings: Settings): void {
  if (page.status >= 300 && !settings.HTTPERROR_ALLOWED_CODES.includes(page.status))
    throw new RejectedError(
      `http_${page.status}`,
      `fetch: ${page.url}: HTTP ${page.status}${page.status === 404 ? "" : " (HTTPERROR_ALLOWED_CODES lets a status pass)"}`,
    );
}
