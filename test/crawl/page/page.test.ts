import { describe, expect, it } from "vitest";
import { RejectedError } from "../../../src/core/errors.ts";
import { makePage } from "./make-page.ts";

describe("a page", () => {
  it("is decoded once, and only when its text is asked for", () => {
    const calls: (string | undefined)[] = [];
    const page = makePage("<p>x", {
      decode: (body, type) => {
        calls.push(type);
        return { text: Buffer.from(body).toString(), encoding: "utf-8" };
      },
    });
    expect([page.status, page.body.length, page.requestUrl, calls.length]).toEqual([200, 4, "https://site.test/list/page", 0]);
    expect([page.css("p").text(), page.text, page.encoding, page.$("p").text()]).toEqual(["x", "<p>x", "utf-8", "x"]);
    expect(calls).toEqual(["text/html; charset=utf-8"]);
  });
  it("offers cheerio, parsed once", () => {
    const page = makePage("<ul><li>a<li>b</ul>");
    expect(page.$("li").last().text()).toBe("b");
    expect(page.$).toBe(page.$);
  });
});

describe("links", () => {
  const page = makePage(`
    <a href="../a">1</a><a href=" /b?q=1#f ">2</a><a href="//other.test/c">3</a><a href="https://x.test/d">4</a>
    <a href="#top">5</a><a href="">6</a><a href="javascript:void(0)">7</a><a href="mailto:a@b.c">8</a><a href="tel:+84">9</a>
    <a>10</a><a href="http://[bad">11</a><map><area href="/area"></map><link rel=next href="?page=2">`);

  it("are made absolute against the page", () => {
    expect(page.absolute("../a")).toBe("https://site.test/a");
    expect(page.absolute("?p=2")).toBe("https://site.test/list/page?p=2");
    expect(page.absolute("http://[bad")).toBeUndefined();
  });
  it("are made absolute against <base href>, the first one, itself relative or not", () => {
    expect(makePage(`<base target=x><base href="/root/"><base href="/no/">`).absolute("a")).toBe("https://site.test/root/a");
    expect(makePage(`<base href="https://cdn.test/x/y">`).absolute("a")).toBe("https://cdn.test/x/a");
    expect(makePage(`<base href="javascript:alert(1)">`).absolute("a")).toBe("https://site.test/list/a");
    expect(makePage(`<base href="http://[bad">`).absolute("a")).toBe("https://site.test/list/a");
  });
  it("of a JSON body need no HTML", () => {
    expect(makePage(`{"a": "b"}`).absolute("c")).toBe("https://site.test/list/c");
  });
  it("are followed with a callback and options, parse by default", () => {
    const follow = page.follow("/x", "detail", { priority: 2, data: { a: 1 } });
    expect([follow.url, follow.link, follow.callback, follow.options]).toEqual([
      "https://site.test/x",
      "/x",
      "detail",
      { priority: 2, data: { a: 1 } },
    ]);
    expect(page.follow("/x").callback).toBe("parse");
  });
  it.each([undefined, "", "  ", "mailto:a@b.c", "javascript:void(0)", "http://[bad", "data:text/html,x"])(
    "that cannot be fetched (%s) keep their fallback for the engine to emit",
    (link) => {
      const follow = page.follow(link, "detail", { fallback: { a: 1 } });
      expect([follow.url, follow.link, follow.options.fallback]).toEqual([undefined, link, { a: 1 }]);
    },
  );
  it("are all followed but those that lead nowhere", () => {
    const urls = page.followAll("a, area, link", "detail").map((follow) => follow.url);
    expect(urls).toEqual([
      "https://site.test/a",
      "https://site.test/b?q=1#f",
      "https://other.test/c",
      "https://x.test/d",
      "https://site.test/area",
      "https://site.test/list/page?page=2",
    ]);
  });
  it("are followed from a list of URLs as well", () => {
    expect(page.followAll(["/1", "#x", "", "tel:1", "/2"]).map((follow) => follow.url)).toEqual([
      "https://site.test/1",
      "https://site.test/2",
    ]);
    expect(page.followAll([])).toEqual([]);
  });
});

describe("JSON in pages", () => {
  it("is the body, a byte order mark or not", () => {
    expect(makePage(`{"a":[1,2]}`, { headers: { "content-type": "application/json" } }).json()).toEqual({ a: [1, 2] });
    const undecided = { decode: (body: Uint8Array) => ({ text: Buffer.from(body).toString(), encoding: "utf-8" }) };
    expect(makePage("\ufeff[1]", undecided).json()).toEqual([1]);
  });
  it("is rejected where the body is none, with how it begins", () => {
    const read = (): unknown => makePage("<html>Just a page").json();
    expect(read).toThrow(RejectedError);
    expect(read).toThrow(/https:\/\/site\.test\/list\/page as JSON: it begins with "<html>Just a page"/);
  });

  const ld = (json: string, type = "application/ld+json"): string => `<script type="${type}">${json}</script>`;
  it("is every JSON-LD object: arrays and @graph spread out, broken scripts skipped", () => {
    const page = makePage(
      ld(`{"@type":"A"}`) +
        ld(`[{"@type":"B"},[{"@type":"C"}],7,null]`) +
        ld(`{"@context":"x","@graph":[{"@type":"D"},{"@type":"E"}]}`) +
        ld(`{"@type":"F","@graph":{"@type":"G"}}`) +
        ld(`{"@type":"broken`) +
        ld("") +
        ld(`"text"`) +
        ld(`{"@type":"H"}`, "Application/LD+JSON; charset=utf-8") +
        ld(`{"@type":"no"}`, "application/json"),
    );
    expect(page.jsonLd().map((object) => object["@type"])).toEqual(["A", "B", "C", "D", "E", "F", "G", "H"]);
  });
  it("is read out of the comments, CDATA, semicolons and raw line breaks that sites put around and into it", () => {
    const page = makePage(
      ld(`<!-- {"n":1} -->`) +
        ld(`//<![CDATA[\n{"n":2}\n//]]>`) +
        ld(`/*<![CDATA[*/{"n":3}/*]]>*/`) +
        ld(`{"n":4};`) +
        ld(`{"n":5,"text":"two\nlines\tand & <b>"}`) +
        ld(`<![CDATA[ {"n":6} ]]>`) +
        ld(`\n  {"n":7}\n`),
    );
    expect(page.jsonLd().map((object) => object["n"])).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(page.jsonLd()[4]).toEqual({ n: 5, text: "two lines and & <b>" });
  });
  it("is Next.js' state where the page has it, undefined where not, rejected where it is cut", () => {
    const next = (json: string): string => `<script id="__NEXT_DATA__" type="application/json">${json}</script>`;
    expect(makePage(next(`{"props":{"a":"</b>"}}`)).nextData()).toEqual({ props: { a: "</b>" } });
    expect(makePage("<p>no").nextData()).toBeUndefined();
    expect(() => makePage(next(`{"props":`)).nextData()).toThrow(RejectedError);
  });
});
