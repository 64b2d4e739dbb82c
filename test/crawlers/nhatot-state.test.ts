import { describe, expect, it } from "vitest";
import nhatot from "../../crawlers/nhatot_spider.ts";
import { makePage } from "../crawl/page/make-page.ts";
import { fetched, visit, type Visit } from "./visit.ts";

function read(ads: readonly unknown[], total: number, page = 1): Visit {
  const state = { props: { pageProps: { initialState: { adlisting: { data: { ads, total } } } } } };
  const html = `<a href="/mua-ban-nha-dat-quan-1/5.htm#px=1">x</a><script id="__NEXT_DATA__" type="application/json">${JSON.stringify(state)}</script>`;
  return visit(nhatot, makePage(html, { url: `https://www.nhatot.com/thue-bat-dong-san?page=${page}` }));
}

const ad = {
  list_id: 5,
  type: "u",
  subject: " Cho thuê nhà ",
  price_string: "6,5 triệu/tháng",
  size: 55.5999,
  ward_name: "Phường 1",
  region_name: "Cần Thơ",
};

describe("the records in nhatot's pages", () => {
  it("become listings with what they have", () => {
    expect(read([ad], 1).items).toEqual([
      {
        ...fetched,
        link: "https://www.nhatot.com/mua-ban-nha-dat-quan-1/5.htm",
        source: "nhatot.com",
        listing_id: "5",
        title: "Cho thuê nhà",
        transaction: "Cho thuê",
        price: "6,5 triệu/tháng",
        area: "55,6 m²",
        address: "Phường 1, Cần Thơ",
      },
    ]);
  });
  it("without a link on the page get the short one", () => {
    expect(read([{ ...ad, list_id: 6 }], 1).items[0]!.link).toBe("https://www.nhatot.com/6.htm");
  });
  it("lose an odd field, not the listing", () => {
    const [item] = read([{ ...ad, size: "big", price_string: 7, params: "none", latitude: null }], 1).items;
    expect([item!.title, item!.area, item!.price, item!.latitude]).toEqual(["Cho thuê nhà", undefined, undefined, undefined]);
  });
  it("of people who want to buy or rent, and advertisements without an id, are left out", () => {
    expect(read([{ ...ad, type: "k" }, { ...ad, type: "h" }, { banner: 1 }, null], 4).items).toEqual([]);
  });
  it("are followed page by page until the total is reached", () => {
    expect(read([ad, ad], 5, 2).pager).toEqual(["https://www.nhatot.com/thue-bat-dong-san?page=3"]);
    expect(read([ad, ad], 4, 2).pager).toEqual([]);
    expect(read([], 0).pager).toEqual([]);
  });
  it("are missing: no list", () => {
    expect(() => visit(nhatot, makePage("<p>x"))).toThrow(expect.objectContaining({ code: "unknown_layout" }));
  });
});
