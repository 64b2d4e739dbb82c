import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { cleanListing } from "../../domain/bds/clean_listing.ts";

const file = (name: string) => readFileSync(new URL(`../../data/samples/${name}`, import.meta.url), "utf8");
const NOW = new Date("2025-10-20T05:00:00Z");

type Row = Record<string, string | number | null | undefined>;

/** Id, then what the row means, written out by hand; a word alone is the reason why it is dropped. */
function cleaned(row: Row, price: string): string {
  const raw = {
    link: row["url"],
    title: row["Tiêu đề"] ?? row["Tên tin"],
    price,
    area: row["Diện tích"],
    address: row["Địa chỉ"] ?? row["Khu vực"],
  };
  const listing = cleanListing({ ...raw, posted: row["Ngày đăng"] ?? row["Ngày"], source: "bds.example" }, NOW);
  if ("drop" in listing) return listing.drop;
  const { listing_id, transaction, price_vnd, price_unit, area_m2, district, posted_at } = listing;
  return [listing_id, transaction, price_vnd, price_unit, area_m2, district, posted_at].join(" | ");
}

describe("the samples in data/samples", () => {
  test("the CSV file has twenty rows with the column names and the dirt of scraped ones", () => {
    const text = file("bds_sample.csv");
    expect(text.startsWith("\ufeffTiêu đề,Mức giá,Diện tích,Địa chỉ,Ngày đăng,Số phòng ngủ,url\r\n")).toBe(true);
    const rows = parse<Row>(text, { bom: true, columns: true });
    expect(rows.map((row) => cleaned(row, String(row["Mức giá"])))).toEqual([
      "9000001 | sale | 3250000000 | total | 68.5 | Quận 7 | 2025-10-17",
      "9000002 | sale | 6500000000 | total | 38 | Quận Hai Bà Trưng | 2025-10-16",
      "9000003 | sale | 26500000 | per_m2 | 116.3 | Quận Ngũ Hành Sơn | 2025-10-15",
      "9000004 | rent | 9500000 | per_month | 55 | Thành phố Nha Trang | 2025-10-14",
      "9000005 | rent | 280000 | per_m2_month | 120 | Quận Hải An | 2025-10-13",
      "9000006 | sale |  | negotiable | 1530 | Huyện Nhơn Trạch | 2025-10-12",
      "9000007 | sale | 1600000000000 | total | 12400 | Thành phố Vũng Tàu | 2025-10-11",
      "9000008 | sale | 1900000000 | total | 72 | Thành phố Biên Hòa | 2025-10-10",
      "header_row",
      "9000009 | rent | 2500000 | per_month | 22 | Quận Liên Chiểu | 2025-10-20",
      "9000010 | sale | 14600000000 | total | 98 | Thành phố Hạ Long | 2025-10-20",
      "9000011 | rent | 45000 | per_m2_month | 2400 | Huyện Củ Chi | 2025-10-19",
      "9000001 | sale | 3100000000 | total | 68.5 | Quận 7 | 2025-10-18",
      "9000012 | sale | 990000000 | total | 1978.7 | Thành phố Đà Lạt | 2025-10-18",
      "9000013 | sale | 42000000000 | total | 85 | Quận 1 | 2025-10-09",
      "9000014 | sale |  | unknown | 30000 | Huyện Lương Sơn | 2025-10-08",
      "9000015 | rent | 900000 | per_month | 18 | Quận Cầu Giấy | 2025-09-29",
      "9000016 | sale |  | unknown | 90 | Thành phố Từ Sơn | 2025-10-07",
      "9000017 | sale | 816964 | per_m2 |  | Thành phố Đồng Xoài | 2025-10-06",
      "no_link",
    ]);
  });

  test("the JSONL file has twenty rows with the amount and its unit apart", () => {
    const rows = file("bds_sample.jsonl")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Row);
    const found = rows.map((row) => cleaned(row, [row["Price"], row["Unit"]].filter((part) => part != null).join(" ")));
    expect(found).toHaveLength(20);
    expect(found.slice(0, 7)).toEqual([
      "9100001 | sale | 4150000000 | total | 92 | Quận Sơn Trà | 2025-10-17",
      "9100002 | sale | 980000000 | total | 31.5 | Quận Gò Vấp | 2025-10-16",
      "9100003 | sale | 12500000 | per_m2 | 240 | Huyện Đức Hòa | 2025-10-15",
      "9100004 | rent | 35000000 | per_month | 110 | Quận Ninh Kiều | 2025-10-14",
      "9100005 | sale | 7800000000 | total | 75 | Huyện Văn Giang | 2025-10-13",
      "9100006 | sale |  | negotiable | 66 | Quận Thuận Hóa | 2025-10-12",
      "9100007 | rent | 65000 | per_m2_month | 1200 | Quận Bình Thủy | 2025-10-11",
    ]);
    expect(found.slice(17)).toEqual([
      "9100018 | rent | 14500000 | per_month | 80 | Thành phố Cà Mau | 2025-09-30",
      "no_title",
      "9100001 | sale | 4050000000 | total | 92 | Quận Sơn Trà | 2025-10-19",
    ]);
  });
});
