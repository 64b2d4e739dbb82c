import { decode } from "../http/decode.ts";
import { gunzipIfGzip } from "../http/decompress.ts";
import { parseUrl } from "../url/parse-url.ts";
import { readXml, type TakeEntry } from "./read-xml.ts";

interface SitemapUrl {
  readonly loc: string;
  /** As written: a W3C date, or whatever stands there. */
  readonly lastmod?: string;
}

export interface Sitemap {
  /** Absolute http(s) URLs in document order; entries that are none are left out. */
  readonly urls: readonly SitemapUrl[];
  /** Further sitemaps: of a sitemap index, or of a robots.txt given as one. */
  readonly sitemaps: readonly string[];
  /** There was more than the limits let through. */
  readonly truncated: boolean;
}

export interface SitemapOptions {
  /** Where it was found, for relative entries (the protocol forbids them, sites write them) and for messages. */
  readonly url: string;
  readonly contentType?: string | undefined;
  /** Bytes after unpacking; default: the protocol's 50 MB. */
  readonly maxBytes?: number | undefined;
  /** The protocol says 50,000; some sites write more. */
  readonly maxUrls?: number | undefined;
}

const PROTOCOL_BYTES = 50 * 1024 * 1024;
const MAX_URLS = 200_000;

/**
 * Reads a sitemap in any shape that sites use: urlset or index (whatever its namespace), plain text, RSS or Atom, a
 * robots.txt with Sitemap lines; gzip or not. What is malformed is read as far as it makes sense; a page that is none of
 * these (a "not found" page, say) gives nothing.
 * @throws RejectedError `body_too_large` when it unpacks to more than `maxBytes`, `bad_encoding` when it is broken gzip
 */
export async function parseSitemap(body: Uint8Array, options: SitemapOptions): Promise<Sitemap> {
  const { url: base, maxBytes = PROTOCOL_BYTES, maxUrls = MAX_URLS } = options;
  const packed = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const { text } = decode(await gunzipIfGzip(packed, maxBytes, base), options.contentType);
  const urls: SitemapUrl[] = [];
  const sitemaps: string[] = [];
  let truncated = false;
  const take = (kind: "url" | "sitemap", link: string, lastmod?: string): boolean => {
    const loc = absolute(link, base);
    if (loc === undefined) return true;
    if (urls.length + sitemaps.length >= maxUrls) {
      truncated = true;
      return false;
    }
    if (kind === "sitemap") sitemaps.push(loc);
    else urls.push(lastmod === undefined || lastmod === "" ? { loc } : { loc, lastmod });
    return true;
  };
  if (/^\s*</.test(text)) readXml(text, take);
  else readLines(text, take);
  return { urls, sitemaps, truncated };
}

function readLines(text: string, take: TakeEntry): void {
  for (const line of text.split(/[\r\n]+/)) {
    const named = /^\s*sitemap\s*:\s*(\S+)/i.exec(line)?.[1];
    if (named !== undefined) {
      if (!take("sitemap", named)) return;
    } else if (/^\s*https?:\/\//i.test(line) && !take("url", line)) return;
  }
}

function absolute(link: string, base: string): string | undefined {
  const text = link.trim();
  if (text === "") return undefined;
  const url = parseUrl(text, base);
  return url?.protocol === "http:" || url?.protocol === "https:" ? url.href : undefined;
}
