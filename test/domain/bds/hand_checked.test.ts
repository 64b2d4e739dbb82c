import { describe, expect, it } from "vitest";
import { cleanListing } from "../../../domain/bds/clean_listing.ts";
import type { Listing } from "../../../domain/bds/listing.ts";
import { absent, rows, type Row } from "./real_rows.ts";

/** Which column is which field; `a+b` joins with ", " (addresses) or " " (amounts). Files without links get one made up. */
const MAPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "alonhadat_can_ban_2023.csv": { title: "3", price: "14", area: "1", address: "0", posted: "15", property_type: "17", bedrooms: "2" },
  "alonhadat_cho_thue_2023.csv": { title: "3", price: "14", area: "1", address: "0", posted: "15", property_type: "17" },
  "alonhadat_intro_ds_2024.json": { link: "url", title: "url", area: "area", address: "street+ward+district", posted: "post_date" },
  "anhpham_alonhadat_2020.csv": {
    title: "name",
    price: "price",
    area: "square_meter",
    bedrooms: "bedroom_no",
    address: "street+area+district",
  },
  "bds_hanoi_2026.json": { title: "title", price: "price", area: "area", address: "location", posted: "date" },
  "bds_hcm_2024_raw.csv": {
    title: "productId",
    price: "price",
    area: "area",
    bedrooms: "bedroom",
    posted: "date_post",
    transaction: "intent",
  },
  "bds_khdl_n7_2025.json": {
    link: "link",
    title: "title",
    price: "price",
    area: "area",
    address: "address",
    posted: "post_date",
    bedrooms: "bedroom",
    property_type: "loai_bds",
  },
  "bds_vietnam_housing_2024.csv": { title: "Address", price: "Price", area: "Area", address: "Address", bedrooms: "Bedrooms" },
  "bds_vinh5905_2024.csv": {
    link: "Link",
    title: "Title",
    price: "Mức giá",
    area: "Diện tích",
    address: "Address",
    posted: "Ngày đăng",
    bedrooms: "Số phòng ngủ",
  },
  "benminh_batdongsan_2023.csv": {
    title: "Title",
    price: "Price+Price Unit",
    area: "Area+Area Unit",
    address: "Ward+District+City",
    posted: "Date",
  },
  "dungdeta_batdongsan_2025.csv": {
    link: "detail_link",
    title: "Tiêu đề",
    price: "Mức giá",
    area: "Diện tích (m2)",
    address: "Địa chỉ",
    bedrooms: "Số phòng ngủ (phòng)",
  },
  "dungdeta_bds_details_2_2025.json": {
    link: "detail_link",
    title: "Tiêu đề",
    price: "Mức giá",
    area: "Diện tích",
    address: "Địa chỉ",
    bedrooms: "Số phòng ngủ",
  },
  "dungdeta_nhatot_details_2025.json": {
    link: "url",
    title: "title",
    price_per_m2: "Giá/m²",
    area: "Diện tích đất",
    address: "Địa chỉ",
    bedrooms: "Số phòng ngủ",
    property_type: "Loại hình nhà ở",
  },
  "khaixinh_nhatot_2025.csv": {
    title: "title",
    price: "price",
    price_per_m2: "price_per_unit",
    area: "size",
    address: "address",
    bedrooms: "rooms",
    property_type: "land_type",
  },
  "letriduc_batdongsan_2025.csv": { link: "Link", title: "Link", price: "Khoảng giá", area: "Diện tích", bedrooms: "Số phòng ngủ" },
  "nhatot_manax_2025.csv": {
    title: "Land Type",
    price: "Price",
    price_per_m2: "Price per m2",
    area: "Area",
    address: "City",
    bedrooms: "Land Type",
    property_type: "Land Type",
  },
  "nhatot_properties_2025.csv": {
    link: "page",
    title: "title",
    price: "price",
    area: "area",
    address: "location",
    posted: "date",
    property_type: "info",
  },
  "phuoc_properties_2024.csv": {
    link: "url",
    title: "url",
    price: "Mức giá",
    area: "Diện tích",
    address: "Địa chỉ",
    posted: "Ngày đăng",
    bedrooms: "Số phòng ngủ",
  },
  "quybuno_batdongsan1_2025.csv": {
    link: "url",
    title: "title",
    price: "price",
    area: "Diện tích đất",
    address: "address",
    posted: "Ngày đăng",
    bedrooms: "Phòng ngủ",
    property_type: "loai_hinh",
  },
  "radar_batdongsan_2026.json": {
    link: "source_url",
    title: "title",
    price: "price_raw",
    area: "area_m2",
    address: "district+province",
    bedrooms: "bedrooms",
    property_type: "property_type",
    transaction: "listing_type",
  },
  "radar_seed_listings_2026.json": {
    link: "url",
    title: "title",
    area: "area_m2",
    address: "district+province",
    bedrooms: "bedrooms",
    property_type: "property_type",
    transaction: "listing_type",
  },
  "recrawl-series/bds_4.json": {
    link: "source_url",
    title: "title",
    price: "price_raw",
    area: "area_m2",
    address: "district+province",
    bedrooms: "bedrooms",
    property_type: "property_type",
    transaction: "listing_type",
  },
  "thanhtuyen_batdongsan_2018.csv": { title: "Title", price: "Price", area: "Area", address: "Location", posted: "Date" },
};
const CRAWLED = "2025-04-20T03:00:00Z";

