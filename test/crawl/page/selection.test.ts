import { describe, expect, it } from "vitest";
import { makePage } from "./make-page.ts";

describe("a selection", () => {
  const page = makePage(`
    <div id="top"><h1 title="T&amp;C &#8364;5">Tom &amp; <b>Jerry</b>\n &nbsp; 1&lt;2</h1>
    <ul class="a b"><li class=x>one<li class="x  y">two <a HREF=/2?a=1&amp;b=2>link</a><li>three</ul>
    <p>kept <!-- not me --> text<script>var a = "<p>&amp;</p>";</script></p>
    <dl><dt>area</dt><dd>71 m<sup>2</sup></dd><dt>price</dt><dd>5</dd></dl></div>`);

  it("gives the first element's text with entities decoded and white space, NBSP too, collapsed", () => {
    expect(page.css("h1").text()).toBe("Tom & Jerry 1<2");
  });
  it("gives every element's text", () => {
    expect(page.css("li").texts()).toEqual(["one", "two link", "three"]);
    expect(page.css("dd").texts()).toEqual(["71 m2", "5"]);
  });
  it("gives undefined, none and zero where nothing matched", () => {
    const none = page.css(".absent");
    expect([none.text(), none.ownText(), none.attr("id"), none.html()]).toEqual([undefined, undefined, undefined, undefined]);
    expect([none.texts(), none.attrs("id"), [...none], none.css("a").length]).toEqual([[], [], [], 0]);
  });
  it("gives own text exactly as it stands", () => {
    expect(page.css("h1").ownText()).toBe("Tom & \n \u00a0 1<2");
    expect(page.css("ul").ownText()).toBe("");
  });
  it("gives every text node of every element, Scrapy's ::text", () => {
    expect(makePage("<p>a<b>x</b>c</p><p>d</p><p></p>").css("p").ownTexts()).toEqual(["a", "c", "d"]);
    expect(page.css(".absent").ownTexts()).toEqual([]);
  });
  it("leaves out comments, and keeps a script's text raw", () => {
    expect(page.css("p").ownText()).toBe("kept  text");
    expect(page.css("script").text()).toBe('var a = "<p>&amp;</p>";');
  });
  it("reads attributes whatever the case of their names, decoded", () => {
    expect(page.css("h1").attr("TITLE")).toBe("T&C €5");
    expect(page.css("a").attr("href")).toBe("/2?a=1&b=2");
    expect(page.css("li").attrs("class")).toEqual(["x", "x  y"]);
  });
  it("gives the first of two attributes of one name, and '' for one without a value", () => {
    const input = makePage(`<input value=1 VALUE=2 disabled>`).css("input");
    expect([input.attr("value"), input.attr("disabled")]).toEqual(["1", ""]);
    expect(makePage("<a HXYF=1 href=2>").css("a").attr("href")).toBe("2");
  });
  it("gives the element as it stands in the source", () => {
    expect(page.css("li.y").html()).toBe('<li class="x  y">two <a HREF=/2?a=1&amp;b=2>link</a>');
    expect(page.css("dd").html()).toBe("<dd>71 m<sup>2</sup></dd>");
    expect(makePage("<p>a</p >b").css("p").html()).toBe("<p>a</p >");
    expect(makePage("<p>a<br class=x>").css("br").html()).toBe("<br class=x>");
    expect(makePage("<p>a</p").css("p").html()).toBe("<p>a</p");
  });
  it("looks below its elements only", () => {
    expect(page.css("ul").css("a").text()).toBe("link");
    expect(page.css("dl").css("a").length).toBe(0);
    expect(page.css("ul").css("ul").length).toBe(0);
  });
  it("lets ancestors outside of it take part, as querySelectorAll does", () => {
    expect(page.css("ul").css("#top li").length).toBe(3);
  });
  it("takes :scope and leading combinators as relative to each element", () => {
    expect(page.css("#top").css("> h1 > b").text()).toBe("Jerry");
    expect(page.css("#top").css(":scope > b").length).toBe(0);
    expect(page.css("dt").css("+ dd").texts()).toEqual(["71 m2", "5"]);
    expect(page.css("dl").css(":scope > dd, b").length).toBe(2);
  });
  it("forgets what it found out for another scope", () => {
    const nested = makePage("<section id=a><div><section id=b><div><u></u><b>x</b></div></section></div></section>");
    const selector = ":is(:scope > div:has(> u) b)";
    expect([nested.css("#b").css(selector).length, nested.css("#a").css(selector).length]).toEqual([1, 0]);
  });
  it("gives each element once and in document order, whatever the selectors' order and however its elements nest", () => {
    const nested = makePage("<div id=a><i>1</i><div id=b><i>2</i></div></div><i>3</i>");
    expect(nested.css("div").css("i").texts()).toEqual(["1", "2"]);
    expect(nested.css("i, #b, div").length).toBe(5);
    expect(nested.css("#b i, #a i").texts()).toEqual(["1", "2"]);
  });
  it("iterates over selections of one element", () => {
    expect([...page.css("dt")].map((dt) => dt.text())).toEqual(["area", "price"]);
  });
  it("refuses a selector that is none, naming it", () => {
    expect(() => page.css("div[")).toThrow(/page: read selector "div\["/);
    expect(() => page.css("a:no-such")).toThrow(/"a:no-such".*no-such/);
  });
  it("finds a class written with an entity, and only whole classes", () => {
    const odd = makePage(`<b class="a&amp;b c&#100;">x</b><b class="pricey">y</b>`);
    expect(odd.css(".cd").text()).toBe("x");
    expect(odd.css(".a\\&b").text()).toBe("x");
    expect(odd.css(".price").length).toBe(0);
  });
});

describe("HTML as found in the wild", () => {
  it("closes what a following tag closes, as htmlparser2 does", () => {
    const page = makePage("<table><tr><td>1<td>2<tr><td>3</table><p>a<div>b</div>");
    expect(page.css("tr").texts()).toEqual(["12", "3"]);
    expect(page.css("p").text()).toBe("a");
  });
  it("ignores a form in a form, end tags without a start, and text in the wrong place", () => {
    const page = makePage("</div><form id=f><form id=g><input></form></b>x</p>");
    expect(page.css("form").length).toBe(1);
    expect(page.css("p").texts()).toEqual([""]);
  });
  it("reads SVG's self-closing tags and its title and image as its own", () => {
    const page = makePage("<svg><path d=1 /><image href=i.png></image><title>t</title></svg><image src=a.png><p>after");
    expect(page.css("path").css("*").length).toBe(0);
    expect(page.css("svg > image").attr("href")).toBe("i.png");
    expect(page.css("img").attr("src")).toBe("a.png");
    expect(page.css("p").text()).toBe("after");
    expect(makePage("<svg><style>a&amp;b").css("style").text()).toBe("a&b");
  });
  it("keeps the content of <template> and <noscript> as part of the page", () => {
    const page = makePage("<template><a href=1>x</a></template><noscript><a href=2>y</a></noscript>");
    expect(page.css("a").attrs("href")).toEqual(["1", "2"]);
  });
  it("drops a tag that the page's end cuts off", () => {
    const page = makePage('<p>whole</p><a href="/cut');
    expect([page.css("p").text(), page.css("a").length]).toEqual(["whole", 0]);
  });
});
