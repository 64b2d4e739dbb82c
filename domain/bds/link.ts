/** What tells where a visitor came from, not what is shown: two links that differ in these are one listing. */
const TRACKING =
  /^(?:utm_.*|ga_.*|_ga|_gl|gclid|gbraid|wbraid|dclid|fbclid|msclkid|yclid|zarsrc|zclid|igshid|mc_[ce]id|ref|referrer|referer|source|src|px|from)$/i;

/** Where each site writes its id: batdongsan `-pr123`, mogi `-id123`, nhatot `/123.htm`, alonhadat `-123.html`. */
const IDS: readonly RegExp[] = [/-pr(\d+)\/?$/, /-id(\d+)\/?$/, /\/(\d+)\.htm$/, /-(\d+)\.html?$/];

/** A link that is canonical already, as most are: no need for URL's full parse. Dots only inside names, so no `/../`. */
const CANONICAL = /^https?:\/\/(?:www\.)?([a-z][a-z\d-]*(?:\.[a-z][a-z\d-]*)+)((?:\/[\w-][\w.~-]*)+)$/;

export interface Link {
  href: string;
  /** Without www. */
  host: string;
  path: string;
  /** The site's own id, where the path has it. */
  id: string | null;
}

/**
 * The one form of a link: no fragment, no tracking parameters, no doubled slashes, host in lower case. A link without a
 * host is taken against `source`. Undefined where it is no http link.
 */
export function canonicalLink(text: string, source?: string): Link | undefined {
  const plain = CANONICAL.exec(text);
  if (plain) return { href: text, host: plain[1]!, path: plain[2]!, id: listingId(plain[2]!) };
  const url = toUrl(text.trim(), source);
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) return undefined;
  url.hash = "";
  url.username = "";
  url.password = "";
  if (url.search !== "") {
    const names = [...url.searchParams.keys()];
    for (const name of names) if (TRACKING.test(name)) url.searchParams.delete(name);
    // An emptied query leaves its "?" behind.
    if (url.searchParams.size === 0) url.search = "";
  }
  if (url.pathname.includes("//")) url.pathname = url.pathname.replaceAll(/\/{2,}/g, "/");
  const { href, pathname } = url;
  return { href, host: url.hostname.replace(/^www\./, ""), path: pathname, id: listingId(pathname) };
}

function toUrl(text: string, source: string | undefined): URL | undefined {
  // Blanks within a link that says http are escaped, as browsers do; elsewhere they tell that it is no link.
  if (/^https?:\/\//i.test(text)) return parseUrl(text);
  if (text === "" || /\s/.test(text)) return undefined;
  if (text.startsWith("//")) return parseUrl(`https:${text}`);
  if (text.startsWith("/")) return source ? parseUrl(`https://${source}${text}`) : undefined;
  return /^[\w-]+(?:\.[\w-]+)+\//.test(text) ? parseUrl(`https://${text}`) : undefined;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function listingId(path: string): string | null {
  for (const pattern of IDS) {
    const found = pattern.exec(path);
    if (found) return found[1]!;
  }
  return null;
}
