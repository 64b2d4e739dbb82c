import { createRequire } from "node:module";
import type { Robot } from "robots-parser";

// Its types claim an ES module's default export; the package is CommonJS and exports the function itself.
const robotsParser = createRequire(import.meta.url)("robots-parser") as (url: string, text: string) => Robot;

/** What one robots.txt says to one robot. */
export interface RobotsRules {
  allows(url: string): boolean;
  /** Milliseconds between requests that it asks for. */
  readonly crawlDelayMs: number | undefined;
  readonly sitemaps: readonly string[];
}

/** RFC 9309 2.5: a parser has to take at least 500 KiB; what lies beyond is not read. */
const MAX_BYTES = 500 * 1024;

/**
 * The rules of a robots.txt, for the robot that `userAgent` names. `url` is its address: it binds the rules to one origin.
 * A check costs 2-6 µs on real files and 0.3 ms on the worst of 4,231, so answers are not remembered.
 */
export function parseRobots(url: string, body: Uint8Array, userAgent: string): RobotsRules {
  const robots = robotsParser(url, textOf(body));
  const name = robotName(userAgent);
  const delay = robots.getCrawlDelay(name);
  return {
    // undefined: the URL is not of this origin, so these rules say nothing about it.
    allows: (page) => robots.isAllowed(page, name) !== false,
    crawlDelayMs: delay === undefined || !(delay > 0) ? undefined : delay * 1000,
    sitemaps: robots.getSitemaps(),
  };
}

/** The product token that groups are matched by: `bot` of `bot/1.0 (+https://…)` and of `Mozilla/5.0 (compatible; bot/1.0; …)`. */
function robotName(userAgent: string): string {
  const compatible = /\(compatible;\s*([^/;)\s]+)/i.exec(userAgent)?.[1];
  return compatible ?? /^[^/\s]*/.exec(userAgent.trim())?.[0] ?? "*";
}

/** RFC 9309 2.3: UTF-8. A cut falls on a line's end, lest half a path forbid more than the whole. */
function textOf(body: Uint8Array): string {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (buffer.length <= MAX_BYTES) return buffer.toString("utf8");
  const end = buffer.lastIndexOf(0x0a, MAX_BYTES);
  return buffer.toString("utf8", 0, end === -1 ? MAX_BYTES : end);
}
