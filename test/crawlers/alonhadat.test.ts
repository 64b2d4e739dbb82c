import { describe, expect, it } from "vitest";
import alonhadat from "../../crawlers/alonhadat_spider.ts";
import { fetched, realPage, visit, withoutRealPages } from "./visit.ts";

const at = "https://alonhadat.com.vn";
const site = { ...fetched, source: "alonhadat.com.vn" };
const category = { transaction: "Bán chung cư", property_type: "Bán chung cư" };

/** Read off the page by hand: place in the list, and every field of the card. */
const CARDS: Record<number, object> = {
  0: {
    link: `${at}/nha-nguyen-trai-p-3-quan-5-ngang-5-1m-dai-18m-co-san-4m-7-tang-co-16-phong-chdv-18844696.html`,
    listing_id: "18844696",
    title: "Nhà Nguyễn Trãi - P.3 - Quận 5 - Ngang 5,1m Dài 18m Có Sân 4m - 7 Tầng - Có 16 Phòng CHDV",
    price: "40 tỷ",
    area: "90 m²",
    bedrooms: "16 phòng ngủ",
    address: "Đường Nguyễn Trãi, Phường 3, Quận 5, Hồ Chí Minh",
    address_2025: "Đường Nguyễn Trãi, Phường Chợ Quán, Hồ Chí Minh",
    posted: "2026-07-10",
  },
  1: {
    link: `${at}/ban-can-ho-cc-tang-trung-2pn-2wc-18866555.html`,
    listing_id: "18866555",
    title: "Bán căn hộ CC tầng trung 2PN, 2WC",
    price: "3,2 tỷ",
    area: "78 m²",
    bedrooms: "2 phòng ngủ",
    address: "Đường Nguyễn Lương Bằng, Xã Phú Xuân, Huyện Nhà Bè, Hồ Chí Minh",
    address_2025: "Đường Nguyễn Lương Bằng, Xã Nhà Bè, Hồ Chí Minh",
    posted: "2026-07-05",
  },
  3: {
    link: `${at}/nha-trong-co-noi-that-chung-cu-era-duc-khai-quan-7-gia-chi-tu-3-3-ty-18844060.html`,
    listing_id: "18844060",
    title: "Nhà trống có nội thất chung cư Era Đức Khải - Quận 7, giá chỉ từ 3.3 tỷ",
    price: "3,59 tỷ",
    area: "85 m²",
    bedrooms: "3 phòng ngủ",
    address: "Tỉnh lộ 15B, Phường Phú Mỹ, Quận 7, Hồ Chí Minh",
    address_2025: "Tỉnh lộ 15B, Phường Tân Mỹ, Hồ Chí Minh",
    posted: "2026-07-08",
  },
  7: {
    link: `${at}/ban-nha-chung-cu-saigon-avenue-2-8-tyd-62m2-2pn-2wc-mat-tien-duong-vanh-dai-2-doan-g-18883053.html`,
    listing_id: "18883053",
    title: "Bán nhà chung cư Saigon Avenue 2.8 tỷđ, 62m2 , 2PN 2WC, mặt tiền đường Vành đai 2 (đoạn G",
    price: "2,8 tỷ",
    area: "62 m²",
    bedrooms: "2 phòng ngủ",
    address: "Phường Tam Bình, Thành phố Thủ Đức, Hồ Chí Minh",
    address_2025: "Phường Tam Bình, Hồ Chí Minh",
    posted: "2026-07-09",
  },
  12: {
    link: `${at}/chuyen-nhuong-du-an-khu-phuc-hop-shophouse-can-ho-phu-thuan-q7-hcm-17448085.html`,
    listing_id: "17448085",
    title: "Chuyển nhượng Dự án Khu phức hợp Shophouse & Căn hộ Phú Thuận, Q7, HCM",
    price: "999 tỷ",
    area: "19884 m²",
    bedrooms: "100 phòng ngủ",
    address: "Đường Đào Trí, Phường Phú Thuận, Quận 7, Hồ Chí Minh",
    address_2025: "Đường Đào Trí, Phường Phú Thuận, Hồ Chí Minh",
    posted: "2026-07-10",
  },
  19: {
    link: `${at}/can-ban-can-ho-valeo-dam-sen-dt-88m2-2pn-2wc-full-noi-that-da-co-shr-4-x-ty-18661069.html`,
    listing_id: "18661069",
    title: "Cần bán Căn Hộ VaLeo Đầm Sen ─ DT 88M2 ─ 2PN 2WC Full Nội Thất ─ đã có SHR ─ 4,x tỷ",
    price: "4,5 tỷ",
    area: "88 m²",
    bedrooms: "2 phòng ngủ",
    address: "Đường Trịnh Đình Trọng, Phường Hòa Thạnh, Quận Tân Phú, Hồ Chí Minh",
    address_2025: "Đường Trịnh Đình Trọng, Phường Tân Phú, Hồ Chí Minh",
    posted: "2026-07-10",
  },
};

describe.skipIf(withoutRealPages)("alonhadat.com.vn", () => {
  const listUrl = `${at}/can-ban-can-ho-chung-cu/ho-chi-minh`;
  const list = withoutRealPages ? undefined : visit(alonhadat, realPage("alonhadat-2026/alonhadat_srp_apartment.html", listUrl));

  it("has 20 listings in a list, all fields on every card", () => {
    expect([list!.items.length, list!.cards.length, new Set(list!.cards.map((card) => card.link)).size]).toEqual([0, 20, 20]);
    const names = Object.keys({ ...site, ...category, ...CARDS[0] }).sort();
    for (const card of list!.cards) expect(Object.keys(card).sort()).toEqual(names);
  });
  it.each(Object.entries(CARDS))("card %s is as on the page", (place, card) => {
    expect(list!.cards[Number(place)]).toEqual({ ...site, ...category, ...card });
  });
  it("has its pager followed", () => {
    expect(list!.pager).toEqual([2, 3, 4, 5, 6, 7, 8, 9].map((page) => `${listUrl}/trang-${page}`));
  });

  it("has all fields on a listing's own page, whose related listings are not taken for a list", () => {
    const found = visit(alonhadat, realPage("alonhadat-2026/alonhadat_ldp_apartment.html", `${at}/`));
    expect(found.cards).toEqual([]);
    expect(found.items).toEqual([
      {
        ...site,
        // The page does not say where it stands, but its related listings hold itself.
        link: `${at}/ban-can-ho-ha-do-73m2-2pn-gia-4-8-ty-93m2-3pn-gia-6-4-ty-so-hong-18880167.html`,
        listing_id: "18880167",
        title: "Bán căn hộ Hà Đô -73m2/2PN giá 4.8 tỷ - 93m2/3PN giá 6.4 tỷ - sổ hồng",
        transaction: "Cần bán",
        property_type: "Căn hộ chung cư",
        price: "4,8 tỷ",
        area: "73 m²",
        bedrooms: "2",
        address: "Đường Nguyễn Văn Công, Phường 3, Quận Gò Vấp, Hồ Chí Minh",
        address_2025: "Đường Nguyễn Văn Công, Phường Hạnh Thông, Hồ Chí Minh",
        posted: "2026-07-08",
      },
    ]);
  });
  it("says of its page for what is gone that it is not found", () => {
    const page = realPage("alonhadat-2026/crawlvip_alonhadat_search.html", `${at}/gone-1.html`);
    expect(() => visit(alonhadat, page)).toThrow(
      expect.objectContaining({ code: "not_found", message: "page says not found: Không tìm thấy trang" }),
    );
  });
});
