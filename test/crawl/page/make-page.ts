import { decode } from "../../../src/crawl/http/decode.ts";
import { createPage, type PageInit } from "../../../src/crawl/page/page.ts";
import type { Page } from "../../../src/core/page.ts";

/** A page as the crawl makes it, from HTML or bytes. */
export function makePage(body: string | Uint8Array, init: Partial<PageInit> = {}): Page {
  return createPage({
    url: "https://site.test/list/page",
    headers: { "content-type": "text/html; charset=utf-8" },
    fetchedAt: new Date("2026-02-01T06:00:00Z"),
    decode,
    ...init,
    body: typeof body === "string" ? Buffer.from(body) : body,
  });
}
