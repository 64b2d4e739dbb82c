import { load } from "cheerio";
import { describe, expect, test } from "vitest";
import { asking, pathOf, served } from "./ask.ts";
import type { Fault } from "../../demo/bds/faults.ts";
import { createBdsDemo, type BdsDemo } from "../../demo/bds/site.ts";

const having = (demo: BdsDemo, fault: Fault) => {
  const found = demo.truth().listings.filter((l) => l.fault === fault);
  expect(found.length).toBeGreaterThan(0);
  return found;
};

describe("the demo site's faults", () => {
  test("500, 503 and 429 heal after one or two tries, and say when to come back", async () => {
    const { demo, ask } = await served({ slow: false });
    const rules: [Fault, number, number, string | undefined][] = [
      ["500 once", 1, 500, undefined],
      ["503 twice", 2, 503, "1"],
      ["503 at once", 1, 503, "0"],
      ["429 once", 1, 429, "1"],
    ];
    for (const [fault, times, status, retryAfter] of rules) {
      for (const listing of having(demo, fault)) {
        const seen: unknown[] = [];
        for (let i = 0; i <= times; i++) {
          const reply = await ask(pathOf(listing));
          seen.push(reply.status);
          expect(reply.headers["retry-after"]).toBe(reply.status === 200 ? undefined : retryAfter);
        }
        expect(seen).toEqual([...Array.from({ length: times }, () => status), 200]);
      }
    }
  });

  test("index pages fail at first too", async () => {
    const { demo, ask } = await served();
    const pages: [string, number[]][] = [
      ["/nha-dat-ban/p5", [500, 200]],
      ["/nha-dat-ban/p9", [503, 200]],
      ["/nha-dat-cho-thue/p2", [503, 503, 200]],
    ];
    for (const [path, statuses] of pages) for (const status of statuses) expect([path, (await ask(path)).status]).toEqual([path, status]);
    expect(demo.truth().counts.index_faults).toBe(pages.length);
  });

  test("a connection is cut once", async () => {
    const { demo, ask } = await served();
    for (const listing of having(demo, "reset once")) {
      await expect(ask(pathOf(listing))).rejects.toThrow("socket hang up");
      expect((await ask(pathOf(listing))).status).toBe(200);
    }
  });

  test("what has healed fails again after the site was started anew, and heals again", async () => {
    const demo = createBdsDemo();
    const path = pathOf(having(demo, "503 twice")[0] ?? { link: "" });
    for (let start = 0; start < 2; start++) {
      const site = await demo.serve();
      const ask = asking(site.port);
      const statuses = [];
      for (let i = 0; i < 4; i++) statuses.push((await ask(path)).status);
      await site.close();
      expect(statuses).toEqual([503, 503, 200, 200]);
    }
  });

  test("tracking parameters do not make a page fail anew", async () => {
    const { demo, ask } = await served();
    const path = pathOf(having(demo, "500 once")[0] ?? { link: "" });
    expect((await ask(path)).status).toBe(500);
    expect((await ask(`${path}?utm_source=x`)).status).toBe(200);
  });

  test("dead pages stay dead", async () => {
    const { demo, ask } = await served();
    for (const [fault, status] of [
      ["404", 404],
      ["410", 410],
      ["403", 403],
    ] as const) {
      for (const { link } of having(demo, fault)) for (let i = 0; i < 3; i++) expect((await ask(pathOf({ link }))).status).toBe(status);
    }
  });

  test("a soft 404 answers 200 in the site's layout and says that the listing does not exist", async () => {
    const { demo, ask } = await served();
    for (const listing of having(demo, "soft 404")) {
      const reply = await ask(pathOf(listing));
      const $ = load(reply.text);
      expect(reply.status).toBe(200);
      expect([$("title").text(), $("h1").text()]).toEqual(["Tin đăng không tồn tại", "Tin đăng không tồn tại"]);
      expect($(".re__header").length).toBe(1);
      expect($("h1.re__pr-title, .js__card").length).toBe(0);
    }
  });

  test("a wall stands before two listings, once with its status and once without", async () => {
    const { demo, ask } = await served();
    for (const [fault, status] of [
      ["wall", 403],
      ["wall 200", 200],
    ] as const) {
      const reply = await ask(pathOf(having(demo, fault)[0] ?? { link: "" }));
      expect([reply.status, load(reply.text)("title").text()]).toEqual([status, "Just a moment..."]);
      expect(reply.text).toContain("challenge-platform");
    }
  });

  test("one listing is a PDF, and one redirects in a circle", async () => {
    const { demo, ask } = await served();
    const pdf = await ask(pathOf(having(demo, "PDF")[0] ?? { link: "" }));
    expect([pdf.status, pdf.headers["content-type"], pdf.text.slice(0, 5)]).toEqual([200, "application/pdf", "%PDF-"]);
    const start = pathOf(having(demo, "loop")[0] ?? { link: "" });
    const first = await ask(start);
    const second = await ask(first.headers.location ?? "");
    expect([first.status, second.status, second.headers.location]).toEqual([302, 302, start]);
  });

  test("slow pages come late, and hold nobody else up", async () => {
    const { demo, ask } = await served();
    const slow = having(demo, "slow");
    const order: string[] = [];
    const late = ask(pathOf(slow[0] ?? { link: "" })).then(({ status }) => order.push(`slow ${status}`));
    await ask("/nha-dat-ban").then(({ status }) => order.push(`other ${status}`));
    await late;
    expect(order).toEqual(["other 200", "slow 200"]);
  });

  test("closing the site gives up who still waits for a slow page", async () => {
    const { demo, ask, close } = await served();
    const waiting = ask(pathOf(having(demo, "slow")[0] ?? { link: "" }));
    const refused = expect(waiting).rejects.toThrow("socket hang up");
    await ask("/robots.txt");
    await close();
    await refused;
  });

  test("one page is in windows-1258, which its header says and its meta element denies", async () => {
    const { demo, ask } = await served();
    const [listing] = having(demo, "windows-1258");
    const reply = await ask(pathOf(listing ?? { link: "" }));
    expect(reply.headers["content-type"]).toBe("text/html; charset=windows-1258");
    expect(reply.bytes.includes(Buffer.from("charset=utf-8"))).toBe(true);
    const $ = load(new TextDecoder("windows-1258").decode(reply.bytes));
    expect($("h1.re__pr-title").text().normalize("NFC")).toBe(listing?.title);
    expect($(".re__address-line-1").text().normalize("NFC")).toBe(listing?.raw.address);
  });

  test("one page has bytes that are no UTF-8, in its description", async () => {
    const { demo, ask } = await served();
    const [listing] = having(demo, "broken UTF-8");
    const reply = await ask(pathOf(listing ?? { link: "" }));
    expect(() => new TextDecoder("utf-8", { fatal: true }).decode(reply.bytes)).toThrow("not valid");
    const $ = load(reply.text);
    expect($("h1.re__pr-title").text()).toBe(listing?.title);
    expect($(".js__pr-description").text()).toContain("\ufffd");
  });

  test("some pages leave the encoding to their meta element", async () => {
    const { demo, ask } = await served({ listings: 60, faults: false });
    const types = new Set<string | undefined>();
    for (const listing of demo.truth().listings) types.add((await ask(pathOf(listing))).headers["content-type"]);
    expect(types).toEqual(new Set(["text/html", "text/html; charset=utf-8", "text/html; charset=windows-1258"]));
  });

  test("without faults every listing can be had at the first try; without slow pages none is late", async () => {
    const calm = createBdsDemo({ faults: false, slow: false }).truth();
    expect(calm.counts).toMatchObject({ partial: 0, details: 1280, index_faults: 0 });
    expect(Object.keys(calm.counts.faults).sort()).toEqual(["always gzip", "broken UTF-8", "windows-1258"]);
    const quick = createBdsDemo({ slow: false }).truth();
    expect(quick.counts.faults.slow).toBeUndefined();
    expect(quick.counts.partial).toBe(createBdsDemo().truth().counts.partial);
    const { ask } = await served({ listings: 60, faults: false, slow: false });
    for (const path of ["/nha-dat-ban", "/nha-dat-ban/p2", "/nha-dat-cho-thue", "/nha-dat-cho-thue/p2"])
      expect((await ask(path)).status).toBe(200);
  });
});
