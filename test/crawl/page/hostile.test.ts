import { describe, expect, it } from "vitest";
import { RejectedError } from "../../../src/core/errors.ts";
import { makePage } from "./make-page.ts";

/** None of these may hang, overflow the stack or eat the memory; vitest's own time-out is the judge. */
describe("hostile pages", () => {
  const N = 100_000;

  it("100,000 nested tags: elements beyond 512 levels become siblings, and nothing is lost", () => {
    const page = makePage("<b class=x>t".repeat(N));
    expect(page.css("b").length).toBe(N);
    expect(page.css("b").text()?.length).toBe(512 + (N - 512));
    expect(page.css(".x > .x").length).toBe(N - 1);
    expect(page.css("b:not(:has(b))").length).toBe(N - 512);
  });
  it("20,000 nested tags and a selector whose ancestors never match", () => {
    expect(makePage("<b class=x>".repeat(20_000)).css(".absent .x .x .x").length).toBe(0);
  });
  it("end tags without number", () => {
    expect(
      makePage("<i>".repeat(600) + "</x>".repeat(N) + "<p>end")
        .css("p")
        .text(),
    ).toBe("end");
  });
  it("an attribute of 5 MB, 300,000 attributes, 300,000 classes", () => {
    const names = Array.from({ length: 300_000 }, (_, i) => `n${i}`);
    expect(
      makePage(`<a href="${"x".repeat(5e6)}">y</a>`)
        .css("a")
        .attr("href")?.length,
    ).toBe(5e6);
    expect(
      makePage(`<a ${names.join(" ")}>`)
        .css("a")
        .attr("n299999"),
    ).toBe("");
    expect(makePage(`<a class="${names.join(" ")}">`).css(".n299999.n1").length).toBe(1);
  });
  it("broken entities stay as they stand", () => {
    const text = "a &unknown; &am &# &#x; &#xFFFFFFFF; &#0; &amp";
    expect(makePage(`<p title="${text}">${text}`).css("p").text()).toBe("a &unknown; &am &# &#x; \ufffd \ufffd &");
    expect(makePage(`<p title="&lt=1&ampx">`).css("p").attr("title")).toBe("&lt=1&ampx");
    expect(
      makePage(`<p>${"&am".repeat(N)}`)
        .css("p")
        .text()?.length,
    ).toBe(3 * N);
  });
  it("NUL bytes are characters like any other", () => {
    const page = makePage('<p title="a\0b">x\0y<q\0>z');
    expect([page.css("p").attr("title"), page.css("p").ownText()]).toEqual(["a\0b", "x\0y"]);
  });
  it("unclosed scripts, comments, quotes and a rain of <", () => {
    expect(
      makePage(`<script>${"</scrip".repeat(N)}`)
        .css("script")
        .ownText()?.length,
    ).toBe(7 * N);
    expect(
      makePage("<p>a<!--" + "<!--".repeat(N))
        .css("p")
        .text(),
    ).toBe("a");
    expect(makePage(`<p>a<a href="${"<p>".repeat(N)}`).css("p").length).toBe(1);
    expect(
      makePage("<p>" + "<".repeat(5e6))
        .css("p")
        .ownText()?.length,
    ).toBe(5e6);
  });
  it("5 MB of ordinary markup", () => {
    const page = makePage(`<div class="card"><h3>t</h3><a href="/x">l</a></div>\n`.repeat(95_000));
    expect(page.css(".card").length).toBe(95_000);
    expect(page.css(".card > a").length).toBe(95_000);
    expect(page.css(".card h3:first-child").length).toBe(95_000);
  });
  it("refuses a page of more than a million elements instead of eating the memory", () => {
    const page = makePage("<i>".repeat(1_000_001));
    expect(() => page.css("i")).toThrow(RejectedError);
    expect(() => page.css("i")).toThrow(/more than 1000000 elements/);
  });
  it("a body that is not HTML at all", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 256);
    expect(makePage(bytes, { headers: {} }).css("a.nothing").length).toBe(0);
    expect(makePage("").css("a").length).toBe(0);
  });
});
