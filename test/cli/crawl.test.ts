import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { countingSite, crawl, createCrawlProject, links } from "./crawl-project.ts";
import { start } from "./project.ts";

describe("what becomes of a page", () => {
  test("a failing page is tried again and then had", async () => {
    const site = await countingSite((request, response, nth) => {
      if (request.url === "/") return void response.end(links("/1"));
      return void (nth < 3 ? response.writeHead(503).end() : response.end("<h1>one</h1>"));
    });
    const project = createCrawlProject();
    const { ledger, code } = await crawl(project, `${site.url}/`);
    expect(code).toBe(0);
    expect(ledger).toMatchObject({ parsed: 2, failed: {}, retried: 2, partial: 0, remainder: [] });
    expect(project.items()).toEqual([{ url: `${site.url}/1`, title: "one" }]);
  });

  test("the card of a detail that leads back to its list stands, marked partial", async () => {
    const site = await countingSite((request, response) => {
      if (request.url === "/") return void response.end(links("/gone", "/1"));
      return void (request.url === "/1" ? response.end("<h1>one</h1>") : response.writeHead(302, { location: "/" }).end());
    });
    const spider = `
      import { z } from "zod";
      import { defineItem, defineSpider } from "arachne";
      const Thing = defineItem({ name: "thing", schema: z.object({ url: z.string(), title: z.string() }), key: ["url"] });
      export default defineSpider({ item: Thing, startUrls: ({ args }) => [args["start"]],
        *parse(page) { for (const a of page.css("a.item")) yield page.follow(a.attr("href"), "detail", { fallback: { url: a.text(), title: "card" } }); },
        *detail(page) { if (page.css("h1").text() !== undefined) yield { url: page.url, title: "detail" }; } });`;
    const project = createCrawlProject({ "crawlers/probe.ts": spider });
    const { ledger } = await crawl(project, `${site.url}/`);
    expect(ledger).toMatchObject({ parsed: 3, redirectedToKnown: 1, emitted: 2, partial: 1, stored: 2, remainder: [] });
    expect(project.items().map((i) => i.url)).toEqual(["/gone", `${site.url}/1`]);
  });

  test("where a detail cannot be had its card stands, marked partial; where it can, the card is forgotten", async () => {
    const site = await countingSite((request, response) => {
      const bodies: Record<string, () => void> = {
        "/": () => response.end(links("/gone", "/wall", "/good", "/boom")),
        "/gone": () => response.writeHead(404).end("gone"),
        "/wall": () => response.writeHead(403, { "cf-mitigated": "challenge" }).end("<title>Just a moment...</title>"),
        "/good": () => response.end("<h1>good</h1>"),
        "/boom": () => response.end("<h1>boom</h1>"),
      };
      bodies[request.url!]!();
    });
    const project = createCrawlProject();
    const { ledger } = await crawl(project, `${site.url}/`);
    expect(ledger).toMatchObject({
      parsed: 2,
      failed: { http_404: 1, blocked: 1, spider_error: 1 },
      emitted: 4,
      partial: 3,
      stored: 4,
      remainder: [],
    });
    expect(project.items()).toEqual([
      { url: `${site.url}/boom`, title: "card: /boom", partial: true },
      { url: `${site.url}/gone`, title: "card: /gone", partial: true },
      { url: `${site.url}/good`, title: "good" },
      { url: `${site.url}/wall`, title: "card: /wall", partial: true },
    ]);
    expect(site.count("/wall")).toBe(3);
    expect(site.count("/gone")).toBe(1);
  });

  test("two links that redirect to one page give its item once", async () => {
    const site = await countingSite((request, response) => {
      if (request.url === "/") return void response.end(links("/a", "/b", "/c"));
      if (request.url === "/c") return void response.end("<h1>c</h1>");
      return void response.writeHead(301, { location: "/c" }).end();
    });
    const project = createCrawlProject();
    const { ledger } = await crawl(project, `${site.url}/`);
    expect(ledger).toMatchObject({ parsed: 4, remainder: [] });
    expect(project.items()).toEqual([{ url: `${site.url}/c`, title: "c" }]);
  });

  test("a link with a fragment gives its item, and one that differs in the fragment alone no second one", async () => {
    const site = await countingSite(
      (request, response) => void response.end(request.url === "/" ? links("/a#map", "/a#contact") : "<h1>a</h1>"),
    );
    const project = createCrawlProject();
    await crawl(project, `${site.url}/`);
    expect(project.items()).toEqual([{ url: `${site.url}/a`, title: "a" }]);
  });

  test("many pages that robots.txt forbids do not use up their host's slots", async () => {
    const forbidden = Array.from({ length: 30 }, (_, n) => `/no/${n}`);
    const site = await countingSite(
      (request, response) => void response.end(request.url === "/" ? links(...forbidden, "/yes") : "<h1>yes</h1>"),
      "User-agent: *\nDisallow: /no/\n",
    );
    const { ledger } = await crawl(createCrawlProject(), `${site.url}/`);
    expect(ledger).toMatchObject({ state: "finished", parsed: 2, failed: { robots_txt: 30 }, partial: 30, remainder: [] });
    expect(site.total()).toBe(2);
  });

  test("an item that breaks its schema is dropped with its reason and does not take its page's others along", async () => {
    const site = await countingSite(
      (_, response) => void response.end(`<li class="thing">fine</li><li class="thing">${"x".repeat(60)}</li>`),
    );
    const project = createCrawlProject();
    const { ledger } = await crawl(project, `${site.url}/`);
    expect(ledger).toMatchObject({ emitted: 2, stored: 1, remainder: [] });
    expect(Object.keys(ledger.dropped)).toEqual([expect.stringContaining("title")]);
  });

  test("a body over the limit and a compression bomb fail by name and the crawl goes on", async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, 32));
    const site = await countingSite((request, response) => {
      if (request.url === "/") return void response.end(links("/big", "/bomb", "/small"));
      if (request.url === "/big") return void response.end(Buffer.alloc(20_000_000, 32));
      if (request.url === "/bomb") return void response.writeHead(200, { "content-encoding": "gzip" }).end(bomb);
      return void response.end("<h1>small</h1>");
    });
    const project = createCrawlProject();
    const { ledger } = await crawl(project, `${site.url}/`, "-s", "DOWNLOAD_MAXSIZE=1000000");
    expect(ledger).toMatchObject({ parsed: 2, failed: { body_too_large: 2 }, partial: 2, stored: 3, remainder: [] });
  });

  test("a site that does not answer is exit 1 with the reason", async () => {
    const { code, ledger, stderr } = await crawl(createCrawlProject(), "http://127.0.0.1:1/");
    expect(code).toBe(1);
    expect(ledger).toMatchObject({ parsed: 0 });
    expect(stderr).toMatch(/127\.0\.0\.1:1/);
    expect(stderr).toMatch(/refused/);
  });
});

