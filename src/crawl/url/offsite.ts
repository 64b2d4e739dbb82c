import { SettingsError } from "../../core/errors.ts";
import { parseUrl } from "./parse-url.ts";

/** Whether a URL's host (or the host itself, as in `URL.hostname`) is one that the crawl may follow. */
export interface OffsiteFilter {
  readonly allows: (url: URL | string) => boolean;
  readonly allowsHost: (host: string) => boolean;
}

/** Above this many hosts the memory of what was decided starts anew. */
const MEMORY = 10_000;

/**
 * Lets through the given domains and all their sub-domains; with none given, everything. Entries may be written as names
 * (`Bücher.de`, `*.example.com`) or, a common slip, as URLs.
 * @throws SettingsError for an entry that is no host name
 */
export function createOffsiteFilter(allowedDomains: readonly string[] | undefined): OffsiteFilter {
  const domains = new Set(allowedDomains?.map(domainOf));
  const decided = new Map<string, boolean>();

  function allowsHost(host: string): boolean {
    if (domains.size === 0) return true;
    let answer = decided.get(host);
    if (answer === undefined) {
      if (decided.size >= MEMORY) decided.clear();
      answer = isWithin(host, domains);
      decided.set(host, answer);
    }
    return answer;
  }

  function allows(url: URL | string): boolean {
    if (domains.size === 0) return true;
    if (typeof url !== "string") return allowsHost(url.hostname);
    const host = PLAIN_HOST.exec(url)?.[1] ?? parseUrl(url)?.hostname;
    return host !== undefined && allowsHost(host);
  }

  return { allows, allowsHost };
}

/** The host of a URL that needs no parsing for it: no user, no port, nothing to decode or lower-case. */
const PLAIN_HOST = /^https?:\/\/([a-z0-9.-]+)(?=[/?#]|$)/;

function isWithin(host: string, domains: ReadonlySet<string>): boolean {
  let name = host.endsWith(".") ? host.slice(0, -1) : host;
  if (domains.has(name)) return true;
  if (/^[\d.]+$/.test(name)) return false;
  for (let dot = name.indexOf("."); dot !== -1; dot = name.indexOf(".")) {
    name = name.slice(dot + 1);
    if (domains.has(name)) return true;
  }
  return false;
}

function domainOf(entry: string): string {
  const text = entry.trim().replace(/^\*?\./, "");
  const host = parseUrl(text.includes("://") ? text : `http://${text}`)?.hostname.replace(/\.$/, "");
  if (host === undefined || host === "") {
    throw new SettingsError("bad_domain", `spider: allowedDomains: ${JSON.stringify(entry)} is no host name: write it like example.com`);
  }
  return host;
}
