import { describe, expect, it } from "vitest";
import bds from "../../crawlers/bds_spider.ts";
import { fetched, realPage, visit, withoutRealPages } from "./visit.ts";

const site = { ...fetched, source: "batdongsan.com.vn", transaction: "Bán" };
const at = "https://batdongsan.com.vn/ban-";

/** Read off the page by hand: place in the list, and every field of the card. */
const CARDS: Record<number, object> = {
  0: {
    link: `${at}nha-biet-thu-lien-ke-xa-tan-hoi-7-prj-vinhomes-wonder-city/mua-tang-xe-vf3-vf8-vf9-cap-t-quy-hang-thang-8-truc-tiep-cdt-vin-dan-phuong-pr43808260`,
    listing_id: "43808260",
    title: "Quỹ hàng đợt cuối chiết khấu 18%, tặng xe điện VF8/VF9 Vinhomes Đan Phượng. LH: 0937 996 ***",
    price: "15,6 tỷ",
    price_per_m2: "150 tr/m²",
    area: "104 m²",
    address: "Đan Phượng, Hà Nội",
    posted: "01/02/2026",
  },
  1: {
    link: `${at}nha-biet-thu-lien-ke-duong-co-loa-xa-dong-hoi-prj-vinhomes-global-gate/-shop-cdt-vin-ck-29-34-ng-vien-expo-dien-tich-68-85m2-gia-15-5-ty-lh-pr44928729`,
    listing_id: "44928729",
    title: "Bảng Hàng LK CĐT Vin Cổ Loa CK 34-42%, Expo diện tích 61-99m2, CĐT Thuê 35% giá 14,7 tỷ .0989 842 ***",
    price: "15,56 tỷ",
    price_per_m2: "255 tr/m²",
    area: "61 m²",
    bedrooms: "5",
    address: "Đông Anh, Hà Nội",
    posted: "01/02/2026",
  },
  3: {
    link: `${at}nha-mat-pho-duong-vuong-thua-vu-phuong-khuong-trung/ban-60-dt-186m2-dua-ra-200m2-x9t-mt-12m-135-ty-pr44671457`,
    listing_id: "44671457",
    title: "Bán nhà 60 Vương Thừa Vũ. DT 186m2, đua ra 200m2 x9T - MT 12m - 135 tỷ",
    price: "135 tỷ",
    area: "·186 m²",
    address: "Khương Trung, Thanh Xuân",
    posted: "01/02/2026",
  },
  5: {
    link: `${at}nha-rieng-duong-khuyen-luong-phuong-tran-phu-7/toi-la-chu-ban-ccmn-lo-goc-6t-thang-may-pccc-dong-tien-40tr-10-8-ty-pr44938551`,
    listing_id: "44938551",
    title: "Tôi là chủ nhà bán CCMN Khuyến Lương, lô góc, 6T thang máy, pccc, dòng tiền 40tr, 10.8 tỷ",
    price: "10,8 tỷ",
    area: "·65 m²",
    address: "Trần Phú, Hoàng Mai",
    posted: "01/02/2026",
  },
  8: {
    link: `${at}nha-rieng-pho-tran-cung-phuong-co-nhue-1/ban-mat-ngo-gan-oto-vao-kd-dong-tien-50-trieu-72m2-7t-19-2-ty-pr44970130`,
    listing_id: "44970130",
    title: "Bán nhà Trần Cung, mới, hiếm, 7 tầng thang máy mặt ngõ, kinh doanh, oto vào nhà, 60m2 - 19.2 tỷ",
    price: "19,2 tỷ",
    area: "·60 m²",
    address: "Cổ Nhuế 1, Bắc Từ Liêm",
    posted: "01/02/2026",
  },
  11: {
    link: `${at}nha-rieng-duong-xuan-dinh-phuong-xuan-dinh/ban-phan-lo-quan-chuc-cap-cao-gan-cong-vien-66-6m2-6-tang-thang-may-mt-6-2m-gia-22-5-ty-pr44831866`,
    listing_id: "44831866",
    title: "Nhà đẹp đón tết 6 tầng thang máy view sân chơi, 65.3m2 MT: 6.2m ô tô tránh an ninh, giá: 21,99 tỷ",
    price: "21,99 tỷ",
    area: "·65,3 m²",
    address: "Xuân Đỉnh, Bắc Từ Liêm",
    posted: "01/02/2026",
  },
  14: {
    link: `${at}nha-biet-thu-lien-ke-phuong-phu-thuong-1-prj-gia-by-kita/tong-hop-quy-can-dep-kdt-ciputra-gd3-giap-cong-vien-65-ha-quy-can-cuc-hiem-so-do-trao-tay-pr44634825`,
    listing_id: "44634825",
    title: "Tổng hợp quỹ căn đẹp KĐT Ciputra GĐ3 - giáp công viên 65 ha - quỹ căn cực hiếm - sổ đỏ trao tay",
    price: "52 tỷ",
    price_per_m2: "346,67 tr/m²",
    area: "150 m²",
    address: "Tây Hồ, Hà Nội",
    posted: "31/01/2026",
  },
  18: {
    link: `${at}nha-biet-thu-lien-ke-phuong-xuan-la-prj-kdt-tay-ho-tay-starlake-ha-noi/cap-nhat-quy-can-starla-can-ban-lai-du-an-starla-gia-tot-vi-tri-dep-goc-dep-pr44487309`,
    listing_id: "44487309",
    title: "Cập Nhật Quỹ Căn Biệt thự - liền kề starlake Cần Bán lại Dự Án STARLAKE Giá TỐT, Vị trí đẹp Góc ĐẸP",
    price: "Giá thỏa thuận",
    area: "320 m²",
    address: "Tây Hồ, Hà Nội",
    posted: "31/01/2026",
  },
  20: {
    link: `${at}nha-rieng-duong-an-duong-phuong-yen-phu-1/hoa-hau-mat-tien-5m-o-to-trh-gara-o-to-moi-chi-hon-10-ty-pr45124981`,
    listing_id: "45124981",
    title: "Hoa hậu An Dương, mặt tiền 5m, ô tô tránh, gara ô tô, nhà mới, chỉ hơn 10 tỷ",
    price: "19,5 tỷ",
    price_per_m2: "270,83 tr/m²",
    area: "72 m²",
    bedrooms: "8",
    address: "Tây Hồ, Hà Nội",
    posted: "31/01/2026",
  },
  22: {
    link: `${at}shophouse-nha-pho-thuong-mai-duong-co-loa-xa-dong-hoi-prj-vinhomes-global-gate/-lk-80m2-tu-15-ty-ck-29-5-cam-ket-cho-thue-25-tpkd-pr44780494`,
    listing_id: "44780494",
    title: "Shophouse LK Vinhomes Cổ Loa 75m2 - 80m2 từ 15 tỷ ck 32% cam kết cho thuê 35%. TPKD: 0981 989 ***",
    price: "15 tỷ",
    price_per_m2: "200 tr/m²",
    area: "75 m²",
    bedrooms: "8",
    address: "Đông Anh, Hà Nội",
    posted: "31/01/2026",
  },
  28: {
    link: `${at}nha-biet-thu-lien-ke-duong-to-huu-phuong-duong-noi-prj-khu-do-thi-moi-duong-noi/ban-kdtm-4-5-tang-tu-xay-phan-lo-via-he-o-tranh-ngu-trong-gia-sieu-dau-tu-pr45121997`,
    listing_id: "45121997",
    title: "Bán nhà KĐTM Dương Nội 4.5 tầng 50m2-phân lô vỉa hè-oto vào nhà- đường oto tránh- Giá siêu đầu tư",
    price: "15,7 tỷ",
    price_per_m2: "314 tr/m²",
    area: "50 m²",
    address: "Hà Đông, Hà Nội",
    posted: "30/01/2026",
  },
  29: {
    link: `${at}nha-rieng-duong-trinh-van-bo-phuong-phuong-canh/cc-can-ban-can-ho-ccmn-18p-dang-cho-thue-khoan-54tr-th-co-quy-hoach-mo-ra-mat-pho-pr45121514`,
    listing_id: "45121514",
    title: "CC cần bán căn hộ CCMN 18P đang cho thuê khoán 54tr/th. Có quy hoạch mở đường ra mặt phố.",
    price: "14 tỷ",
    price_per_m2: "233,33 tr/m²",
    area: "60 m²",
    bedrooms: "18",
    address: "Nam Từ Liêm, Hà Nội",
    posted: "30/01/2026",
  },
};