type Expected = [
  file: string,
  row: number,
  id: string | null,
  transaction: Listing["transaction"],
  type: Listing["property_type"],
  price: number | null,
  unit: Listing["price_unit"],
  perM2: number | null,
  area: number | null,
  bedrooms: number | null,
  place: string,
  posted: string | null,
];

const HN = "Thành phố Hà Nội";
const HCM = "Thành phố Hồ Chí Minh";
const DN = "Thành phố Đà Nẵng";
/** Typed after reading each row; `place` is ward | district | province, "-" for null. */
// oxfmt-ignore
const TABLE: Expected[] = [
  ["alonhadat_can_ban_2023.csv", 0, null, "sale", "villa", 42e9, "total", 123_529_412, 340, 3, `Phường Hiệp Bình Phước | Thành phố Thủ Đức | ${HCM}`, "2023-07-29"],
  ["alonhadat_can_ban_2023.csv", 75, null, "sale", "townhouse", 145e6, "per_m2", 145e6, 1600, null, `Phường 1 | Quận Gò Vấp | ${HCM}`, "2023-07-29"],
  ["alonhadat_can_ban_2023.csv", 120, null, "sale", "land", 39e9, "total", 1_392_857, 28_000, null, "Phường Chánh Phú Hòa | Thành phố Bến Cát | Tỉnh Bình Dương", "2023-07-26"],
  ["alonhadat_cho_thue_2023.csv", 0, null, "rent", "office", 19_500_000, "per_month", 185_714, 105, null, `Phường Nghĩa Đô | Quận Cầu Giấy | ${HN}`, "2023-07-29"],
  ["alonhadat_cho_thue_2023.csv", 100, null, "rent", "warehouse", 75_000, "per_m2_month", 75_000, 5000, null, "Thị trấn Yên Mỹ | Huyện Yên Mỹ | Tỉnh Hưng Yên", "2023-07-28"],
  ["alonhadat_intro_ds_2024.json", 0, "14444978", "rent", "house", null, "unknown", null, 25, null, `- | Huyện Hoài Đức | ${HN}`, "2024-05-21"],
  ["anhpham_alonhadat_2020.csv", 0, null, "rent", "apartment", 6e6, "per_month", 214_286, 28, 1, `Phường Dịch Vọng Hậu | Quận Cầu Giấy | ${HN}`, null],
  ["anhpham_alonhadat_2020.csv", 500, null, "rent", "apartment", 14e6, "per_month", 109_375, 128, 3, `Phường Ô Chợ Dừa | Quận Đống Đa | ${HN}`, null],
  ["bds_hanoi_2026.json", 0, null, "sale", "villa", 45e9, "total", 239_361_702, 188, null, `Phường Dương Nội | Quận Hà Đông | ${HN}`, "2026-01-17"],
  ["bds_hanoi_2026.json", 3, null, "sale", "apartment", 8_600_000_000, "total", 73_946_690, 116.3, null, `Phường Mộ Lao | Quận Hà Đông | ${HN}`, "2026-01-17"],
  ["bds_hanoi_2026.json", 1500, null, "sale", null, 5_450_000_000, "total", 82_575_758, 66, null, `Phường Quang Trung | Quận Hà Đông | ${HN}`, null],
  ["bds_hcm_2024_raw.csv", 2, null, "sale", null, 45e6, "per_m2", 45e6, 59, 2, "- | - | -", "2023-10-18"],
  ["bds_hcm_2024_raw.csv", 5000, null, "sale", null, 17e9, "total", 170e6, 100, 4, "- | - | -", "2023-10-18"],
  ["bds_khdl_n7_2025.json", 0, "43279892", "sale", "apartment", null, "negotiable", null, 63.1, 2, `Xã Dương Xá | Huyện Gia Lâm | ${HN}`, "2025-10-18"],
  ["bds_khdl_n7_2025.json", 1, "44315439", "sale", "land", 2e9, "total", 20e6, 100, null, `Xã Phú Cát | Huyện Quốc Oai | ${HN}`, "2025-10-18"],
  ["bds_khdl_n7_2025.json", 1850, "44313503", "sale", "house", 25e9, "total", 436_300_175, 57.3, null, `Phường Phúc Lợi | Quận Long Biên | ${HN}`, "2025-10-18"],
  ["bds_khdl_n7_2025.json", 2080, "44273722", "sale", "apartment", 20e9, "total", 148_148_148, 135, 4, `Phường Mai Động | Quận Hoàng Mai | ${HN}`, "2025-10-14"],
  ["bds_vietnam_housing_2024.csv", 0, null, null, null, null, "unknown", null, 84, null, "Xã Long Hưng | Huyện Văn Giang | Tỉnh Hưng Yên", null],
  ["bds_vietnam_housing_2024.csv", 24837, null, null, null, null, "unknown", null, 75, 3, `Phường 16 | Quận Gò Vấp | ${HCM}`, null],
  ["bds_vinh5905_2024.csv", 0, "40577160", "rent", "room", 3_800_000, "per_month", 95_000, 40, 1, `Phường 13 | Quận Tân Bình | ${HCM}`, "2024-11-19"],
  ["bds_vinh5905_2024.csv", 463, "41503502", "rent", "room", 4_300_000, "per_month", 172_000, 25, 1, `Phường 5 | Quận Gò Vấp | ${HCM}`, "2024-11-12"],
  ["benminh_batdongsan_2023.csv", 2, null, "sale", "land", 140e9, "total", 619_469_027, 226, null, `Phường Quảng An | Quận Tây Hồ | ${HN}`, "2023-06-27"],
  ["benminh_batdongsan_2023.csv", 335, null, "sale", "house", 6_800_000_000, "total", 136e6, 50, null, `Phường La Khê | Quận Hà Đông | ${HN}`, "2023-06-27"],
  ["dungdeta_batdongsan_2025.csv", 0, "41028789", "sale", "apartment", 3_450_000_000, "total", 50_810_015, 67.9, 2, `Xã Đa Tốn | Huyện Gia Lâm | ${HN}`, null],
  ["dungdeta_batdongsan_2025.csv", 1, "42924255", "sale", "house", 18_900_000_000, "total", 192_857_143, 98, 6, `Phường Thịnh Quang | Quận Đống Đa | ${HN}`, null],
  ["dungdeta_batdongsan_2025.csv", 8387, "42862096", "sale", "land", 7_200_000_000, "total", 63_157_895, 114, null, `Xã Thụy Lâm | Huyện Đông Anh | ${HN}`, null],
  ["dungdeta_bds_details_2_2025.json", 0, "43092454", "sale", "apartment", 70e6, "per_m2", 70e6, 110, 3, `Phường Quan Hoa | Quận Cầu Giấy | ${HN}`, null],
  ["dungdeta_bds_details_2_2025.json", 1, "43092119", "sale", "land", 11_800_000_000, "total", 131_111_111, 90, null, `Xã Ngọc Hồi | Huyện Thanh Trì | ${HN}`, null],
  ["dungdeta_bds_details_2_2025.json", 1948, "38217340", "sale", "townhouse", 112e9, "total", 602_150_538, 186, null, `Phường Phạm Đình Hổ | Quận Hai Bà Trưng | ${HN}`, null],
  ["dungdeta_nhatot_details_2025.json", 0, "125309749", "sale", "house", null, "unknown", 267_710_000, 48, 5, `Phường Cống Vị | Quận Ba Đình | ${HN}`, null],
  ["dungdeta_nhatot_details_2025.json", 580, "125338608", "sale", "house", null, "unknown", 215e6, 80, null, `Phường Khương Đình | Quận Thanh Xuân | ${HN}`, null],
  ["khaixinh_nhatot_2025.csv", 0, null, "sale", "land", 3_300_000_000, "total", 18_860_000, 175, null, "Xã Đức Hòa Hạ | Huyện Đức Hòa | Tỉnh Long An", null],
  ["khaixinh_nhatot_2025.csv", 3, null, null, "land", 183e6, "total", 816_964, 224, null, "Xã Lộc Khánh | Huyện Lộc Ninh | Tỉnh Bình Phước", null],
  ["khaixinh_nhatot_2025.csv", 430, null, "sale", "apartment", 2_820_000_000, "total", 41_270_000, 68.33, 2, "Phường Vạn Thạnh | Thành phố Nha Trang | Tỉnh Khánh Hòa", null],
  ["letriduc_batdongsan_2025.csv", 1, "44083678", "sale", "house", 10_500_000_000, "total", 109_261_186, 96.1, 3, "- | - | -", null],
  ["letriduc_batdongsan_2025.csv", 275, "44272113", "sale", "house", 3_380_000_000, "total", 195_375_723, 17.3, 2, "- | - | -", null],
  ["nhatot_manax_2025.csv", 0, null, "sale", "land", 2_350_000_000, "total", 24e6, 100, null, "- | - | Tỉnh Quảng Nam", null],
  ["nhatot_manax_2025.csv", 200, null, "sale", "house", 4_180_000_000, "total", 84e6, 50, 3, `- | - | ${HCM}`, null],
  ["nhatot_properties_2025.csv", 0, null, "rent", "other", 10e6, "per_month", 142_857, 70, null, `- | Quận Thanh Xuân | ${HN}`, null],
  ["nhatot_properties_2025.csv", 225, null, "rent", "room", 3_400_000, "per_month", 113_333, 30, null, `- | Quận Tây Hồ | ${HN}`, "2025-04-19"],
  ["nhatot_properties_2025.csv", 302, null, "rent", "apartment", 11e6, "per_month", 244_444, 45, null, `- | Quận Tây Hồ | ${HN}`, "2025-04-19"],
  ["phuoc_properties_2024.csv", 0, "41005124", "sale", "apartment", 1_520_000_000, "total", 27_338_129, 55.6, 2, "Phường Tân Đông Hiệp | Thành phố Dĩ An | Tỉnh Bình Dương", "2024-10-14"],
  ["phuoc_properties_2024.csv", 15, "41310581", "sale", "apartment", 1_600_000_000, "total", 37_209_302, 43, 1, "Phường Bình Thắng | Thành phố Dĩ An | Tỉnh Bình Dương", "2024-10-24"],
  ["quybuno_batdongsan1_2025.csv", 0, "22658178", "sale", "house", 6_500_000_000, "total", 171_052_632, 38, 3, `Phường Đồng Tâm | Quận Hai Bà Trưng | ${HN}`, "2025-10-24"],
  ["quybuno_batdongsan1_2025.csv", 1, "22381248", "sale", "townhouse", 15e9, "total", 250e6, 60, 6, `Phường Mai Dịch | Quận Cầu Giấy | ${HN}`, "2025-10-24"],
  ["quybuno_batdongsan1_2025.csv", 3000, "22676366", "sale", "villa", 63_500_000_000, "total", 488_461_538, 130, 6, `Phường Trung Hòa | Quận Cầu Giấy | ${HN}`, "2025-06-21"],
  ["radar_batdongsan_2026.json", 0, "46169118", "sale", "apartment", 3_980_000_000, "total", 79_600_000, 50, 1, `- | Quận 7 | ${HCM}`, null],
  ["radar_batdongsan_2026.json", 100, "46122185", "sale", "house", 6_500_000_000, "total", 54_621_849, 119, 5, "- | Thành phố Biên Hòa | Tỉnh Đồng Nai", null],
  ["radar_seed_listings_2026.json", 60, "809050", "sale", "house", null, "unknown", null, 66, 3, `- | Quận Tân Bình | ${HCM}`, null],
  ["radar_seed_listings_2026.json", 300, "46176026", "sale", "apartment", null, "unknown", null, 106, 3, `- | Quận Hai Bà Trưng | ${HN}`, null],
  ["recrawl-series/bds_4.json", 0, "45880042", "sale", "house", 9_650_000_000, "total", 185_576_923, 52, 4, `- | Huyện Nhà Bè | ${HCM}`, null],
  ["recrawl-series/bds_4.json", 200, "46180173", "sale", "apartment", 3_300_000_000, "total", 47_142_857, 70, 2, "- | Quận Cái Răng | Thành phố Cần Thơ", null],
  ["thanhtuyen_batdongsan_2018.csv", 0, null, "sale", null, 1_900_000_000, "total", 17_592_593, 108, null, `- | Quận Ngũ Hành Sơn | ${DN}`, "2018-09-25"],
  ["thanhtuyen_batdongsan_2018.csv", 1, null, "sale", "apartment", null, "negotiable", null, 85, null, `- | Quận Sơn Trà | ${DN}`, "2018-09-24"],
  ["thanhtuyen_batdongsan_2018.csv", 19, null, "sale", "land", null, "negotiable", null, null, null, `- | Quận Cẩm Lệ | ${DN}`, "2018-09-29"],
];

