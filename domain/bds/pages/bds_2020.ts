import type { Page, Selection } from "arachne";
import type { RawListing } from "../listing.ts";
import { idOf, transactionOf } from "./bds_link.ts";
import { rawListing, type Layout } from "./layout.ts";

/** batdongsan.com.vn as of 2020: its lists and the home page's selection. No listing's own page of it has come down to us. */
export const bds2020: Layout = {
  marks: ".product-item or .home-product-bound",
  detail: () => undefined,
  cards: (page) => {
    const items = [...page.css(".product-item")];
    if (items.length > 0) return items.map((item) => cardOf(page, item, LIST));
    const picks = [...page.css(".home-product-bound")];
    return picks.length > 0 ? picks.map((item) => cardOf(page, item, HOME)) : undefined;
  },
  pager: (page) => page.css(".pagination a").attrs("href"),
};

interface Selectors {
  readonly title: string;
  readonly price: string;
  readonly area: string;
  readonly address: string;
  readonly posted: string;
}

const LIST: Selectors = { title: ".product-title a", price: ".price", area: ".area", address: ".location", posted: ".product-labeltime" };
const HOME: Selectors = {
  title: ".p-title a",
  price: ".product-price",
  area: ".pro-m2",
  address: ".product-address",
  posted: ".product-date",
};

function cardOf(page: Page, card: Selection, at: Selectors): RawListing {
  const title = card.css(at.title);
  const link = title.attr("href");
  return rawListing(page, link, {
    listing_id: idOf(link),
    title: title.text(),
    transaction: transactionOf(link),
    price: card.css(at.price).text(),
    area: card.css(at.area).text(),
    address: card.css(at.address).text(),
    // The date stands in a tooltip beside "Hôm nay".
    posted: card.css(`${at.posted} .tooltip-time`).text() ?? card.css(at.posted).text(),
  });
}