describe("limits", () => {
  const endless = () =>
    countingSite((request, response) => {
      const n = Number(request.url!.slice(1) || 0);
      response.end(
        `<li class="thing">t${n}</li><a class="next" href="/${n + 1}">next</a><a class="next" href="http://elsewhere.invalid/">off</a>`,
      );
    });

  test("CLOSESPIDER_PAGECOUNT asks for exactly so many pages, and the next run is a new crawl", async () => {
    const site = await endless();
    const project = createCrawlProject();
    const { code, ledger } = await crawl(project, `${site.url}/0`, "-s", "CLOSESPIDER_PAGECOUNT=7");
    expect(code).toBe(0);
    expect(ledger).toMatchObject({
      state: "closed",
      reason: "CLOSESPIDER_PAGECOUNT=7",
      parsed: 7,
      pending: 1,
      filtered: { offsite: 7 },
      remainder: [],
    });
    expect(site.total()).toBe(7);
    expect(project.items()).toHaveLength(7);
    await crawl(project, `${site.url}/0`, "-s", "CLOSESPIDER_PAGECOUNT=2");
    expect(site.count("/0")).toBe(2);
  });

  test("a page that fails does not count for CLOSESPIDER_PAGECOUNT: another is asked in its place", async () => {
    const site = await countingSite((request, response) => {
      if (request.url === "/") return void response.end(links(...Array.from({ length: 12 }, (_, n) => `/${n + 1}`)));
      const n = Number(request.url!.slice(1));
      setTimeout(() => response.writeHead(n <= 4 ? 404 : 200).end(`<h1>t${n}</h1>`), 20);
    });
    const { ledger } = await crawl(createCrawlProject(), `${site.url}/`, "-s", "CLOSESPIDER_PAGECOUNT=6");
    expect(ledger).toMatchObject({ state: "closed", parsed: 6, failed: { http_404: 4 }, pending: 3, remainder: [] });
  });

  test("DEPTH_LIMIT and URLLENGTH_LIMIT keep links from being followed, and say how many", async () => {
    const site = await endless();
    const { ledger } = await crawl(createCrawlProject(), `${site.url}/0`, "-s", "DEPTH_LIMIT=3");
    expect(ledger).toMatchObject({ state: "finished", parsed: 4, filtered: { too_deep: 2, offsite: 3 } });
  });
});