function raw(row: Row, file: string, index: number): Record<string, unknown> {
  const item: Record<string, unknown> = { link: `https://example.com/${index}`, crawled_at: CRAWLED };
  for (const [field, columns] of Object.entries(MAPS[file]!)) {
    const values = columns.split("+").map((column) => row[column]);
    item[field] = values.length > 1 ? values.join(field === "address" ? ", " : " ") : values[0];
  }
  return item;
}

describe.skipIf(absent)("rows of the real listings, checked by hand", () => {
  const files = new Map<string, Row[]>();
  it.each<Expected>(TABLE)("%s row %i", (file, index, id, transaction, type, price, unit, perM2, area, bedrooms, place, posted) => {
    const all = files.get(file) ?? rows(file, !file.startsWith("alonhadat_c"));
    files.set(file, all);
    const listing = cleanListing(raw(all[index]!, file, index), new Date(CRAWLED));
    if ("drop" in listing) throw new Error(`dropped: ${listing.drop}`);
    const places = [listing.ward, listing.district, listing.province].map((name) => name ?? "-").join(" | ");
    expect([listing.listing_id, listing.transaction, listing.property_type, listing.price_vnd, listing.price_unit]).toEqual([
      id,
      transaction,
      type,
      price,
      unit,
    ]);
    expect([listing.price_per_m2_vnd, listing.area_m2, listing.bedrooms, places, listing.posted_at]).toEqual([
      perM2,
      area,
      bedrooms,
      place,
      posted,
    ]);
  });
});
