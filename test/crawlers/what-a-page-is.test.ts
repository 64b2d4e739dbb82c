import { RejectedError, TransientError, type Page } from "arachne";
import { describe, expect, it } from "vitest";
import alonhadat from "../../crawlers/alonhadat_spider.ts";
import bds from "../../crawlers/bds_spider.ts";
import mogi from "../../crawlers/mogi_spider.ts";
import { makePage } from "../crawl/page/make-page.ts";
import { fetched, realPage, visit, withoutRealPages } from "./visit.ts";

const url = "https://batdongsan.com.vn/ban-nha-dat";
const bdsPage = (html: string, data?: unknown): Page => makePage(html, { url, data });

const CARD = `<div class="js__card" prid="7"><a class="js__product-link-for-product-id" href="/ban-nha-rieng-quan-1/a-pr7"></a>
  <span class="js__card-title">Bán  nhà</span><span class="re__card-config-price">3 tỷ</span><span class="re__card-config-area">·50 m²</span>
  <div class="re__card-location"><span class="re__card-config-dot">·</span><span>Quận 1, Hồ Chí Minh</span></div>
  <span class="re__card-published-info-published-at">Đăng hôm nay</span></div>`;
const card = {
  ...fetched,
  link: "https://batdongsan.com.vn/ban-nha-rieng-quan-1/a-pr7",
  source: "batdongsan.com.vn",
  listing_id: "7",
  transaction: "Bán",
  title: "Bán nhà",
  price: "3 tỷ",
  area: "·50 m²",
  address: "Quận 1, Hồ Chí Minh",
  posted: "Đăng hôm nay",
};
const DETAIL = `<h1 class="re__pr-title">Bán nhà hẻm</h1><div id="product-detail-web" prid="7"></div>
  <div class="re__pr-short-info-item"><span class="title">Mức giá</span><span class="value">2,9 tỷ</span></div>`;

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe("what a page is, told by its content", () => {
  it("a list: each card followed with itself as fallback and as data", () => {
    const found = visit(bds, bdsPage(`${CARD}<a class="re__pagination-icon" href="/ban-nha-dat/p2"></a>`));
    expect([found.items, found.cards, found.pager]).toEqual([[], [card], ["https://batdongsan.com.vn/ban-nha-dat/p2"]]);
    expect([found.follows[0]!.url, found.follows[0]!.callback, found.follows[0]!.options.data]).toEqual([card.link, "detail", card]);
  });
  it("a listing, completed with what only the card had", () => {
    const found = visit(bds, bdsPage(DETAIL, card), "detail");
    expect(found.items).toEqual([{ ...card, link: url, title: "Bán nhà hẻm", price: "2,9 tỷ" }]);
  });
  it("a listing without a card before it", () => {
    const { items } = visit(bds, bdsPage(DETAIL));
    expect(items).toEqual([{ ...fetched, link: url, source: "batdongsan.com.vn", listing_id: "7", title: "Bán nhà hẻm", price: "2,9 tỷ" }]);
  });
  it("a list of none", () => {
    expect(visit(bds, bdsPage(`Hiện có <span id="count-number">0</span> bất động sản.`)).follows).toEqual([]);
  });
  it("gone: a list where a listing was asked for", () => {
    expect(() => visit(bds, bdsPage(CARD, card), "detail")).toThrow(code("not_found"));
  });
  it("gone: another listing than was asked for", () => {
    expect(() => visit(bds, bdsPage(DETAIL.replace('"7"', '"8"'), card), "detail")).toThrow(/shows listing 8, not 7/);
  });
  it.each(["Không tìm thấy trang", "404 - Not found", "410 Error | Mogi.vn", "Tin đăng không còn tồn tại", "Tin này đã hết hạn"])(
    "gone: %s",
    (title) => {
      const read = (): unknown => visit(bds, bdsPage(`<title>${title}</title>${CARD}`));
      expect(read).toThrow(RejectedError);
      expect(read).toThrow(code("not_found"));
    },
  );
  it.each(["404 m² đất", "Bán nhà 410 Lê Lợi", "Nhà đất không lỗi phong thủy"])("not gone: a list titled %s", (title) => {
    expect(visit(bds, bdsPage(`<title>${title}</title>${CARD}`)).cards.length).toBe(1);
  });
  it.each(["Just a moment...", "Attention Required! | Cloudflare", "Vui lòng nhập captcha"])("a wall: %s", (title) => {
    const read = (): unknown => visit(bds, bdsPage(`<title>${title}</title>`));
    expect(read).toThrow(TransientError);
    expect(read).toThrow(code("blocked"));
  });
  it("none of these: rejected with what was looked for, never an empty item", () => {
    const read = (): unknown => visit(bds, bdsPage("<h2>Phong thủy</h2><p>nhà đất</p>"));
    expect(read).toThrow(RejectedError);
    expect(read).toThrow(
      /https:\/\/batdongsan\.com\.vn\/ban-nha-dat \(text\/html; charset=utf-8, titled "Phong thủy"\): .*\.js__card or h1\.re__pr-title; \.product-item/,
    );
  });
  it("a wanted ad offers nothing", () => {
    const wanted = `<nav class=top-link><a itemprop=name>Trang chủ</a><a itemprop=name>Cần mua nhà đất</a></nav><article class=property-item></article>`;
    expect(() => visit(alonhadat, makePage(wanted))).toThrow(code("unknown_layout"));
    const detail = `<article class=property><header class=title><h1>Cần mua nhà</h1></header><table class=moreinfor1><td>Loại tin<td>Cần mua</table></article>`;
    expect(() => visit(alonhadat, makePage(detail))).toThrow(code("unknown_layout"));
  });
  it("a card without a link keeps its listing for the engine to count", () => {
    const { follows } = visit(mogi, makePage(`<ul class=props><li><h2 class=prop-title>Nhà</h2></li></ul>`));
    expect([follows[0]!.url, follows[0]!.options.fallback]).toEqual([
      undefined,
      { ...fetched, link: "", source: "site.test", title: "Nhà" },
    ]);
  });
});

describe.skipIf(withoutRealPages)("saved pages that hold no listing", () => {
  const OTHERS = `canmuacanthue__index canmuacanthue__seller pages__canmuacanthue__index pages__canmuacanthue__seller
    pages__danhba__doanhnghiep pages__danhba__nhamoigioi pages__du-an__index pages__du-an__singlePost pages__du-an__vitri_hatang
    pages__noi-ngoaithat__noingoaithat pages__phongthuy__phongthuy pages__phongthuy__phongthuynhao pages__phongthuy__phongthuytheotuoi
    pages__phongthuy__phongthuytoancanh pages__phongthuy__phongthuyvanphong pages__phongthuy__tuvanphongthuy pages__tintucbds__tintuc`;

  it.each(OTHERS.split(/\s+/))("wanted ads, companies, projects, news: %s", (file) => {
    expect(() => visit(bds, realPage(`bds-2020/${file}.html`, url))).toThrow(code("unknown_layout"));
  });
  it("Cloudflare's wall", () => {
    const read = (): unknown => visit(bds, realPage("blocked/cloudflare_just_a_moment.html", url));
    expect(read).toThrow(code("blocked"));
  });
});
