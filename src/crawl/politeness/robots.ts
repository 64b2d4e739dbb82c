import { ArachneError, describeError, RejectedError, TransientError } from "../../core/errors.ts";
import { parseRobots, type RobotsRules } from "./robots-rules.ts";

export interface RobotsOptions {
  /** Fetches a robots.txt, redirects followed; throws as the downloader does. */
  readonly fetch: (url: string) => Promise<{ readonly status: number; readonly body: Uint8Array }>;
  readonly userAgent: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** The robots.txt of every site of a crawl, each fetched once, when it is first needed. */
export interface Robots {
  /**
   * Undefined where the URL may be fetched and that is known at once; else a promise.
   * @throws RejectedError `robots_txt`: forbidden, for good
   * @throws TransientError `robots_unreachable`: the site has one that cannot be had now; not to be fetched until it can
   */
  allow(url: string): Promise<void> | undefined;
  /** Milliseconds that the host (with its port, as in a URL) wants between requests, as far as known by now. */
  crawlDelay(host: string): number | undefined;
  /** The sitemaps that an origin's robots.txt names. @throws as `allow` */
  sitemaps(url: string): Promise<readonly string[]>;
}

/** RFC 9309 2.4: not to be used longer than a day. */
const FRESH_MS = 24 * 3600 * 1000;
/** How long an unreachable one is not asked for again: first, and at most (it doubles). Pages waiting on it come back by their own retry policy. */
const RETRY_MS = 1000;
const RETRY_MAX_MS = 5 * 60_000;
/** Sites remembered at once; beyond, the oldest is forgotten and would be fetched anew. */
const MAX_SITES = 5000;

interface Site {
  rules: RobotsRules | undefined;
  /** Until when `rules`, or the failure, stands. */
  until: number;
  failures: number;
  failure: TransientError | undefined;
  loading: Promise<void> | undefined;
}

/**
 * What an answer means (RFC 9309 2.3.1): 2xx, its rules; 4xx (but 429), no rules; anything else (5xx, 429, no answer at all),
 * complete disallow: pages wait, and are tried again as any failed request. The RFC would let us ignore a robots.txt that
 * has been gone for 30 days; a crawl does not last that long.
 */
export function createRobots({ fetch, userAgent, now = Date.now }: RobotsOptions): Robots {
  const sites = new Map<string, Site>();

  function siteOf(origin: string): Site {
    let site = sites.get(origin);
    if (site === undefined) {
      site = { rules: undefined, until: 0, failures: 0, failure: undefined, loading: undefined };
      if (sites.size >= MAX_SITES) sites.delete(sites.keys().next().value!);
      sites.set(origin, site);
    }
    return site;
  }

  async function load(origin: string, site: Site): Promise<void> {
    const url = `${origin}/robots.txt`;
    try {
      const { status, body } = await fetch(url);
      if (status === 429 || status >= 500 || status < 200) throw new TransientError("http_error", `HTTP ${status}`);
      site.rules = parseRobots(url, status < 300 ? body : new Uint8Array(0), userAgent);
      site.until = now() + FRESH_MS;
      site.failure = undefined;
      site.failures = 0;
    } catch (error) {
      if (error instanceof ArachneError && error.code === "stopped") throw error;
      // Where it leads is nobody's robots.txt: a refused redirect or one without end counts as "not there" (2.3.1.2).
      if (error instanceof RejectedError && NOT_THERE.has(error.code)) {
        site.rules = parseRobots(url, new Uint8Array(0), userAgent);
        site.until = now() + FRESH_MS;
        return;
      }
      site.until = now() + Math.min(RETRY_MS * 2 ** site.failures++, RETRY_MAX_MS);
      // Rules that were had once stand on while the site is down.
      if (site.rules === undefined) site.failure = unreachable(url, error);
    }
  }

  /** Resolves when the site's rules are known, and rejects when they cannot be. Concurrent callers share one fetch. */
  function ready(origin: string, site: Site): Promise<void> | undefined {
    if (site.until > now()) return site.failure === undefined ? undefined : Promise.reject(site.failure);
    site.loading ??= load(origin, site).finally(() => (site.loading = undefined));
    return site.loading.then(() => {
      if (site.rules === undefined && site.failure !== undefined) throw site.failure;
    });
  }

  function verdict(site: Site, url: string): Promise<void> | undefined {
    return site.rules?.allows(url) === false ? Promise.reject(forbidden(url)) : undefined;
  }

  return {
    allow(url) {
      const origin = originOf(url);
      const site = siteOf(origin);
      const wait = ready(origin, site);
      return wait === undefined ? verdict(site, url) : wait.then(() => verdict(site, url));
    },
    crawlDelay: (host) => (sites.get(`https://${host}`) ?? sites.get(`http://${host}`))?.rules?.crawlDelayMs,
    async sitemaps(url) {
      const origin = originOf(url);
      const site = siteOf(origin);
      await ready(origin, site);
      return site.rules?.sitemaps ?? [];
    },
  };
}

const NOT_THERE = new Set(["too_many_redirects", "redirect_loop", "bad_redirect", "unsupported_scheme", "private_address"]);

/** Scheme and authority as they stand: no URL object is built for what every request asks. */
function originOf(url: string): string {
  return /^https?:\/\/[^/?#]+/i.exec(url)?.[0] ?? new URL(url).origin;
}

function forbidden(url: string): RejectedError {
  return new RejectedError("robots_txt", `robots.txt: ${url}: it forbids this page: leave it, or set ROBOTSTXT_OBEY=false if you may`);
}

function unreachable(url: string, cause: unknown): TransientError {
  const message = `robots.txt: ${url}: cannot be had (${describeError(cause)}): its site is left alone until it can (RFC 9309)`;
  return new TransientError("robots_unreachable", message, { cause });
}
