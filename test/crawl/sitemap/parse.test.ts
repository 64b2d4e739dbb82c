import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { parseSitemap, type SitemapOptions } from "../../../src/crawl/sitemap/parse.ts";
import { hasShared, SHARED } from "../shared-data.ts";

const URL = "https://a.example/maps/sitemap.xml";
const parse = (text: string | Buffer, options: Partial<SitemapOptions> = {}) => parseSitemap(Buffer.from(text), { url: URL, ...options });
const locs = async (text: string | Buffer, options: Partial<SitemapOptions> = {}) =>
  (await parse(text, options)).urls.map(({ loc }) => loc);
const urlset = (...entries: string[]) =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries.join("")}</urlset>`;

test("a urlset gives its URLs with the date of their last change, gzip or not", async () => {
  const text = urlset(
    "<url><loc>\n https://a.example/1?a=1&amp;b=2 \n</loc><lastmod>2026-01-02</lastmod><priority>1</priority></url>",
    "<url><loc><![CDATA[https://a.example/nhà?x&y]]></loc></url>",
  );
  const expected = {
    urls: [{ loc: "https://a.example/1?a=1&b=2", lastmod: "2026-01-02" }, { loc: "https://a.example/nh%C3%A0?x&y" }],
    sitemaps: [],
    truncated: false,
  };
  expect(await parse(text)).toEqual(expected);
  expect(await parse(gzipSync(text))).toEqual(expected);
  expect(await parse(`\ufeff\n ${text}`)).toEqual(expected);
  expect(await parse(Buffer.from(`\ufeff${text}`, "utf16le"))).toEqual(expected);
});

test("an index gives further sitemaps, a robots.txt too", async () => {
  const index =
    "<sitemapindex><sitemap><loc>https://a.example/1.xml</loc><lastmod>2026</lastmod></sitemap><sitemap>https://a.example/2.xml.gz</sitemap></sitemapindex>";
  expect(await parse(index)).toEqual({ urls: [], sitemaps: ["https://a.example/1.xml", "https://a.example/2.xml.gz"], truncated: false });
  expect((await parse("User-agent: *\nDisallow: /x\nSitemap: https://a.example/1.xml\n sitemap:/2.xml\n")).sitemaps).toEqual([
    "https://a.example/1.xml",
    "https://a.example/2.xml",
  ]);
});

test("pictures, videos, alternates and other elements within an entry are not its location", async () => {
  const text =
    '<s:urlset xmlns:s="x"><s:url><image:image><image:loc>https://a.example/a.jpg</image:loc></image:image><loc>https://a.example/b</loc>' +
    '<xhtml:link rel="alternate" hreflang="vi" href="https://a.example/vi"/><s:extra><s:loc>https://a.example/deep</s:loc></s:extra>' +
    "<s:loc>https://a.example/1</s:loc><s:loc>https://a.example/2</s:loc></s:url><other><s:loc>https://a.example/no</s:loc></other></s:urlset>";
  expect(await locs(text)).toEqual(["https://a.example/1"]);
});

test("RSS and Atom feeds give the pages of their entries", async () => {
  const rss =
    '<rss version="2.0" xmlns:atom="a"><channel><link>https://a.example/</link><atom:link href="https://a.example/self" rel="self"/>' +
    "<item><title>x</title><link>https://a.example/1</link><pubDate>Sun, 01 Mar 2026 10:00:00 GMT</pubDate></item><item><link> https://a.example/2 </link></item></channel></rss>";
  expect((await parse(rss)).urls).toEqual([
    { loc: "https://a.example/1", lastmod: "Sun, 01 Mar 2026 10:00:00 GMT" },
    { loc: "https://a.example/2" },
  ]);
  const rdf =
    '<rdf:RDF xmlns:rdf="r"><channel><link>https://a.example/</link></channel><item><link>https://a.example/3</link></item></rdf:RDF>';
  expect(await locs(rdf)).toEqual(["https://a.example/3"]);
  const atom =
    '<feed><link href="/"/><entry><link rel="edit" href="/edit"/><link rel="alternate" href="/4"/><link href="/4b"/><updated>2026</updated><source><link href="/other"/></source></entry></feed>';
  expect((await parse(atom)).urls).toEqual([{ loc: "https://a.example/4", lastmod: "2026" }]);
});

test("what is malformed is read as far as it makes sense", async () => {
  expect(
    await locs(urlset("<url><loc>https://a.example/1?a=1&b=2&copy=3</loc></url>", "<url><loc>https://a.example/2</loc></url>")),
    "a bare &",
  ).toEqual(["https://a.example/1?a=1&b=2&copy=3", "https://a.example/2"]);
  expect(
    await locs("<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.example/2</loc></url><url><loc>https://a.ex"),
    "cut off",
  ).toEqual(["https://a.example/1", "https://a.example/2", "https://a.ex/"]);
  expect(
    await locs(
      urlset("<url><loc></loc></url>", "<url><loc>mailto:a@b.c</loc></url>", "<url><loc>http://</loc></url>", "<url><loc>3</loc></url>"),
    ),
    "bad entries",
  ).toEqual(["https://a.example/maps/3"]);
  expect(
    await locs(
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><urlset><url><loc>https://a.example/&b;</loc></url></urlset>',
    ),
    "entities are not expanded",
  ).toEqual(["https://a.example/&b;"]);
});

test("what is no sitemap gives nothing", async () => {
  for (const text of [
    "",
    "not found",
    '<!DOCTYPE html><html><body><a href="https://a.example/1">1</a><url><loc>https://a.example/2</loc></url></body></html>',
    "{}",
  ])
    expect(await parse(text)).toEqual({ urls: [], sitemaps: [], truncated: false });
});

test("text sitemaps have a URL a line, whatever ends the line", async () => {
  expect(await locs("\ufeffhttps://a.example/1\r\nhttps://a.example/2\r# note\n\n  http://a.example/3  \nftp://a.example/4")).toEqual([
    "https://a.example/1",
    "https://a.example/2",
    "http://a.example/3",
  ]);
});

test("URLs and bytes are bounded, and it is told when there was more", async () => {
  const many = urlset(...Array.from({ length: 5000 }, (_, i) => `<url><loc>https://a.example/${i}</loc></url>`));
  const { urls, truncated } = await parse(many, { maxUrls: 100 });
  expect(urls).toHaveLength(100);
  expect(truncated).toBe(true);
  expect((await parse(many)).truncated).toBe(false);
  expect((await parse("https://a.example/1\nhttps://a.example/2", { maxUrls: 1 })).truncated).toBe(true);
  await expect(parse(gzipSync(many), { maxBytes: 10_000 })).rejects.toMatchObject({ code: "body_too_large" });
});