describe("stopping and going on", () => {
  const slow = () =>
    countingSite((request, response) => {
      const n = Number(request.url!.slice(1) || 0);
      setTimeout(() => response.end(`<li class="thing">t${n}</li>${n < 40 ? `<a class="next" href="/${n + 1}">next</a>` : ""}`), 30);
    });

  test("SIGTERM ends with 143, the next run says what it resumes, asks for no page again and ends with all items", async () => {
    const site = await slow();
    const project = createCrawlProject();
    const first = start(project.dir, ["crawl", "probe", "-a", `start=${site.url}/0`, "--json"]);
    while (site.total() < 10) await new Promise((r) => setTimeout(r, 10));
    first.kill("SIGTERM");
    const stopped = await first.ended;
    expect(stopped.code).toBe(143);
    expect(JSON.parse(stopped.stdout)).toMatchObject({ state: "interrupted", pending: 1, remainder: [] });

    const { code, stderr, ledger } = await crawl(project, `${site.url}/0`);
    expect(code).toBe(0);
    expect(stderr).toMatch(/resuming crawl 1: \d+ of \d+ pages done; --fresh starts over/);
    expect(ledger).toMatchObject({ state: "finished", parsed: 41, stored: 41, remainder: [] });
    expect(new Set(project.items().map((i) => i.title)).size).toBe(41);
    expect(site.total()).toBeLessThanOrEqual(42); // the one that was on its way when the signal came
  });

  test("an unfinished crawl is not resumed with other arguments; --fresh gives it up", async () => {
    const site = await slow();
    const project = createCrawlProject();
    const first = start(project.dir, ["crawl", "probe", "-a", `start=${site.url}/0`]);
    while (site.total() < 5) await new Promise((r) => setTimeout(r, 10));
    first.kill("SIGKILL");
    await first.ended;
    const refused = await crawl(project, `${site.url}/39`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/crawl 1 of probe is unfinished/);
    const fresh = await crawl(project, `${site.url}/39`, "--fresh");
    expect(fresh.ledger).toMatchObject({ crawl: 2, parsed: 2, state: "finished" });
  });

  test("a second run of the same spider is told who is at it", async () => {
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const site = await countingSite((_, response) => void held.then(() => response.end("<li class=thing>t</li>")));
    const project = createCrawlProject();
    const first = start(project.dir, ["crawl", "probe", "-a", `start=${site.url}/`]);
    while (site.total() === 0) await new Promise((r) => setTimeout(r, 10));
    const second = await crawl(project, `${site.url}/`);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/spider probe is already running \(process \d+ since/);
    release();
    expect((await first.ended).code).toBe(0);
  });
});
