import { readFileSync } from "node:fs";
import { SettingsError, TransientError } from "../core/errors.ts";
import type { Page } from "../core/page.ts";
import { detectWall } from "../crawl/http/blocked.ts";
import { decode } from "../crawl/http/decode.ts";
import { createPage } from "../crawl/page/page.ts";

/** What browsers write into pages they save. */
const SAVED_FROM = /<!--\s*saved from url=\(\d+\)(https?:\/\/\S+)\s*-->/;

/**
 * A saved page. Its URL is the one given, else what the page says of itself: canonical link, og:url, or the browser's
 * "saved from" comment.
 * @throws SettingsError where it cannot be read, or nothing says where it is from; TransientError `blocked` for a wall
 */
export function readPageFile(path: string, { url, now }: { url: string | undefined; now: () => Date }): Page {
  let body: Buffer;
  try {
    body = readFileSync(path);
  } catch (cause) {
    throw new SettingsError("cannot_read", `page: cannot read ${path}`, { cause });
  }
  if (url !== undefined && !isWebUrl(url)) throw new SettingsError("bad_url", `page: --url ${JSON.stringify(url)} is not an http(s) URL`);
  const at = (of: string): Page => createPage({ url: of, body, fetchedAt: now(), decode });
  const found = url ?? ownUrl(at("http://localhost/"), path);
  if (found === undefined)
    throw new SettingsError(
      "no_url",
      `page: ${path} does not say where it is from (no canonical link, no og:url): give its URL with --url`,
    );
  return at(new URL(found).href);
}

function ownUrl(page: Page, path: string): string | undefined {
  const candidates = [
    page.css("link[rel~=canonical]").attr("href"),
    page.css('meta[property="og:url"]').attr("content"),
    SAVED_FROM.exec(page.text.slice(0, 2_000))?.[1],
  ];
  const own = candidates.map((c) => c?.trim()).find((c) => c !== undefined && isWebUrl(c));
  // Walls never say where they stand; 403, for a saved page has lost the status that made it suspect.
  const wall = own === undefined ? detectWall(403, {}, page.body.length, () => page.text) : undefined;
  if (wall !== undefined) throw new TransientError("blocked", `page: ${path} is a wall, not content: ${wall}`);
  return own;
}

function isWebUrl(text: string): boolean {
  return /^https?:\/\/[^/?#]+/i.test(text) && URL.canParse(text);
}
