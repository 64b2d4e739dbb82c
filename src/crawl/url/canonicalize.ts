import { RejectedError } from "../../core/errors.ts";
import { parseUrl } from "./parse-url.ts";

/** `http(s)://host/path` of nothing but characters that every rule below leaves alone: most URLs of most sites. */
const PLAIN = /^https?:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*\/[A-Za-z0-9\-_~.!$'()*,;:@=+&/]*$/;
/** A dot segment, or a host that WHATWG would rewrite: an IPv4 number in any form (last label numeric or 0x…), or punycode to be validated. */
const NOT_PLAIN = /\/\.|^https?:\/\/(?:[^/]*\.)?(?:\d+|0x[0-9a-f]*)\/|\/\/(?:[^/]*\.)?xn--/;
/** A query that WHATWG parsing would leave as it is (but for `'`, which `canonicalQuery` would turn back), and no fragment. */
const ASCII_QUERY = /^[!$-;=?-~]*$/;

/**
 * The form in which two URLs are compared: equal exactly when they name the same resource by rules that no server breaks.
 * WHATWG parsing (case, default port, dot segments, IDN), then: no fragment; no dot after the host; percent-escapes in upper
 * case, those of unreserved characters decoded, stray `%` escaped (RFC 3986 6.2.2); and query parameters sorted by name and
 * value with empty ones kept and `a` = `a=`, as Scrapy's `canonicalize_url` does. For comparing only: requests are sent with
 * the URL as it was found.
 * @throws RejectedError `bad_url`
 */
export function canonicalize(text: string): string {
  const mark = text.indexOf("?");
  const resource = mark === -1 ? text : text.slice(0, mark);
  if (PLAIN.test(resource) && !NOT_PLAIN.test(resource)) {
    if (mark === -1) return text;
    const query = text.slice(mark + 1);
    if (ASCII_QUERY.test(query)) return withQuery(resource, canonicalQuery(query));
  }
  const url = parseUrl(text);
  if (url === undefined) throw new RejectedError("bad_url", `url: ${JSON.stringify(text)}: is no absolute URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    url.hash = "";
    return url.href;
  }
  const host = url.hostname.endsWith(".") ? url.hostname.slice(0, -1) : url.hostname;
  const user = url.username === "" && url.password === "" ? "" : `${url.username}:${url.password}@`;
  const port = url.port === "" ? "" : `:${url.port}`;
  const query = url.search === "" ? "" : canonicalQuery(url.search.slice(1));
  return withQuery(`${url.protocol}//${user}${host}${port}${canonicalPath(url.pathname)}`, query);
}

function withQuery(resource: string, query: string): string {
  return query === "" ? resource : `${resource}?${query}`;
}

const PLAIN_PATH = /^[A-Za-z0-9\-_~.!$'()*,;:@=+&/]*$/;
const PLAIN_PARAMETER = /^[A-Za-z0-9\-_~.!$'()*,;:@+/?]*(?:=[A-Za-z0-9\-_~.!$'()*,;:@+/?]*)?$/;
/** An escape, a stray percent sign, or a character that must not stand bare. WHATWG has left nothing but printable ASCII. */
const PATH_PART = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-_~.!$'()*,;:@=+&/]/g;
const QUERY_PART = /%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-_~.!$'()*,;:@+/?]/g;
/** What an escape may be decoded to. In a path only what never means anything; in a form-encoded value all but its own signs. */
const UNRESERVED = /[A-Za-z0-9\-_~.]/;
const QUERY_SAFE = /[A-Za-z0-9\-_~.!$'()*,;:@/?]/;

function canonicalPath(path: string): string {
  return PLAIN_PATH.test(path) ? path : path.replace(PATH_PART, (part) => canonicalPart(part, UNRESERVED));
}

function canonicalQuery(query: string): string {
  const parameters: string[] = [];
  let previous = "";
  let sorted = true;
  for (const parameter of query.split("&")) {
    if (parameter === "") continue;
    const canonical = canonicalParameter(parameter);
    parameters.push(canonical);
    if (sorted && compareParameters(previous, canonical) > 0) sorted = false;
    previous = canonical;
  }
  return (sorted ? parameters : parameters.sort(compareParameters)).join("&");
}

function canonicalParameter(parameter: string): string {
  const equals = parameter.indexOf("=");
  if (PLAIN_PARAMETER.test(parameter)) return equals === -1 ? `${parameter}=` : parameter;
  if (equals === -1) return `${canonicalValue(parameter)}=`;
  return `${canonicalValue(parameter.slice(0, equals))}=${canonicalValue(parameter.slice(equals + 1))}`;
}

function canonicalValue(value: string): string {
  return value.replace(QUERY_PART, (part) => (part === "%20" ? "+" : canonicalPart(part, QUERY_SAFE)));
}

function canonicalPart(part: string, decodable: RegExp): string {
  if (part.length === 3) {
    const character = String.fromCharCode(Number.parseInt(part.slice(1), 16));
    return decodable.test(character) ? character : part.toUpperCase();
  }
  return part === "%" ? "%25" : encodeURIComponent(part);
}

/** By name, then by value: `a=2` before `a.b=1`, which plain string order would turn round. */
function compareParameters(a: string, b: string): number {
  const nameA = a.slice(0, a.indexOf("="));
  const nameB = b.slice(0, b.indexOf("="));
  if (nameA !== nameB) return nameA < nameB ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
