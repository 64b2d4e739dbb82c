import { describe, expect, it } from "vitest";
import mogi from "../../crawlers/mogi_spider.ts";
import { fetched, realPage, visit, withoutRealPages } from "./visit.ts";

const at = "https://mogi.vn";
const site = { ...fetched, source: "mogi.vn" };
const category = { transaction: "Cho thuê nhà đất", property_type: "Cho thuê Nhà mặt tiền, phố", posted: "Hôm nay" };

/** Read off the page by hand: place in the list, and every field of the card. */
const CARDS: Record<number, object> = {
  0: {
    link: `${at}/quan-binh-tan/thue-nha-mat-tien-pho/nha-mat-tien-moi-100-4x20-1-tret-1-lau-mo-shop-lam-nails-id22565888`,
    listing_id: "22565888",
    title: "Nhà mặt tiền mới 100% , 4x20 1 trệt 1 lầu, mở shop, làm nails",
    price: "20 triệu",
    area: "80 m2",
    bedrooms: "1 PN",
    address: "Quận Bình Tân, TPHCM",
  },
  1: {
    link: `${at}/quan-hoang-mai/thue-nha-mat-tien-pho/cho-thue-nha-mp-tan-mai-dt-85m2-8-tang-mt-7m-thong-san-thang-may-id22727082`,
    listing_id: "22727082",
    title: "Cho thuê nhà mp Tân Mai. DT 85m2, 8 tầng, MT 7m, thông sàn, thang máy",
    price: "100 triệu",
    area: "85 m2",
    bedrooms: "7 PN",
    address: "Quận Hoàng Mai, Hà Nội",
  },
  4: {
    link: `${at}/quan-2/thue-nha-mat-tien-pho/gioi-oi-toa-nha-thang-may-an-phu-dtsd-500m2-ham-3l-id21551548`,
    listing_id: "21551548",
    title: "^^ GIỜI ƠI!TOÀ NHÀ thang máy AN Phú Dtsd 500m2 - HẦM 3L",
    price: "39 triệu",
    area: "82 m2",
    bedrooms: "8 PN",
    address: "Quận 2 (TP. Thủ Đức), TPHCM",
  },
  9: {
    link: `${at}/tp-pleiku/thue-nha-mat-tien-pho/cho-thue-nha-mat-tien-huynh-thuc-khang-id22712991`,
    listing_id: "22712991",
    title: "Cho Thuê nhà mặt tiền Huỳnh Thúc Kháng",
    price: "4 triệu 500 nghìn",
    area: "70 m2",
    bedrooms: "2 PN",
    address: "TP. Pleiku, Gia Lai",
  },
  14: {
    link: `${at}/quan-tan-phu/thue-nha-mat-tien-pho/cho-thue-mat-tien-truong-vinh-ki-4x20-5pn-6wc-nha-moi-xay-id22512258`,
    listing_id: "22512258",
    title: "Cho thuê mặt tiền Trương Vĩnh Kí. 4x20. 5Pn 6wc. Nhà mới xây.",
    price: "30 triệu",
    area: "80 m2",
    bedrooms: "5 PN",
    address: "Quận Tân Phú, TPHCM",
  },
};

const DETAILS: Record<string, object> = {
  mogi_detail: {
    link: `${at}/quan-long-bien/mua-nha-hem-ngo/ban-nha-40m-x-5-tang-to-4-thach-ban-ngay-canh-aeon-cau-vinh-tuy-id22320627`,
    listing_id: "22320627",
    title: "Bán Nhà 40m x 5 Tầng Tổ 4 Thạch Bàn, Ngay Cạnh Aeon, Cầu Vĩnh Tuy.",
    transaction: "Mua bán nhà đất",
    property_type: "Bán Nhà hẻm, ngõ Thạch Bàn",
    price: "4 tỷ 350 triệu",
    area: "40 m2 (3,7x11)",
    bedrooms: "3",
    address: "Thạch Bàn, Phường Thạch Bàn, Quận Long Biên, Hà Nội",
    posted: "21/01/2026",
    latitude: "21.02143669",
    longitude: "105.91858673000002",
  },
  debug_mogi: {
    link: `${at}/quan-binh-tan/mua-dat-tho-cu/ban-dat-khu-ten-lua-mt-duong-so-2-dt-6-x-23m-14-7-ty-id22606069`,
    listing_id: "22606069",
    title: "Bán đất khu Tên Lửa, MT đường Số 2, DT 6 x 23m, 14.7 tỷ.",
    transaction: "Mua bán nhà đất",
    property_type: "Bán Đất thổ cư Đường số 2",
    price: "14 tỷ 700 triệu",
    area: "138 m2 (6x23)",
    address: "Đường số 2, Phường Bình Trị Đông B, Quận Bình Tân, TPHCM",
    posted: "29/05/2025",
    latitude: "10.74273157",
    longitude: "106.60916137499999",
  },
};

describe.skipIf(withoutRealPages)("mogi.vn", () => {
  const list = withoutRealPages ? undefined : visit(mogi, realPage("mogi-2026/craw_debug_mogi.html", `${at}/thue-nha-mat-tien-pho`));

  it("has 15 listings in a list, all fields on every card", () => {
    expect([list!.items.length, list!.cards.length, new Set(list!.cards.map((card) => card.link)).size]).toEqual([0, 15, 15]);
    const names = Object.keys({ ...site, ...category, ...CARDS[0] }).sort();
    for (const card of list!.cards) expect(Object.keys(card).sort()).toEqual(names);
  });
  it.each(Object.entries(CARDS))("card %s is as on the page", (place, card) => {
    expect(list!.cards[Number(place)]).toEqual({ ...site, ...category, ...card });
  });
  it("has its pager followed", () => {
    expect(list!.pager).toEqual([2, 3, 4, 5, 6, 7, 8, 2].map((page) => `${at}/thue-nha-mat-tien-pho?cp=${page}`));
  });
  it.each(Object.entries(DETAILS))("has all fields on a listing's own page, as served or as a browser left it: %s", (file, listing) => {
    const found = visit(mogi, realPage(`mogi-2026/${file}.html`, `${at}/`));
    expect([found.items, found.cards]).toEqual([[{ ...site, ...listing }], []]);
  });
  it("says of its 410 page that it is not found", () => {
    const page = realPage("mogi-2026/craw_debug_page.html", `${at}/gone-id1`);
    expect(() => visit(mogi, page)).toThrow(
      expect.objectContaining({ code: "not_found", message: "page says not found: 410 Error | Mogi.vn" }),
    );
  });
  it("has no listing on its home page, and says what it looked for", () => {
    const page = realPage("mogi-2026/mogi_home.html", `${at}/`);
    expect(() => visit(mogi, page)).toThrow(expect.objectContaining({ code: "unknown_layout" }));
    expect(() => visit(mogi, page)).toThrow(/\.props > li or \.property-detail h1/);
  });
});
