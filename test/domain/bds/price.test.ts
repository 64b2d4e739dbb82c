import { describe, expect, it } from "vitest";
import { parsePrice, parsePricePerM2, perSquareMetre } from "../../../domain/bds/price.ts";

const ty = 1_000_000_000;
const tr = 1_000_000;

describe("a price with a unit", () => {
  it.each([
    ["1,95 tỷ", 1.95 * ty, "total"],
    ["6 tỷ 500 triệu", 6.5 * ty, "total"],
    ["983 triệu 680 nghìn", 983_680_000, "total"],
    ["140.000 đ", 140_000, "total"],
    ["4,38 triệu", 4.38 * tr, "total"],
    ["Giá: 5 tỷ", 5 * ty, "total"],
    ["KHOẢNG GIÁ 5 TỶ ĐỒNG", 5 * ty, "total"],
    ["5\u00a0tỷ\ufeff", 5 * ty, "total"],
    ["５,２ tỷ", 5.2 * ty, "total"],
    ["5 tỉ", 5 * ty, "total"],
    ["5 ty", 5 * ty, "total"],
    ["5 tỷ".normalize("NFD"), 5 * ty, "total"],
    ["5 tỷ/căn", 5 * ty, "total"],
    ["2,5 tỷ/ lô", 2.5 * ty, "total"],
    ["1.234.567.890 đ", 1_234_567_890, "total"],
    ["1,234,567,890 VND", 1_234_567_890, "total"],
    ["5 tỷ (thương lượng)", 5 * ty, "total"],
    ["15.0 Tỷ", 15 * ty, "total"],
    ["{'value': 8199999999.999999, 'unit': 'VNĐ'}", 8_200_000_000, "total"],
    ["4ty2", 4.2 * ty, "total"],
    ["4ty550", 4.55 * ty, "total"],
    ["1 tỷ rưỡi", 1.5 * ty, "total"],
    ["32,7 triệu/m²", 32_700_000, "per_m2"],
    ["24 tr/m²", 24 * tr, "per_m2"],
    ["8 triệu /\u00a0m", 8 * tr, "per_m2"],
    ["52,9 triệu/m 2", 52.9 * tr, "per_m2"],
    ["816.964 đ/m²", 816_964, "per_m2"],
    ["90.0 Ngàn/m2", 90_000, "per_m2"],
    ["1,97 tỷ/m²", 1.97 * ty, "per_m2"],
    ["5 tỷ/ha", 500_000, "per_m2"],
    ["900 nghìn/1000m2", 900, "per_m2"],
    ["{'value': 800000000.0, 'unit': 'VNĐ/m²', 'estimated_total_value_vnd': 99680000000.0}", 800 * tr, "per_m2"],
    ["6,2 triệu/tháng", 6.2 * tr, "per_month"],
    [" 19,5 triệu /\u00a0tháng", 19.5 * tr, "per_month"],
    ["800000 đ/tháng", 800_000, "per_month"],
    ["7tr5/tháng", 7.5 * tr, "per_month"],
    ["500k/th", 500_000, "per_month"],
    ["12 triệu một tháng", 12 * tr, "per_month"],
    ["1 tỷ 200 triệu/tháng", 1.2 * ty, "per_month"],
    ["250 nghìn/m²/tháng", 250_000, "per_m2_month"],
    ["10 triệu/tháng/m2", 10 * tr, "per_m2_month"],
  ])("%j is %d đồng, %s", (text, vnd, unit) => {
    expect(parsePrice(text)).toMatchObject({ vnd, unit });
  });

  it("is exact to the đồng where a double is not", () => {
    expect(parsePrice("1,1 tỷ").vnd).toBe(1_100_000_000);
    expect(parsePrice("8,19 tỷ").vnd).toBe(8_190_000_000);
    expect(parsePrice("2.345,678901 triệu").vnd).toBe(2_345_678_901);
  });
});

