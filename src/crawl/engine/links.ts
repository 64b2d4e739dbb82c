import { RejectedError } from "../../core/errors.ts";
import type { Follow } from "../../core/follow.ts";
import type { Settings } from "../../core/settings.ts";
import type { Spider } from "../../core/spider.ts";
import type { NewRequest, StoredOptions } from "../journal/records.ts";
import type { LinkFilter } from "./harvest.ts";
import { callbackMissing, SITEMAP_CALLBACK } from "./visit.ts";

interface Options {
  spider: Spider;
  settings: Pick<Settings, "URLLENGTH_LIMIT" | "DEPTH_LIMIT">;
  onSite: (url: string) => boolean;
  fingerprint: (url: string) => Buffer;
}

/** Decides which follow-ups become requests: on the allowed sites, not too deep, not too long. */
export function createLinkFilter({ spider, settings, onSite, fingerprint }: Options): LinkFilter {
  const { URLLENGTH_LIMIT: longest, DEPTH_LIMIT: deepest } = settings;
  return (follow, depth) => {
    if (spider.callbacks[follow.callback] === undefined && !follow.callback.startsWith(SITEMAP_CALLBACK))
      throw callbackMissing(follow.callback, Object.keys(spider.callbacks));
    if (deepest > 0 && depth > deepest) return { filtered: "too_deep" };
    if (longest > 0 && follow.url.length > longest) return { filtered: "url_too_long" };
    if (!onSite(follow.url)) return { filtered: "offsite" };
    return toRequest(follow, depth, fingerprint);
  };
}

function toRequest({ url, callback, options }: Follow & { url: string }, depth: number, fingerprint: (url: string) => Buffer): NewRequest {
  const { fallback, data, headers, browser, dontFilter, priority = 0 } = options;
  if (!Number.isFinite(priority))
    throw new RejectedError("spider_error", `spider: follow ${url}: its priority is ${priority}, not a number`);
  const stored: StoredOptions = {
    ...(fallback === undefined ? undefined : { fallback }),
    ...(data === undefined ? undefined : { data }),
    ...(headers === undefined ? undefined : { headers }),
    ...(browser === undefined ? undefined : { browser }),
    ...(dontFilter === undefined ? undefined : { dontFilter }),
  };
  return {
    url,
    callback,
    depth,
    priority,
    fingerprint: dontFilter === true ? undefined : fingerprint(url),
    options: Object.keys(stored).length === 0 ? undefined : JSON.stringify(stored),
  };
}
