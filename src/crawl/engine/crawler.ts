import type { Chain, ItemCheck } from "../../core/chain.ts";
import { RejectedError } from "../../core/errors.ts";
import type { PipelineContext } from "../../core/pipeline.ts";
import type { Spider, SpiderContext } from "../../core/spider.ts";
import { createDownloader } from "../http/downloader.ts";
import { isLoopbackHost, isPrivateHost } from "../http/private-address.ts";
import { openFrontier } from "../journal/frontier.ts";
import type { Journal } from "../journal/journal.ts";
import { createRobots } from "../politeness/robots.ts";
import { createThrottle } from "../politeness/throttle.ts";
import { fingerprint } from "../url/fingerprint.ts";
import { createOffsiteFilter } from "../url/offsite.ts";
import { createBrowserFetcher } from "./browser.ts";
import type { Deliverer } from "./deliver.ts";
import { createHarvester } from "./harvest.ts";
import { limitReached, pageWanted } from "./limits.ts";
import { createLinkFilter } from "./links.ts";
import { createLoop, hostKey } from "./loop.ts";
import { sitemapHarvest } from "./sitemap.ts";
import { createVisitor, SITEMAP_CALLBACK, type Answer } from "./visit.ts";

export interface CrawlerOptions {
  spider: Spider;
  chain: Chain;
  check: ItemCheck;
  /** Whether the item has a field `partial` for fallbacks to set. */
  marksPartial: boolean;
  context: PipelineContext & SpiderContext;
  journal: Journal;
  deliverer: Deliverer;
  /** The hosts the crawl starts on, ports included. */
  startHosts: readonly string[];
  /** Virtual hosts and the local ports that stand for them. */
  virtualHosts: Readonly<Record<string, number>>;
  /** Whether a setting was given by the user rather than by default. */
  explicit: (name: string) => boolean;
}

export interface Crawler {
  /** Resolves when the frontier is empty, or with the limit that ended the crawl. */
  run(): Promise<{ reason: string | undefined }>;
  wake(): void;
  status(): { parsed: number; failed: number; pending: number; inFlight: number; stored: number };
  filtered(): Record<string, number>;
}

/** A password in a URL is a secret: it is sent, never printed. */
const USER_INFO = /\/\/[^/?#@]*@/;
const SITE_SAID = /^(http_\d+|not_found|blocked|robots_txt)$/;

/** Puts the parts of a crawl together: frontier, throttle, robots, fetchers, callbacks and the journal. */
export function createCrawler(o: CrawlerOptions): Crawler {
  const { spider, chain, context: c, journal, deliverer, virtualHosts } = o;
  const { settings, log } = c;
  const startHosts = o.startHosts.map((host) => host.replace(/:\d+$/, ""));
  const local = (host: string): boolean => virtualHosts[host] !== undefined || isLoopbackHost(host.replace(/:\d+$/, ""));
  const onSite = createOffsiteFilter(spider.allowedDomains ?? startHosts).allows;
  const filtered: Record<string, number> = {};
  const started = Date.now();
  let reason: string | undefined;

  const privateAllowed =
    settings.PRIVATE_ADDRESSES_ALLOWED ?? startHosts.some((host) => virtualHosts[host] === undefined && isPrivateHost(host));
  const downloader = createDownloader({
    settings,
    virtualHosts,
    privateAllowed,
    signal: c.signal,
    onHop: (_from, to) => checkHop(to.href),
  });
  const robots = createRobots({ fetch: (url) => downloader.fetch({ url, onHop: () => {} }), userAgent: settings.USER_AGENT });
  const allow = (url: string): Promise<void> | undefined => (settings.ROBOTSTXT_OBEY ? robots.allow(url) : undefined);
  async function checkHop(to: string): Promise<void> {
    if (!onSite(to)) throw new RejectedError("offsite", `download: redirected to ${to}, which is not on the spider's allowedDomains`);
    await allow(to);
  }
  const throttle = createThrottle({
    settings,
    explicitDelay: o.explicit("DOWNLOAD_DELAY"),
    local,
    crawlDelay: (host) => robots.crawlDelay(host),
  });
  const browser = createBrowserFetcher({ settings, virtualHosts, privateAllowed });
  async function render(url: string, headers: Readonly<Record<string, string>> | undefined): Promise<Answer> {
    const answer = await browser.fetch(url, headers);
    if (answer.url !== url) await checkHop(answer.url); // Chromium follows redirects unasked: what they led to is looked at before it is used
    return answer;
  }
  const frontier = openFrontier(journal.db, throttle.tryAcquire);

  const link = createLinkFilter({ spider, settings, onSite, fingerprint });
  function onFiltered(why: string, link: string): void {
    filtered[why] = (filtered[why] ?? 0) + 1;
    log.debug("link not followed", { why, link });
  }
  const harvester = createHarvester({
    item: spider.item,
    chain,
    check: o.check,
    marksPartial: o.marksPartial,
    link,
    context: c,
    onFiltered,
  });

  const loop = createLoop({
    concurrency: settings.CONCURRENT_REQUESTS,
    journal,
    frontier,
    visit: createVisitor({
      spider,
      settings,
      harvester,
      fetch: ({ url, callback }, options) =>
        // A sitemap is data: Chromium would give the HTML that it shows XML as.
        (options?.browser ?? spider.browser) === true && !callback.startsWith(SITEMAP_CALLBACK)
          ? render(url, options?.headers)
          : downloader.fetch({ url, headers: options?.headers }),
      allow,
      answered(request, elapsedMs, status) {
        const host = hostKey(request);
        throttle.release(host, elapsedMs, status);
        frontier.released(host);
      },
      hold: (request, until) => throttle.hold(hostKey(request), until),
      fingerprint,
      sitemap: (page, callback) => sitemapHarvest(page, callback, spider, { link, onFiltered, maxBytes: settings.DOWNLOAD_MAXSIZE, log }),
      now: c.now,
    }),
    mayStart: (inFlight) =>
      deliverer.backlog() < settings.OUTBOX_MAX_ITEMS && pageWanted(settings, journal.counters.get("parsed"), inFlight),
    stopReason() {
      return (reason ??= limitReached(settings, { ...counts(), elapsedSeconds: (Date.now() - started) / 1000 }));
    },
    signal: c.signal,
    onRetry: (request, why, detail) => log.debug(`will try again: ${request.url}`, { why, detail }),
    onFailed(request, why, detail) {
      // The site's business (gone, forbidden) is told in a word; what may be the spider's or ours, in full.
      const shown = request.url.replace(USER_INFO, "//");
      if (SITE_SAID.test(why)) log.info(`not had (${why}): ${shown}`);
      else
        log.warn(`failed (${why}): ${shown}`, {
          detail: detail.replaceAll(`${request.url}: `, "").replaceAll(request.url, "this page"),
        });
    },
  });

  journal.onCommit((stored, queued) => {
    if (queued > 0) frontier.added();
    if (stored > 0) deliverer.poke();
    loop.wake();
  });

  const counts = () => ({
    pages: journal.counters.get("parsed"),
    items: journal.counters.get("stored"),
    errors: journal.counters.total("failed:"),
  });

  return {
    async run() {
      try {
        await loop.run();
      } finally {
        await browser.close();
        await downloader.close();
      }
      return { reason };
    },
    wake: () => loop.wake(),
    status() {
      const { pages, items, errors } = counts();
      return { parsed: pages, failed: errors, pending: journal.pending(), inFlight: loop.inFlight(), stored: items };
    },
    filtered: () => filtered,
  };
}