describe("three digits behind a point", () => {
  it.each([
    ["are thousands where the last is a nought: no site writes a fraction's last nought", "1.600 tỷ", null, 1600 * ty],
    ["and in every group", "75.000 tỷ", null, 75_000 * ty],
    ["are a fraction where it is not (the 2020 layout)", "1.515 tỷ", null, 1.515 * ty],
    ["are a fraction in 14.455 tỷ", "14.455 tỷ", null, 14.455 * ty],
    ["are a fraction where the area makes thousands absurd", "1.950 tỷ", 80, 1.95 * ty],
    ["are thousands where the area bears them out", "1.600 tỷ", 33_000, 1600 * ty],
    ["are a fraction in a price per m²", "2.345 triệu/m2", null, 2.345 * tr],
    ["are thousands in a total of triệu", "2.345 triệu", null, 2345 * tr],
    ["are thousands in nghìn", "1.255 nghìn", null, 1_255_000],
    ["are a fraction behind a comma", "1,600 tỷ", null, 1.6 * ty],
    ["are a fraction behind a leading nought", "0.950 tỷ", null, 0.95 * ty],
  ])("%s: %s", (_, text, area, vnd) => {
    expect(parsePrice(text, area).vnd).toBe(vnd);
  });

  it("fewer digits are a fraction", () => {
    expect(parsePrice("1.9 tỷ").vnd).toBe(1.9 * ty);
    expect(parsePrice("2.05 tỷ").vnd).toBe(2_050_000_000);
  });
});

describe("what is no price", () => {
  it.each(["Thỏa thuận", "Giá thỏa thuận", "Thoả thuận", "thoa thuan", "Liên hệ", "Giá thương lượng"])("%s is negotiable", (text) => {
    expect(parsePrice(text)).toEqual({ vnd: null, unit: "negotiable", perM2: null });
  });

  it.each([
    "",
    "5000000",
    "15.5",
    "NULL NULL",
    "Đang cập nhật",
    "0 đ",
    "2.500 USD/tháng",
    "$1,500",
    "12 cây vàng",
    "1,2 tỷ/sào",
    "50 triệu/năm",
    "5 triệu/m ngang",
    "30000 m²",
    "4 tỷ 50",
  ])("%j is unknown, not guessed at", (text) => {
    expect(parsePrice(text)).toEqual({ vnd: null, unit: "unknown", perM2: null });
  });

  it.each([
    ["1 tỷ - 10 tỷ", "total"],
    ["1 - 2 tỷ", "total"],
    ["3 tỷ đến 4 tỷ", "total"],
    ["5 tỷ 5 tỷ", "total"],
    ["5 triệu 2 tỷ", "total"],
    ["10 triệu - 40 triệu/tháng", "per_month"],
    ["50 - 60 triệu/m²", "per_m2"],
    ["Dưới 126.8 triệu/tháng", "per_month"],
    ["Trên 100 triệu", "total"],
    ["Từ 2 tỷ", "total"],
    ["< 1 tr/m²", "per_m2"],
  ])("%s has a unit (%s) but no single amount", (text, unit) => {
    expect(parsePrice(text)).toEqual({ vnd: null, unit, perM2: null });
  });
});

describe("the price per m²", () => {
  it.each([
    ["15,6 tỷ · 150 tr/m²", 15.6 * ty, 150 * tr],
    ["15,6 tỷ 150 tr/m²", 15.6 * ty, 150 * tr],
    ["Khoảng giá 6,28 tỷ ~87,83 triệu/m²", 6.28 * ty, 87.83 * tr],
  ])("%s states it beside the total", (text, vnd, perM2) => {
    expect(parsePrice(text)).toEqual({ vnd, unit: "total", perM2 });
  });

  it.each([
    ["267,71 triệu/m²", 267_710_000],
    ["95 triệu", 95_000_000],
    ["< 1 tr/m²", null],
    ["30000 m²", null],
    ["", null],
  ])("a field of its own: %j is %s", (text, vnd) => {
    expect(parsePricePerM2(text)).toBe(vnd);
  });

  it("computed is rounded once, halves up, and null without an area", () => {
    expect(perSquareMetre(25 * ty, 57.3)).toBe(436_300_175);
    expect(perSquareMetre(5, 2)).toBe(3);
    expect(perSquareMetre(75_000 * ty, 10_000_000)).toBe(7_500_000);
    expect(perSquareMetre(5 * ty, 0)).toBeNull();
    expect(perSquareMetre(5 * ty, null)).toBeNull();
  });
});