describe.skipIf(withoutRealPages)("batdongsan.com.vn, 2026", () => {
  const list = withoutRealPages
    ? undefined
    : visit(bds, realPage("bds-2026/bdsai_debug_bds.html", "https://batdongsan.com.vn/ban-nha-dat-ha-noi"));

  it("has 30 listings in a list, each followed to its own page with the card as fallback", () => {
    expect([list!.items.length, list!.cards.length, new Set(list!.cards.map((card) => card.listing_id)).size]).toEqual([0, 30, 30]);
    for (const follow of list!.follows) {
      expect([follow.callback, follow.url, follow.options.data]).toEqual([
        "detail",
        list!.cards[list!.follows.indexOf(follow)]!.link,
        follow.options.fallback,
      ]);
    }
  });
  it("has title, price, area, address and date on every card", () => {
    for (const card of list!.cards) expect([card.title, card.price, card.area, card.address, card.posted]).not.toContain(undefined);
  });
  it.each(Object.entries(CARDS))("card %s is as on the page", (place, card) => {
    expect(list!.cards[Number(place)]).toEqual({ ...site, ...card });
  });
  it("has its pager followed", () => {
    const pages = ["", "/p2", "/p3", "/p4", "/p5", "/p1155", "/p2"].map((page) => `https://batdongsan.com.vn/ban-nha-dat-ha-noi${page}`);
    expect(list!.pager).toEqual(pages);
  });

  const detail = {
    ...site,
    link: `${at}can-ho-chung-cu-duong-pham-van-nghi-phuong-tan-phong-9-sky-garden-3/ban-goc-3-phu-my-hung-full-noi-that-cao-cap-pr46002296`,
    listing_id: "46002296",
    title: "Cần bán căn góc Sky Garden 3 Phú Mỹ Hưng full nội thất cao cấp",
    property_type: "Căn hộ chung cư tại Sky Garden 3",
    price: "6,28 tỷ",
    price_per_m2: "~87,83 triệu/m²",
    area: "71,5 m²",
    bedrooms: "3 PN",
    address: "Sky Garden 3, Đường Phạm Văn Nghị, Phường Tân Phong, Quận 7, Hồ Chí Minh",
    address_2025: "Phường Tân Hưng, Hồ Chí Minh",
    posted: "04/07/2026",
    latitude: "10.7336549238947",
    longitude: "106.705968203542",
  };
  it.each(["parse", "detail"])("has all fields on a listing's own page, whichever callback gets it (%s)", (callback) => {
    const found = visit(bds, realPage("bds-2026/ldp_apartment.html", "https://batdongsan.com.vn/any"), callback);
    expect(found).toEqual({ items: [detail], cards: [], pager: [], follows: [] });
  });
});
