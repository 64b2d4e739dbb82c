import { describe, expect, it } from "vitest";
import { parseBedrooms } from "../../../domain/bds/bedrooms.ts";
import { propertyTypeOf } from "../../../domain/bds/property_type.ts";
import { transactionOf, type TransactionHints } from "../../../domain/bds/transaction.ts";

const NOTHING: TransactionHints = { stated: "", path: "/", category: "", title: "", priceUnit: "unknown", total: null };

describe("sale or rent", () => {
  it.each<[Partial<TransactionHints>, "sale" | "rent" | null]>([
    [{ stated: "Bán" }, "sale"],
    [{ stated: "Cho thuê" }, "rent"],
    [{ stated: "cho_thue" }, "rent"],
    [{ stated: "Sale", priceUnit: "per_month" }, "sale"],
    [{ stated: "Cần mua" }, null],
    [{ stated: "cho_thue", path: "/tp-bien-hoa/mua-nha-mat-tien-pho/nha-gia-13-ty-cho-thue-20tr", total: 13e9 }, "sale"],
    [{ stated: "cho_thue", path: "/quan-7/mua-can-ho-chung-cu/tin-moi-cho-thue-can-ho", total: 40e6 }, "rent"],
    [{ stated: "Bán", path: "/cho-thue-van-phong-pho-hue/nha", priceUnit: "per_month" }, "rent"],
    [{ path: "/ban-can-ho-chung-cu-pho-x/y-pr1" }, "sale"],
    [{ path: "/cho-thue-nha-tro-phong-tro/x-pr1" }, "rent"],
    [{ path: "/quan-7/mua-nha-mat-tien-pho/x-id1" }, "sale"],
    [{ path: "/quan-7/thue-can-ho/x-id1" }, "rent"],
    [{ path: "/mua-ban-nha-dat-quan-ba-dinh-ha-noi/1.htm" }, "sale"],
    [{ path: "/thue-bat-dong-san-ha-noi" }, "rent"],
    [{ category: "Bán / Hồ Chí Minh / Quận 7 / Căn hộ chung cư" }, "sale"],
    [{ priceUnit: "per_month", title: "Bán gấp" }, "rent"],
    [{ priceUnit: "per_m2_month" }, "rent"],
    [{ title: "Bán nhà đang cho thuê 30 triệu" }, "sale"],
    [{ title: "Chính chủ cho thuê căn hộ" }, "rent"],
    [{ title: "Nhà 5 tầng, đang cho thuê 40 triệu", priceUnit: "total", total: 25_500_000_000 }, "sale"],
    [{ title: "Nhà 5 tầng, đang cho thuê 40 triệu, giá thỏa thuận" }, null],
    [{ title: "Cần thuê nhà nguyên căn" }, null],
    [{ title: "Căn góc 3 phòng ngủ" }, null],
  ])("%j: %s", (hints, expected) => {
    expect(transactionOf({ ...NOTHING, ...hints })).toBe(expected);
  });
});

describe("property type", () => {
  it.each([
    ["Căn hộ chung cư", "/", "", "apartment"],
    ["can_ho", "/", "", "apartment"],
    ["Bán / Hồ Chí Minh / Quận 7 / Căn hộ chung cư tại Sky Garden 3", "/", "", "apartment"],
    ["2 PN  Nhà ngõ, hẻm", "/", "", "house"],
    ["Nhà mặt phố, mặt tiền", "/", "", "townhouse"],
    ["Biệt thự, nhà liền kề", "/", "Biệt thự đơn lập", "villa"],
    ["Biệt thự, nhà liền kề", "/", "Bán liền kề An Hưng", "townhouse"],
    ["Đất nền, liền kề, đất dự án", "/", "", "land"],
    ["Đất thổ cư, đất ở", "/", "", "land"],
    ["Kho, xưởng", "/", "", "warehouse"],
    ["Văn phòng", "/", "", "office"],
    ["Phòng trọ, nhà trọ", "/", "", "room"],
    ["Nhà hàng, khách sạn", "/", "", "hotel"],
    ["Mặt bằng kinh doanh", "/", "", "other"],
    ["Khác", "/", "", "other"],
    ["Nhà riêng/Khác", "/", "", "house"],
    ["Mua bán nhà đất", "/quan-7/mua-nha-hem-ngo/x-id1", "", "house"],
    ["", "/ban-shophouse-nha-pho-thuong-mai-phuong-x/y-pr1", "", "shophouse"],
    ["", "/ban-nha-rieng-duong-dat-do-phuong-1/y-pr1", "", "house"],
    ["", "/ban-trang-trai-khu-nghi-duong-xa-x/y-pr1", "", "farm"],
    ["", "/ban-kho-nha-xuong-duong-x/y-pr1", "", "warehouse"],
    ["", "/", "Bán nhà gần chung cư Times City", "house"],
    ["", "/", "Bán gấp đất vườn 500m2", "land"],
    ["", "/", "Quỹ căn liên tục - Em Đạt cư dân", null],
    ["", "/", "3 phòng ngủ gần công viên", null],
  ])("%j %s %j: %s", (category, path, title, expected) => {
    expect(propertyTypeOf(category, path, title)).toBe(expected);
  });
});

describe("bedrooms", () => {
  it.each([
    ["2 phòng", 2],
    ["3 PN", 3],
    ["1 phòng ngủ", 1],
    ["4PN", 4],
    ["2PN+1", 2],
    ["2.0", 2],
    ["20", 20],
    ["0", 0],
    ["3 PN • Nhà ngõ, hẻm", 3],
  ])("%j is %d", (text, n) => {
    expect(parseBedrooms(text)).toBe(n);
  });
  it.each(["", "N/A", "nhiều hơn 10 phòng", "10+ phòng", "2 - 3 PN", "Studio", "Đất thổ cư • Ngang 5 m", "5000"])("%j is null", (text) => {
    expect(parseBedrooms(text)).toBeNull();
  });
});
