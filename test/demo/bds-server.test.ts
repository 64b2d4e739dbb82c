import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { load } from "cheerio";
import { chromium } from "playwright";
import type { Robot } from "robots-parser";
import { describe, expect, onTestFinished, test } from "vitest";
import { bdsDemo } from "../../demo/bds/site.ts";
import { pathOf, served } from "./ask.ts";

const robotsParser = createRequire(import.meta.url)("robots-parser") as (url: string, text: string) => Robot;
const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

describe("the demo site's server", () => {
  test("listens on 127.0.0.1, on the port asked for or a free one, and stops at once", async () => {
    const { port, close } = await served();
    const second = await bdsDemo.serve({ port: 0 });
    onTestFinished(() => second.close());
    expect(second.port).not.toBe(port);
    await expect(bdsDemo.serve({ port: second.port })).rejects.toThrow("EADDRINUSE");
    await close();
    await expect(fetch(`http://127.0.0.1:${port}/robots.txt`)).rejects.toThrow("fetch failed");
    const again = await bdsDemo.serve({ port });
    expect(again.port).toBe(port);
    await again.close();
  });

  test("names its host and its start page", () => {
    expect(bdsDemo).toMatchObject({ host: "bds.demo", start: "/nha-dat-ban" });
  });

  test("answers in the coding that the client accepts, and the same bytes in each", async () => {
    const { ask } = await served();
    const plain = await ask("/nha-dat-ban");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const inflate = { br: brotliDecompressSync, gzip: gunzipSync, deflate: inflateSync };
    for (const [coding, decode] of Object.entries(inflate)) {
      const packed = await ask("/nha-dat-ban", { "accept-encoding": `${coding}, identity;q=0.1` });
      expect(packed.headers).toMatchObject({ "content-encoding": coding, vary: "accept-encoding" });
      expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 3);
      expect(decode(packed.bytes).equals(plain.bytes)).toBe(true);
    }
    const both = await ask("/nha-dat-ban", { "accept-encoding": "gzip, deflate, br" });
    expect(both.headers["content-encoding"]).toBe("br");
    const refused = await ask("/nha-dat-ban", { "accept-encoding": "br;q=0, gzip;q=0" });
    expect(refused.headers["content-encoding"]).toBeUndefined();
  });

  test("gzips some pages whatever the client accepts", async () => {
    const { demo, ask } = await served();
    const listings = demo.truth().listings.filter((l) => l.fault === "always gzip");
    expect(listings.length).toBeGreaterThan(5);
    for (const path of ["/nha-dat-ban/p3", ...listings.map(pathOf)]) {
      const reply = await ask(path);
      expect(reply.headers["content-encoding"]).toBe("gzip");
      expect(gunzipSync(reply.bytes).toString()).toContain("</html>");
    }
  });

  test("counts requests by class, status and path, but not the counters' own", async () => {
    const { demo, ask } = await served();
    const first = demo.truth().listings.find((l) => l.fault === null);
    if (first === undefined) throw new Error("no listing");
    await ask("/nha-dat-ban");
    await ask("/nha-dat-ban");
    await ask("/robots.txt");
    await ask(`${pathOf(first)}?utm_source=x`);
    await ask("/tin/1");
    await ask("/__hits");
    expect(JSON.parse((await ask("/__hits")).text)).toEqual({
      "/nha-dat-ban": 2,
      "/robots.txt": 1,
      [`${pathOf(first)}?utm_source=x`]: 1,
      "/tin/1": 1,
    });
    expect(JSON.parse((await ask("/__stats")).text)).toEqual({
      requests: 5,
      classes: { index: 2, robots: 1, detail: 1, unknown: 1 },
      statuses: { 200: 4, 404: 1 },
    });
  });

  test("answers HEAD without a body and refuses other methods", async () => {
    const { ask } = await served();
    const head = await ask("/nha-dat-ban", {}, "HEAD");
    expect([head.status, head.bytes.length, Number(head.headers["content-length"]) > 10_000]).toEqual([200, 0, true]);
    expect(await ask("/nha-dat-ban", {}, "POST")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  });

  test("closes the trap by robots.txt, though index pages link into it", async () => {
    const { demo, ask } = await served();
    const robots = await ask("/robots.txt");
    const rules = robotsParser("http://bds.demo/robots.txt", robots.text);
    expect(rules.getSitemaps()).toEqual(["http://bds.demo/sitemap.xml"]);
    expect(rules.isAllowed("http://bds.demo/nha-dat-ban/p2", "arachne")).toBe(true);
    const { forbidden } = demo.truth();
    expect(forbidden.length).toBeGreaterThan(0);
    for (const link of forbidden) expect(rules.isAllowed(link, "arachne")).toBe(false);
    const $ = load((await ask("/nha-dat-ban")).text);
    const arrows = $(".re__pagination-icon")
      .map((_, a) => `http://bds.demo${$(a).attr("href")}`)
      .get();
    expect(arrows).toEqual(expect.arrayContaining(forbidden));
    // Who goes in all the same never gets out.
    const inside = load((await ask("/cam/p41")).text);
    expect(inside(".re__pagination-icon").attr("href")).toBe("/cam/p42");
    expect(JSON.parse((await ask("/__stats")).text).classes.trap).toBe(1);
  });

  test("has a sitemap index with plain and gzipped children that together name every page that can be had", async () => {
    const { demo, ask } = await served();
    const locs = (xml: string) => [...xml.matchAll(/<loc>http:\/\/bds\.demo([^<]+)<\/loc>/g)].map((m) => m[1] ?? "");
    const children = locs((await ask("/sitemap.xml")).text);
    expect(children).toEqual(["/sitemap/danh-sach.xml", "/sitemap/tin-1.xml.gz", "/sitemap/tin-2.xml.gz", "/sitemap/tin-3.xml.gz"]);
    const pages = new Set<string>();
    for (const child of children) {
      const reply = await ask(child);
      const packed = child.endsWith(".gz");
      expect(reply.headers["content-type"]).toContain(packed ? "gzip" : "xml");
      expect(reply.headers["content-encoding"]).toBeUndefined();
      for (const path of locs(packed ? gunzipSync(reply.bytes).toString() : reply.text)) pages.add(path);
    }
    const { listings, counts } = demo.truth();
    expect(pages.size).toBe(counts.index_pages + counts.details);
    for (const listing of listings) expect(pages.has(pathOf(listing))).toBe(!listing.partial);
    expect((await ask("/sitemap/tin-4.xml.gz")).status).toBe(404);
  });

  test("leads by redirects to a listing's own link: old slugs, short links, and a chain of two", async () => {
    const { demo, ask } = await served();
    const { listings } = demo.truth();
    const some = (style: string) => listings.find((l) => l.link_styles.some((s) => s === style));
    const old = some("old slug");
    const chain = some("chain");
    if (old === undefined || chain === undefined) throw new Error("no listing is linked so");
    expect(await ask(`/ban-dat/tin-cu-pr${old.listing_id}`)).toMatchObject({ status: 301, headers: { location: pathOf(old) } });
    expect(await ask(`/chuyen/${chain.listing_id}`)).toMatchObject({ status: 302, headers: { location: `/tin/${chain.listing_id}` } });
    expect(await ask(`/tin/${chain.listing_id}`)).toMatchObject({ status: 301, headers: { location: pathOf(chain) } });
    expect(await ask("/nha-dat-ban/p1")).toMatchObject({ status: 301, headers: { location: "/nha-dat-ban" } });
    expect(await ask("/")).toMatchObject({ status: 302, headers: { location: "/nha-dat-ban" } });
  });

  test("says 404 to what it does not have", async () => {
    const { ask } = await served();
    for (const path of [
      "/x",
      "/nha-dat-ban/p43",
      "/nha-dat-ban/p0",
      "/ban-dat-atlantis",
      "/tin/45000018",
      "/x-pr99999999999",
      "/anh/1.png",
    ]) {
      expect([path, (await ask(path)).status]).toEqual([path, 404]);
    }
  });

  test("has the lists that its menus and breadcrumbs lead to", async () => {
    const { demo, ask } = await served();
    const listing = demo.truth().listings.find((l) => l.fault === null && l.address_scheme === "both");
    if (listing === undefined) throw new Error("no listing");
    const detail = load((await ask(pathOf(listing))).text);
    const menu = load((await ask("/nha-dat-ban")).text);
    const links = [...detail(".re__breadcrumb a"), ...menu(".re__dropdown-navigative-menu a")].map((a) => a.attribs["href"] ?? "");
    expect(links.length).toBeGreaterThan(25);
    for (const link of new Set(links)) expect([link, (await ask(link)).status]).toEqual([link, 200]);
    expect((await ask(links[2] ?? "")).text).toContain(`prid="${listing.listing_id}"`);
  });

  test("has an icon, and pictures drawn by number", async () => {
    const { ask } = await served();
    const icon = await ask("/favicon.ico");
    expect([icon.headers["content-type"], icon.bytes.readUInt16LE(2), icon.bytes.readUInt32LE(14) + 22]).toEqual([
      "image/x-icon",
      1,
      icon.bytes.length,
    ]);
    const picture = await ask("/anh/45000017-1.svg");
    expect(picture.headers["content-type"]).toBe("image/svg+xml");
    expect(picture.text).toMatch(/^<svg .*<\/svg>$/);
    expect(picture.text).not.toBe((await ask("/anh/45000017-2.svg")).text);
  });

  test("keeps five listings for those who run its JavaScript", async () => {
    const { demo, ask } = await served();
    const page = load((await ask("/js/nha-dat-ban")).text);
    expect(page(".js__card").length).toBe(0);
    expect(JSON.parse(page("#list-data").text()).listings).toHaveLength(5);
    const { scripted, listings } = demo.truth();
    expect(scripted.map((l) => l.transaction)).toEqual(expect.arrayContaining(["sale", "rent"]));
    for (const listing of scripted) {
      expect(listings.some((l) => l.link === listing.link)).toBe(false);
      expect(load((await ask(pathOf(listing))).text)("h1.re__pr-title").text()).toContain(listing.title.split(" ")[0]);
    }
  });

  test.skipIf(!existsSync(CHROMIUM))("shows them in a browser", async () => {
    const { demo, port } = await served();
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/js/nha-dat-ban`);
    await page.waitForSelector("[data-state=ready]");
    const shown = await page.$$eval(".js__card", (cards) =>
      cards.map((card) => [
        card.getAttribute("prid"),
        card.querySelector(".js__card-title")?.textContent,
        card.querySelector("a")?.getAttribute("href"),
      ]),
    );
    // The card's title does not have the phone number that some details add.
    const expected = demo.truth().scripted.map((l) => [l.listing_id, l.title.replace(/ 09\d\d \d{3} \*\*\*$/, ""), pathOf(l)]);
    expect(shown).toEqual(expected);
  });
});
