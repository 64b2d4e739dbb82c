import { describe, expect, it } from "vitest";
import nhatot from "../../crawlers/nhatot_spider.ts";
import { fetched, realPage, visit, withoutRealPages } from "./visit.ts";

const at = "https://www.nhatot.com";
const site = { ...fetched, source: "nhatot.com", transaction: "Bán" };

/** Read off the page by hand: place in the list, and every field. */
const LISTINGS: Record<number, object> = {
  0: {
    link: `${at}/mua-ban-dat-huyen-chau-thanh-long-an/118817196.htm`,
    listing_id: "118817196",
    title: "📣 BÁN ĐẤT THỔ CƯ 100% – CHỈ 580 TRIỆU – CÁCH TL827B CHỈ 80M",
    property_type: "Đất thổ cư",
    price: "580 triệu",
    area: "110 m²",
    address: "Đường 827B, Xã Bình Quới, Huyện Châu Thành, Long An",
    address_2025: "Đường 827B, Xã Vĩnh Công, Tây Ninh",
    posted: "13 giây trước",
    latitude: 10.508762,
    longitude: 106.46597,
  },
  2: {
    link: `${at}/mua-ban-nha-dat-quan-7-tp-ho-chi-minh/121078666.htm`,
    listing_id: "121078666",
    title: "Mặt Tiền Bùi Bằng Đoàn Phú Mỹ Hưng Q.7 Dt 11x20M Giá 95 tỷ. 4 Lầu",
    property_type: "Nhà mặt phố, mặt tiền",
    price: "95 tỷ",
    area: "210 m²",
    bedrooms: "nhiều hơn 10 PN",
    address: "Đường Bùi Bằng Đoàn, Phường Tân Phong, Quận 7, Tp Hồ Chí Minh",
    address_2025: "Đường Bùi Bằng Đoàn, Phường Tân Hưng, TP Hồ Chí Minh",
    posted: "14 giây trước",
    latitude: 10.729703,
    longitude: 106.70856,
  },
  7: {
    link: `${at}/mua-ban-nha-dat-quan-go-vap-tp-ho-chi-minh/129360635.htm`,
    listing_id: "129360635",
    title: "Nhà mới 50m2x5 tầng Quang Trung Gò Vấp ôtô ngủ nhà sát Tân Bình 7tỷ46",
    property_type: "Nhà ngõ, hẻm",
    price: "7,46 tỷ",
    area: "50 m²",
    bedrooms: "5 PN",
    address: "Đường Quang Trung, Phường 8, Quận Gò Vấp, Tp Hồ Chí Minh",
    address_2025: "Đường Quang Trung, Phường Thông Tây Hội, TP Hồ Chí Minh",
    posted: "59 giây trước",
    latitude: 10.842612,
    longitude: 106.64269,
  },
  8: {
    link: `${at}/mua-ban-nha-dat-thanh-pho-thu-duc-tp-ho-chi-minh/130569437.htm`,
    listing_id: "130569437",
    title: "Nhà đẹp kế bên Vinhomes Q9, 1 Trệt 1 Lầu 70m2 giá chỉ 4.6 tỷ",
    property_type: "Nhà phố liền kề",
    price: "4,6 tỷ",
    area: "70 m²",
    bedrooms: "2 PN",
    address: "Đường Số 27, Phường Long Thạnh Mỹ (Quận 9 cũ), Thành phố Thủ Đức, Tp Hồ Chí Minh",
    address_2025: "Đường Số 27, Phường Long Bình, TP Hồ Chí Minh",
    posted: "1 phút trước",
    latitude: 10.842195,
    longitude: 106.82374,
  },
  10: {
    link: `${at}/mua-ban-dat-thanh-pho-my-tho-tien-giang/128893191.htm`,
    listing_id: "128893191",
    title: "Bán đất nền thổ cư ấp 4 xã Trung An Thành phố Mỹ Tho",
    property_type: "Đất thổ cư",
    price: "1,28 tỷ",
    area: "256 m²",
    address: "HL 94, Xã Trung An, Thành phố Mỹ Tho, Tiền Giang",
    address_2025: "HL 94, Phường Trung An, Đồng Tháp",
    posted: "1 phút trước",
    latitude: 10.360308,
    longitude: 106.331665,
  },
  19: {
    link: `${at}/mua-ban-nha-dat-quan-12-tp-ho-chi-minh/130602849.htm`,
    listing_id: "130602849",
    title: "Hạ 200Tr, Bán 2 Căn Nhà 4x14 Lửng Hẻm 6M Thông Q12",
    property_type: "Nhà ngõ, hẻm",
    price: "4,35 tỷ",
    area: "55,6 m²",
    bedrooms: "1 PN",
    address: "Đường Thạnh Xuân 25, Phường Thạnh Xuân, Quận 12, Tp Hồ Chí Minh",
    address_2025: "Đường Thạnh Xuân 25, Phường Thới An, TP Hồ Chí Minh",
    posted: "4 phút trước",
    latitude: 10.879796,
    longitude: 106.66933,
  },
};

describe.skipIf(withoutRealPages)("nhatot.com", () => {
  const list = withoutRealPages ? undefined : visit(nhatot, realPage("chotot-2026/debug_chotot.html", `${at}/mua-ban-bat-dong-san`));

  it("has 20 whole listings in a list, coordinates and both addresses with them, and asks for no listing's own page", () => {
    expect([list!.items.length, new Set(list!.items.map((item) => item.link)).size, list!.cards.length]).toEqual([20, 20, 0]);
    for (const item of list!.items) {
      expect([
        item.title,
        item.price,
        item.area,
        item.address,
        item.address_2025,
        item.posted,
        item.latitude,
        item.property_type,
      ]).not.toContain(undefined);
    }
  });
  it.each(Object.entries(LISTINGS))("listing %s is as on the page", (place, listing) => {
    expect(list!.items[Number(place)]).toEqual({ ...site, ...listing });
  });
  it("is followed to the next page", () => {
    expect(list!.pager).toEqual([`${at}/mua-ban-bat-dong-san?page=2`]);
  });
});
