import type { Page, Selection } from "arachne";
import type { RawListing } from "../listing.ts";
import { idOf, transactionOf } from "./bds_link.ts";
import { type Layout, linkOf, mapCoordinates, rawListing } from "./layout.ts";

/** batdongsan.com.vn as of 2026. */
export const bds2026: Layout = {
  marks: ".js__card or h1.re__pr-title",
  detail,
  cards: (page) => {
    const cards = [...page.css(".js__card")].map((card) => cardOf(page, card));
    // "Hiện có 0 bất động sản."
    return cards.length > 0 || page.css("#count-number").text() === "0" ? cards : undefined;
  },
  pager: (page) => page.css(".re__pagination-number, .re__pagination-icon").attrs("href"),
};

function cardOf(page: Page, card: Selection): RawListing {
  const link = card.css("a.js__product-link-for-product-id").attr("href");
  const published = card.css(".re__card-published-info-published-at");
  return rawListing(page, link, {
    listing_id: card.attr("prid") ?? idOf(link),
    title: card.css(".js__card-title").text(),
    transaction: transactionOf(link),
    price: card.css(".re__card-config-price").text(),
    price_per_m2: card.css(".re__card-config-price_per_m2").text(),
    area: card.css(".re__card-config-area").text(),
    bedrooms: card.css(".re__card-config-bedroom").text(),
    address: card.css(".re__card-location span:not(.re__card-config-dot)").text(),
    // The label has the date, the text "hôm nay".
    posted: published.attr("aria-label") ?? published.text(),
  });
}

function detail(page: Page): RawListing | undefined {
  const title = page.css("h1.re__pr-title");
  if (title.length === 0) return undefined;
  const specs = new Map<string, string>();
  for (const item of page.css(".re__pr-specs-content-item")) {
    specs.set(item.css(".re__pr-specs-content-item-title").text() ?? "", item.css(".re__pr-specs-content-item-value").text() ?? "");
  }
  let perM2: string | undefined;
  for (const item of page.css(".re__pr-short-info-item")) {
    specs.set(item.css(".title").text() ?? "", item.css(".value").text() ?? "");
    const beside = item.css(".ext").text();
    if (beside?.includes("/m") === true) perM2 = beside;
  }
  const crumbs = page.css(".re__breadcrumb a").texts();
  const id = specs.get("Mã tin") ?? page.css("#product-detail-web").attr("prid") ?? idOf(page.url);
  return rawListing(page, linkOf(page, id), {
    listing_id: id,
    title: title.text(),
    transaction: crumbs[0],
    property_type: crumbs.at(-1),
    price: specs.get("Khoảng giá") ?? specs.get("Mức giá"),
    price_per_m2: perM2,
    area: specs.get("Diện tích"),
    bedrooms: specs.get("Phòng ngủ") ?? specs.get("Số phòng ngủ"),
    address: page.css(".re__address-line-1, .js__pr-address").text(),
    // "(Phường Tân Hưng, Hồ Chí Minh mới)"
    address_2025: page
      .css(".re__address-line-2")
      .text()
      ?.replace(/^\(|(?:\s+mới)?\)$/gu, ""),
    posted: specs.get("Ngày đăng"),
    ...mapCoordinates(page),
  });
}
