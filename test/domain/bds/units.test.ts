import { expect, it } from "vitest";
import { nameKey, toneKey } from "../../../domain/bds/fold.ts";
import { units, type District, type Ward } from "../../../domain/bds/units.ts";

const provinces = [...new Set(units().provinces.values())];
const districts: District[] = provinces.flatMap((p) => p.districts);
const wards: Ward[] = districts.flatMap((d) => d.wards);

it("there are 63 provinces, 696 districts and 10,035 wards before July 2025, 34 and 3,321 after", () => {
  expect([provinces.length, districts.length, wards.length]).toEqual([63, 696, 10_035]);
  expect(new Set(units().provinces2025.values()).size).toBe(34);
  expect(new Set([...units().wards2025.values()].flat().map((n) => n.unit)).size).toBe(3321);
});

it("every ward became one or several of 2025, in the province that its province became", () => {
  for (const ward of wards) {
    expect(ward.successors.length).toBeGreaterThan(0);
    for (const next of ward.successors) expect(next.province).toBe(ward.district.province.successor);
  }
});

it("every ward of 2025 comes from somewhere", () => {
  for (const { unit } of [...units().wards2025.values()].flat()) expect(unit.districts.length).toBeGreaterThan(0);
});

it("islands without wards became special zones", () => {
  expect(districts.filter((d) => d.wards.length === 0).map((d) => d.successors[0]?.name)).toEqual([
    "Đặc khu Bạch Long Vĩ",
    "Đặc khu Cồn Cỏ",
    "Đặc khu Hoàng Sa",
    "Đặc khu Lý Sơn",
    "Đặc khu Côn Đảo",
  ]);
});

it("names are compared without case, diacritics, spaces and the choice of i or y", () => {
  expect(nameKey("Bà Rịa - Vũng Tàu")).toBe("bariavungtau");
  expect(nameKey("ĐẮK  LẮK")).toBe(nameKey("Daklak"));
  expect(nameKey("Quy Nhơn")).toBe(nameKey("Qui Nhon"));
  expect(nameKey("Hồ Chí Minh".normalize("NFD"))).toBe("hochiminh");
});

it("with diacritics, where the tone mark stands does not matter, which one does", () => {
  expect(toneKey("Hoà Bình")).toBe(toneKey("Hòa Bình"));
  expect(toneKey("Thạnh An")).not.toBe(toneKey("Thành An"));
  expect(toneKey("Ba Tơ")).not.toBe(toneKey("Ba Tô"));
});
