import { RejectedError } from "../../core/errors.ts";
import { parseUrl } from "../url/parse-url.ts";
import type { Answer } from "./exchange.ts";

export type HttpHeaders = Readonly<Record<string, string>>;

/**
 * Where an answer points on to; undefined where it is no redirect (a 300 or 304, or one without a Location). Header
 * bytes come as one character each; those beyond ASCII are percent-encoded as they stand, be they UTF-8 or Latin-1.
 */
export function redirectLocation(answer: Answer): string | undefined {
  switch (answer.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return answer.headers["location"]?.replace(/[\x80-\xff]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
    default:
      return undefined;
  }
}

/** @throws RejectedError `bad_redirect` */
export function resolveLocation(location: string, from: URL): URL {
  const to = parseUrl(location, from.href);
  if (to === undefined) {
    throw new RejectedError("bad_redirect", `download: ${from.href}: it redirects to ${JSON.stringify(location)}, which is no URL`);
  }
  return to;
}

/** Fetch standard, HTTP-redirect fetch, step 12: 303 turns all but HEAD into GET, 301 and 302 turn POST into GET. */
export function redirectMethod(status: number, method: string): string {
  if (status === 303) return method === "HEAD" ? method : "GET";
  return (status === 301 || status === 302) && method === "POST" ? "GET" : method;
}

const CREDENTIALS = new Set(["authorization", "proxy-authorization", "cookie", "host"]);

/** A request's own headers for the next hop: what proves who we are stays with the origin it was meant for. */
export function redirectHeaders(headers: HttpHeaders | undefined, from: URL, to: URL): HttpHeaders | undefined {
  if (headers === undefined || from.origin === to.origin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())));
}