test("a sitemap that is read in several slices loses nothing at their edges", async () => {
  const entries = Array.from({ length: 20_000 }, (_, i) => `https://a.example/nh%C3%A0?i=${i}&b=1`);
  const text = urlset(...entries.map((url) => `<url><loc>${url.replace("&", "&amp;")}</loc></url>`));
  expect(text.length).toBeGreaterThan(10 * 64 * 1024);
  expect(await locs(text)).toEqual(entries);
});

describe.skipIf(!hasShared)("crawler-commons' sitemaps", () => {
  const read = async (name: string) => {
    const { urls, sitemaps } = await parseSitemap(readFileSync(`${SHARED}/crawl-fixtures/sitemaps/${name}`), {
      url: `http://www.example.com/${name}`,
    });
    return [...urls.map(({ loc }) => loc), ...sitemaps];
  };
  const catalog = (...entries: string[]) => [
    "http://www.example.com/",
    ...entries.map((entry) => `http://www.example.com/catalog?${entry}`),
  ];
  const CATALOG = catalog(
    "item=12&desc=vacation_hawaii",
    "item=73&desc=vacation_new_zealand",
    "item=74&desc=vacation_newfoundland",
    "item=83&desc=vacation_usa",
  );

  test.each([
    ["sitemap.txt", ["http://www.domain.com/page1.html", "http://www.domain.com/page2.html"]],
    ["sitemap-with-bom.txt", ["http://www.domain.com/page1.html", "http://www.domain.com/page2.html"]],
    ["sitemap.txt.gz", CATALOG],
    ["xmlSitemap.gz", CATALOG],
    ["sitemap.badns.xml", ["http://www.example.com/1", "http://www.example.com/2"]],
    ["sitemap.ns.xml", ["http://www.example.com/1", "http://www.example.com/2"]],
    ["atom.xml", ["http://example.org/2003/12/13/atom03"]],
    ["do-not-visit.txt", ["http://www.example.com/do-not-visit-here"]],
  ])("%s", async (name, expected) => {
    expect(await read(name)).toEqual(expected);
  });

  test("sitemap.index.xml, whose entries lack <loc>", async () => {
    const sitemaps = await read("sitemap.index.xml");
    expect(sitemaps).toHaveLength(15);
    expect(sitemaps[0]).toBe("https://example.com/sitemap.jss?portalCode=10260&lang=en");
  });
});
