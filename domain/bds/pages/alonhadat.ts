import type { Page, Selection } from "arachne";
import type { RawListing } from "../listing.ts";
import { type Layout, linkOf, rawListing } from "./layout.ts";

/** alonhadat.com.vn as of 2026: microdata in the list, a table of labels and values in the listing. */
export const alonhadat: Layout = {
  marks: "article.property-item or article.property h1",
  detail,
  cards,
  pager: (page) => page.css("nav.page a").attrs("href"),
};

/** Who wants to buy or rent offers nothing. */
const WANTED = /^Cần (?:mua|thuê)/u;

function cards(page: Page): RawListing[] | undefined {
  // "Trang chủ", "Bán chung cư", "Bán chung cư Hồ Chí Minh"
  const category = page.css("nav.top-link [itemprop=name]").texts()[1];
  if (category !== undefined && WANTED.test(category)) return undefined;
  const items = [...page.css("article.property-item")];
  return items.length > 0 ? items.map((card) => cardOf(page, card, category)) : undefined;
}

function cardOf(page: Page, card: Selection, category: string | undefined): RawListing {
  const link = card.css("a[itemprop=url]").attr("href");
  const created = card.css("time.created-date");
  const after = card.css(".new-address [itemprop]").texts().join(", ");
  return rawListing(page, link, {
    listing_id: idOf(link),
    title: card.css(".property-title").text(),
    transaction: category,
    property_type: category,
    price: labelled(card.css(".price").text()),
    area: labelled(card.css(".area").text()),
    bedrooms: card.css(".bedroom").text(),
    address: place(card.css(".old-address span").text()) ?? place(after),
    address_2025: place(after),
    posted: created.attr("datetime") ?? created.text(),
  });
}

function detail(page: Page): RawListing | undefined {
  const article = page.css("article.property");
  const title = article.css("header.title h1").text();
  if (title === undefined) return undefined;
  const cells = article.css(".moreinfor1 td").texts();
  const facts = new Map(cells.map((label, i) => [label, cells[i + 1]]));
  const transaction = facts.get("Loại tin");
  if (transaction !== undefined && WANTED.test(transaction)) return undefined;
  const id = facts.get("Mã tin") ?? idOf(page.url);
  const date = article.css("header.title time.date");
  const after = article.css(".current-address [itemprop]").texts().join(", ");
  return rawListing(page, linkOf(page, id), {
    listing_id: id,
    title,
    transaction,
    property_type: facts.get("Loại BDS"),
    price: labelled(article.css(".more-info .price").text()),
    area: labelled(article.css(".more-info .area").text()),
    bedrooms: known(facts.get("Số phòng ngủ")),
    address: place(article.css(".old-address").text()) ?? place(after),
    address_2025: place(after),
    posted: date.attr("datetime") ?? labelled(date.text()),
  });
}

/** `…-18880167.html` */
function idOf(link: string | undefined): string | undefined {
  return link === undefined ? undefined : /-(\d+)\.html(?:[?#]|$)/.exec(link)?.[1];
}

/** "Giá: 40 tỷ" */
function labelled(text: string | undefined): string | undefined {
  return text?.replace(/^(?:Giá|Diện tích|Ngày đăng):\s*/u, "");
}

/** Cells that say nothing hold "---". */
function known(text: string | undefined): string | undefined {
  return text === undefined || /^-+$/.test(text) ? undefined : text;
}

/** Where the street is not given, the address begins with its comma. */
function place(text: string | undefined): string | undefined {
  return text?.replace(/^[\s,]+/, "") || undefined;
}
