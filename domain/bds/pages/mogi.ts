import type { Page, Selection } from "arachne";
import type { RawListing } from "../listing.ts";
import { type Layout, linkOf, mapCoordinates, rawListing } from "./layout.ts";

/** mogi.vn as of 2026. */
export const mogi: Layout = {
  marks: ".props > li or .property-detail h1",
  detail,
  cards: (page) => {
    const crumbs = crumbsOf(page);
    const items = [...page.css(".props > li")];
    return items.length > 0 ? items.map((card) => cardOf(page, card, crumbs)) : undefined;
  },
  pager: (page) => page.css(".pagination a").attrs("href"),
};

function cardOf(page: Page, card: Selection, crumbs: readonly string[]): RawListing {
  const link = card.css("a.link-overlay").attr("href");
  const facts = card.css(".prop-attr li").texts();
  return rawListing(page, link, {
    listing_id: idOf(link),
    title: card.css(".prop-title").text(),
    transaction: crumbs[1],
    property_type: crumbs.at(-1),
    price: card.css(".price").text(),
    area: facts.find((fact) => /\bm2$/.test(fact)),
    bedrooms: facts.find((fact) => /\bPN$/.test(fact)),
    address: card.css(".prop-addr").text(),
    posted: card.css(".prop-created").text(),
  });
}

function detail(page: Page): RawListing | undefined {
  const title = page.css(".property-detail .title h1").text();
  if (title === undefined) return undefined;
  const facts = new Map<string, string>();
  for (const fact of page.css(".info-attr")) {
    const [label, value] = fact.css("span").texts();
    if (label !== undefined && value !== undefined) facts.set(label, value);
  }
  const crumbs = crumbsOf(page);
  const id = facts.get("Mã BĐS") ?? idOf(page.url);
  return rawListing(page, linkOf(page, id), {
    listing_id: id,
    title,
    transaction: crumbs[1],
    property_type: crumbs.at(-1),
    price: page.css(".main-info .price").text(),
    // Of land first: what prices per m² are counted by. Flats have only the other.
    area: facts.get("Diện tích đất") ?? facts.get("Diện tích sử dụng"),
    bedrooms: facts.get("Phòng ngủ"),
    address: page.css(".main-info .address").text(),
    posted: facts.get("Ngày đăng"),
    ...mapCoordinates(page),
  });
}

/** "Mogi", "Mua bán nhà đất", "Hà Nội", "Quận Long Biên", "Bán Nhà hẻm, ngõ Thạch Bàn" */
function crumbsOf(page: Page): string[] {
  return page.css(".breadcrumb [property=name]").texts();
}

/** `…-id22606069` */
function idOf(link: string | undefined): string | undefined {
  return link === undefined ? undefined : /-id(\d+)(?:[?#/]|$)/.exec(link)?.[1];
}
