import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { load } from "cheerio";
import { selectAll } from "css-select";
import { isText, type Element } from "domhandler";
import { textContent } from "domutils";
import { parseDocument } from "htmlparser2";
import { describe, expect, it } from "vitest";
import { select } from "../../../src/crawl/page/query.ts";
import { attributeOf, ownTextsOf, textOf } from "../../../src/crawl/page/read.ts";
import { Tree } from "../../../src/crawl/page/tree.ts";

const realPages = fileURLToPath(new URL("../../../../shared/data/real-pages/", import.meta.url));

const SELECTORS = `
* ; a ; div ; a[href] ; .re__card-title ; #product-lists-web ; div a ; div > a ; ul li:first-child ; ul > li:last-child ; li:nth-child(2)
li + li ; h1 ~ p ; [class*=price] ; [itemprop] ; [itemprop=price] ; a:not([href]) ; div:has(> a) ; div:has(img) ; p:empty ; div:empty
a:contains("Bán") ; span, a ; h1, h2, h3 ; .price, .area ; body > * ; img[src^=http] ; script[type="application/ld+json"] ; p p
meta[name=description] ; link[rel=canonical] ; img[src$=".jpg"] ; option:checked ; input:not([type=hidden]) ; li:nth-of-type(odd)
li:only-child ; div div div a ; div > div > a span ; .product-item .price ; tr td ; td:first-child ; a[href*="-pr"] ; a[title] ; [data-id]
svg path ; table tr:nth-last-child(1) ; div.product-item.vip0 ; li:is(:first-child, .active) ; h3:not(.x) ; :root ; div p:first-of-type
ol > li + li a ; article section > p + p ; ul ul > li a[href] ; .a .b > .c ~ .d .e ; div > ul li > a ; DIV.Product-Item ; a.link, .link
noscript img ; select option`
  .split(/[;\n]/)
  .map((selector) => selector.trim())
  .filter((selector) => selector !== "");

function expectSame(html: string): void {
  const tree = new Tree(html);
  const document = parseDocument(html);
  const all = selectAll<Element, Element>("*", document.children as Element[]);
  expect(tree.elements.map((element) => element.kind.name)).toEqual(all.map((element) => element.name.toLowerCase()));
  const place = new Map(all.map((element, i) => [element, i]));
  for (const [i, element] of tree.elements.entries()) {
    const theirs = all[i]!;
    expect(textOf(element)).toBe(textContent(theirs));
    expect(ownTextsOf(element).join("")).toBe(
      theirs.children
        .filter(isText)
        .map((node) => node.data)
        .join(""),
    );
    for (const [name, value] of Object.entries(theirs.attribs)) expect(attributeOf(element, name)).toBe(value);
  }
  for (const selector of SELECTORS) {
    const theirs = selectAll<Element, Element>(selector, document.children as Element[]).map((element) => place.get(element));
    expect({ selector, found: select(tree, selector).map((element) => element.index) }).toEqual({ selector, found: theirs });
  }
}

const SAMPLES: Record<string, string> = {
  "a list":
    `<!DOCTYPE html><html><body><div class="a"><p class="b"><i class="c"></i><i class=d><b class="e x">1</b></i></p></div>` +
    `<div class="product-item vip0"><ul><li class=active>1<li><ul><li><a href="/x-pr1">Bán 1</a></ul><li></ul><span class="price">5 &tỷ; &amp;</span></div>`,
  "unclosed and crossed tags": "<div><b><i>x</b>y</i><p>1<p>2</div></p><td>z<tr><td>w<option>1<option selected>2</select><h1>a<h2>b</h1>",
  "raw text": `<title>a &amp; <b>b</b></title><textarea></p>&lt;</textarea><script>if(a<b&&c>d){"</p>"}</script><style>p>a{}</style><xmp><b></xmp>`,
  "comments and declarations": "<!-- a --><p>1<!--b--!>2<!-->3<!--->4<?php echo 1 ?>5</ >6<![CDATA[7]]>8<!x>9</p>",
  foreign: "<svg><style><a></style><title><b>x</b></title><path/><![CDATA[<i>]]></svg><math><mi/><mi>x</math><p/>y",
  tables: "<table><thead><tr><th>1<th>2<tbody><tr><td>3<td>4<tfoot><tr><td>5</table><dl><dt>a<dd>b<dt>c</dl>",
  attributes: `<a href=x/y/ title='"' data-a b = "1" c=&amp;d CLASS="P Q&#32;R" class=no id=" i " x"y=1><a  /href>z<input/value=3>`,
};

describe("selecting by index", () => {
  it.each(Object.entries(SAMPLES))("finds what css-select finds over htmlparser2's tree: %s", (_name, html) => {
    expectSame(html);
  });

  it("finds what cheerio finds on well-formed HTML", () => {
    const html = `<html><head><title>t</title></head><body>${SAMPLES["a list"]!.slice(27)}</body></html>`;
    const $ = load(html);
    const tree = new Tree(html);
    for (const selector of SELECTORS.filter((one) => one !== "*")) {
      const texts = $(selector)
        .toArray()
        .map((element) => $(element).text());
      expect({ selector, texts: select(tree, selector).map(textOf) }).toEqual({ selector, texts });
    }
  });

  describe.skipIf(!existsSync(realPages))("on the saved real pages", () => {
    const files = existsSync(realPages)
      ? readdirSync(realPages, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"))
      : [];
    it.each(files)("finds what css-select finds over htmlparser2's tree: %s", (file) => {
      expectSame(readFileSync(realPages + file, "utf8"));
    });
  });
});
