import { describe, expect, it } from "vitest";
import bds from "../../crawlers/bds_spider.ts";
import { fetched, realPage, visit, withoutRealPages, type Visit } from "./visit.ts";

const url = "https://batdongsan.com.vn/nha-dat-ban";
const read = (file: string): Visit => visit(bds, realPage(`bds-2020/${file}.html`, url));
const site = { ...fetched, source: "batdongsan.com.vn" };
const at = "https://batdongsan.com.vn/";

const RENT = ["bds_khac", "can_ho", "nha_mat_pho", "nha_rieng", "nha_tro", "van_phong"].map(
  (kind) => `pages__nha_dat_cho_thue__cho_thue_${kind}`,
);
const SALE = ["biet_thu", "can_ho_chung_cu", "dat", "dat_nen", "nha_mat_pho", "nha_rieng"].map((kind) => `pages__nhadatban__ban_${kind}`);
const LISTS = [...RENT, ...SALE, "pages__nha_dat_cho_thue__index", "pages__nhadatban__index"];

/** Read off the pages by hand: file, place in the list, every field of the card. */
const CARDS: [file: string, place: number, card: object][] = [
  [
    "pages__nhadatban__index",
    0,
    {
      link: `${at}ban-dat-nen-du-an-pho-nam-cao-phuong-phuoc-tan-prj-bien-hoa-new-city/khach-ket-tien-can-ban-nhanh-lo-dt-5-x-20-6-x-20-12-x-20-da-nhan-so-pr27748072`,
      listing_id: "27748072",
      title: "KHÁCH KẸT TIỀN CẦN BÁN NHANH LÔ ĐẤT BIÊN HÒA NEW CITY , DT 5 X 20 , 6 X 20 , 12 X 20 . ĐÃ NHẬN SỔ",
      transaction: "Bán",
      price: "1.45 tỷ",
      area: "100 m²",
      address: "Biên Hòa, Đồng Nai",
      posted: "11/11/2020",
    },
  ],
  [
    "pages__nhadatban__index",
    1,
    {
      link: `${at}ban-dat-nen-du-an-duong-quoc-lo-37-xa-bich-son-prj-khu-do-thi-tnr-stars-bich-dong/trung-tam-cong-nghiep-viet-yen-dep-khong-vuong-gi-0973035888-pr27747706`,
      listing_id: "27747706",
      title: "TRUNG TÂM ĐẤT KHU CÔNG NGHIỆP-TNR BÍCH ĐỘNG VIỆT YÊN-LÔ ĐẸP KHÔNG VƯỚNG GÌ 0973035***",
      transaction: "Bán",
      price: "1.8 tỷ",
      area: "73.2 m²",
      address: "Việt Yên, Bắc Giang",
      posted: "11/11/2020",
    },
  ],
  [
    "pages__nha_dat_cho_thue__cho_thue_can_ho",
    0,
    {
      link: `${at}cho-thue-can-ho-chung-cu-duong-ben-van-don-56/t-meland-chuyen-c-ngan-han-dai-han-cac-tai-q4-tu-ot-1-2-3-4pn-0778179179-tuan-pr27778972`,
      listing_id: "27778972",
      title: "T-HOMELAND CHUYÊN CHO THUÊ NGẮN HẠN - DÀI HẠN CÁC CĂN HỘ TẠI Q4 TỪ OT -1- 2- 3- 4PN,0778179*** TUẤN",
      transaction: "Cho thuê",
      price: "13 triệu/tháng",
      area: "80 m²",
      address: "Quận 4, Hồ Chí Minh",
      posted: "13/11/2020",
    },
  ],
  [
    "pages__nha_dat_cho_thue__cho_thue_nha_tro",
    2,
    {
      link: `${at}cho-thue-nha-tro-phong-tro-duong-10-phuong-tan-thuan-dong-1/can-ho-giam-gia-mua-dich-full-noi-that-chi-4-5tr-th-kdc-nam-long-quan-7-kcx-thuan-pr27030959`,
      listing_id: "27030959",
      title: "CĂN HỘ GIẢM GIÁ MÙA DỊCH, FULL NỘI THẤT, CHỈ 5TR/TH, KDC NAM LONG, QUẬN 7, KCX TÂN THUẬN",
      transaction: "Cho thuê",
      price: "5 triệu/tháng",
      address: "Quận 7, Hồ Chí Minh",
      posted: "11/11/2020",
    },
  ],
  [
    "pages__nha_dat_cho_thue__cho_thue_van_phong",
    2,
    {
      link: `${at}cho-thue-van-phong-duong-huynh-tan-phat-phuong-phu-thuan-3/toa-moi-cho-30-50-180-1000m2-ngay-canh-my-hung-200k-m2-pr25774115`,
      listing_id: "25774115",
      title: "TÒA VĂN PHÒNG MỚI CHO THUÊ 30-50-180-1000M2 NGAY CẠNH PHÚ MỸ HƯNG 200K/M2",
      transaction: "Cho thuê",
      price: "200 nghìn/m²/tháng",
      address: "Quận 7, Hồ Chí Minh",
      posted: "12/11/2020",
    },
  ],
  [
    "pages__danhba__singlepost1",
    0,
    {
      link: `${at}cho-thue-nha-mat-pho-duong-le-van-sy-phuong-14-1/cho-tien-388-14-quan-3-pr27765036`,
      listing_id: "27765036",
      title: "Cho thuê nhà mặt tiền 388 Lê Văn Sỹ, phường 14, Quận 3",
      transaction: "Cho thuê",
      price: "60 triệu/tháng",
      area: "90 m²",
      address: "Quận 3, Hồ Chí Minh",
      posted: "12/11/2020",
    },
  ],
  [
    "pages__danhba__singlepost1",
    1,
    {
      link: `${at}cho-thue-nha-rieng-duong-nguyen-van-troi-68/cho-hem-9-met-193-3-gan-trong-tuyen-moi-xe-hoi-dau-trong-pr27748588`,
      listing_id: "27748588",
      title: "Cho thuê nhà hẻm 9 mét 193/3 Nguyễn Văn trỗi gần Nguyễn Trọng tuyển, nhà mới, xe hơi đậu trong nhà",
      transaction: "Cho thuê",
      price: "22 triệu/tháng",
      area: "76.5 m²",
      address: "Phú Nhuận, Hồ Chí Minh",
      posted: "11/11/2020",
    },
  ],
  [
    "pages__index",
    0,
    {
      link: `${at}ban-dat-duong-tinh-lo-427-xa-tam-hung-1/chinh-chu-ban-manh-dau-gia-te-qua-mat-427-cach-nga-ba-binh-da-500m-pr26878040`,
      listing_id: "26878040",
      title: "Chính chủ bán mảnh đất đấu giá Tê Quả, Xã Tam Hưng, mặt Tỉnh Lộ 427, cách ngã ba Bình Đà 500m",
      transaction: "Bán",
      price: "19.5 triệu/m²",
      area: "68.8 m²",
      address: "Thanh Oai, Hà Nội",
      posted: "09/11/2020",
    },
  ],
  [
    "pages__index",
    1,
    {
      link: `${at}ban-nha-biet-thu-lien-ke-duong-vo-chi-cong-phuong-phu-thuong-1-prj-udic-westlake/shophouse-mat-nhan-ban-giao-ngay-so-do-lau-dai-pr24797627`,
      listing_id: "24797627",
      title: "Shophouse Udic mặt đường Võ Chí Công, nhận bàn giao ngay, sổ đỏ lâu đài",
      transaction: "Bán",
      price: "Giá thỏa thuận",
      area: "281 m²",
      address: "Tây Hồ, Hà Nội",
      posted: "09/11/2020",
    },
  ],
];

describe.skipIf(withoutRealPages)("batdongsan.com.vn, 2020", () => {
  it.each(LISTS)("has 20 listings of 20 in %s, each with title, price, address and date", (file) => {
    const { items, cards } = read(file);
    expect([items.length, cards.length, new Set(cards.map((card) => card.link)).size]).toEqual([0, 20, 20]);
    for (const card of cards) expect([card.listing_id, card.title, card.price, card.address, card.posted]).not.toContain(undefined);
  });
  it("has 10 on a company's page and 16 on the home page", () => {
    expect(read("pages__danhba__singlepost1").cards.length).toBe(10);
    expect(read("pages__index").cards.length).toBe(16);
  });
  it.each(CARDS)("%s, card %i is as on the page", (file, place, card) => {
    expect(read(file).cards[place]).toEqual({ ...site, ...card });
  });
  it("has its pager followed", () => {
    expect(read("pages__nhadatban__index").pager).toEqual(["", "/p2", "/p3", "/p4", "/p5", "/p9169"].map((page) => url + page));
  });
});
