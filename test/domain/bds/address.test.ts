import { describe, expect, it } from "vitest";
import { parseAddress, type AddressHints } from "../../../domain/bds/address.ts";

/** Ward, district, province; ward and province since July 2025. Empty: null. */
function read(text: string, hints?: AddressHints): string {
  const a = parseAddress(text, hints);
  return `${[a.ward, a.district, a.province].map((n) => n ?? "").join(" | ")} → ${[a.ward_2025, a.province_2025].map((n) => n ?? "").join(" | ")}`;
}

const HCM = "Thành phố Hồ Chí Minh";

describe("addresses of before July 2025", () => {
  it.each([
    ["Đường Nguyễn Văn Khối, Phường 11, Gò Vấp, Hồ Chí Minh", `Phường 11 | Quận Gò Vấp | ${HCM} → Phường Thông Tây Hội | ${HCM}`],
    ["duong nguyen van khoi, phuong 11, go vap, ho chi minh", `Phường 11 | Quận Gò Vấp | ${HCM} → Phường Thông Tây Hội | ${HCM}`],
    ["P.11, Q.Gò Vấp, TP.HCM", `Phường 11 | Quận Gò Vấp | ${HCM} → Phường Thông Tây Hội | ${HCM}`],
    ["p11 q gò vấp sài gòn", `Phường 11 | Quận Gò Vấp | ${HCM} → Phường Thông Tây Hội | ${HCM}`],
    ["Ward 11, Go Vap District, Ho Chi Minh City, Vietnam", `Phường 11 | Quận Gò Vấp | ${HCM} → Phường Thông Tây Hội | ${HCM}`],
    ["TP.HCM - Quận Gò Vấp - Phường 11", `Phường 11 | Quận Gò Vấp | ${HCM} → Phường Thông Tây Hội | ${HCM}`],
    ["Đường số 5, Q7-HCM", ` | Quận 7 | ${HCM} →  | ${HCM}`],
    [
      "Phường Mỹ Đình II, Nam Từ Liêm, Hà Nội 100000, Việt Nam",
      "Phường Mỹ Đình 2 | Quận Nam Từ Liêm | Thành phố Hà Nội →  | Thành phố Hà Nội",
    ],
    ["Xã Minh Thạnh, Huyên Dầu Tiếng, Bình Dương", `Xã Minh Thạnh | Huyện Dầu Tiếng | Tỉnh Bình Dương →  | ${HCM}`],
    ["P. Tự An, TP. Buôn Ma Thuột, Đắc Lắc", "Phường Tự An | Thành phố Buôn Ma Thuột | Tỉnh Đắk Lắk → Phường Buôn Ma Thuột | Tỉnh Đắk Lắk"],
    ["12 Nguyễn Huệ Phường Bến Nghé Quận 1 TPHCM", `Phường Bến Nghé | Quận 1 | ${HCM} → Phường Sài Gòn | ${HCM}`],
    ["Tổ 5, Thị trấn Đông Anh - Huyện Đông Anh - Hà Nội", "Thị trấn Đông Anh | Huyện Đông Anh | Thành phố Hà Nội →  | Thành phố Hà Nội"],
    [
      "Số 996, TT. Phước Hải, H. Đất Đỏ, Bà Rịa - Vũng Tàu",
      `Thị trấn Phước Hải | Huyện Long Đất | Tỉnh Bà Rịa - Vũng Tàu → Xã Phước Hải | ${HCM}`,
    ],
    [
      "Phường Thảo Điền (Quận 2 cũ), Thành phố Thủ Đức, Tp Hồ Chí Minh",
      `Phường Thảo Điền | Thành phố Thủ Đức | ${HCM} → Phường An Khánh | ${HCM}`,
    ],
    ["Quận 2 (TP. Thủ Đức), TPHCM", ` | Thành phố Thủ Đức | ${HCM} →  | ${HCM}`],
    ["Thôn 3 xã Tân Xã, huyện Thạch Thất, Hà Nội", "Xã Tân Xã | Huyện Thạch Thất | Thành phố Hà Nội →  | Thành phố Hà Nội"],
    ["xã tân xã thạch thất hà nội", "Xã Tân Xã | Huyện Thạch Thất | Thành phố Hà Nội →  | Thành phố Hà Nội"],
    ["\nHải Châu, Đà Nẵng\n", " | Quận Hải Châu | Thành phố Đà Nẵng →  | Thành phố Đà Nẵng"],
    [
      "Đường Chùa Vua, Phường Hoà Quý, Quận Ngũ Hành Sơn, Đà Nẵng".normalize("NFD"),
      "Phường Hòa Quý | Quận Ngũ Hành Sơn | Thành phố Đà Nẵng → Phường Ngũ Hành Sơn | Thành phố Đà Nẵng",
    ],
    ["TP. Pleiku, Gia Lai", " | Thành phố Pleiku | Tỉnh Gia Lai →  | Tỉnh Gia Lai"],
    ["Huyện Côn Đảo, Bà Rịa - Vũng Tàu", ` | Huyện Côn Đảo | Tỉnh Bà Rịa - Vũng Tàu → Đặc khu Côn Đảo | ${HCM}`],
  ])("%s", (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it("a street that bears a unit's name is not that unit", () => {
    expect(read("213 Phố Xã Đàn, Phường Nam Đồng, Quận Đống Đa, Hà Nội")).toMatch(/^Phường Nam Đồng \| Quận Đống Đa/);
    expect(read("Đường Cầu Giấy, Phường Quan Hoa, Quận Cầu Giấy, Hà Nội")).toMatch(/^Phường Quan Hoa \| Quận Cầu Giấy/);
    expect(read("Đường Bình Dương, Hải Phòng")).toBe(" |  | Thành phố Hải Phòng →  | Thành phố Hải Phòng");
    expect(read("Vũ Trọng Phụng Thanh Xuân Hà Nội")).toMatch(/^ \| Quận Thanh Xuân \| Thành phố Hà Nội/);
  });

  it("a former name that is also another ward's today is told by its type, then by its diacritics", () => {
    expect(read("Xã Yên Bình, Huyện Yên Bình, Yên Bái")).toMatch(/^Xã Bạch Hà \| Huyện Yên Bình/);
    expect(read("Yên Bình, Yên Bình, Yên Bái")).toMatch(/^Thị trấn Yên Bình \| Huyện Yên Bình/);
    expect(read("Xã Long Thạnh, Thủ Thừa, Long An")).toMatch(/^Xã Long Thạnh \| Huyện Thủ Thừa/);
    expect(read("Xã Long Thành, Thủ Thừa, Long An")).toMatch(/^Xã Tân Long \| Huyện Thủ Thừa/);
    expect(read("xa long thanh, thu thua, long an")).toMatch(/^Xã Long Thạnh \| Huyện Thủ Thừa/);
  });

  it("a name that begins like a type is a name", () => {
    expect(read("Xà Hồ, Trạm Tấu, Yên Bái")).toMatch(/^Xã Xà Hồ \| Huyện Trạm Tấu/);
    expect(read("Quán Thánh, Ba Đình")).toMatch(/^Phường Quán Thánh \| Quận Ba Đình/);
    expect(read("quan thanh, ba dinh")).toMatch(/^Phường Quán Thánh \| Quận Ba Đình/);
    expect(read("Quan Hoa, Cầu Giấy")).toMatch(/^Phường Quan Hoa \| Quận Cầu Giấy/);
  });

  it("a district named like its province, and a ward named like its district, are told by their place", () => {
    expect(read("Đường Phạm Hồng Thắm, Phường 4, Cà Mau, Cà Mau")).toMatch(/^Phường 2 \| Thành phố Cà Mau \| Tỉnh Cà Mau/);
    expect(read("Ngọc Lâm, Long Biên, Long Biên, Hà Nội")).toMatch(/^Phường Long Biên \| Quận Long Biên/);
    expect(read("Phường 7, Vũng Tàu")).toMatch(/^Phường 7 \| Thành phố Vũng Tàu \| Tỉnh Bà Rịa - Vũng Tàu/);
  });

  it("a province that is left out is found by a district only it has, or the ward decides", () => {
    expect(read("Mỗ Lao, Hà Đông")).toMatch(/^Phường Mộ Lao \| Quận Hà Đông \| Thành phố Hà Nội/);
    expect(read("Huyện Thanh Trì")).toMatch(/^ \| Huyện Thanh Trì \| Thành phố Hà Nội/);
    expect(read("Xã Bình Quới, Huyện Châu Thành")).toMatch(/^Xã Bình Quới \| Huyện Châu Thành \| Tỉnh Long An/);
    expect(read("Tân Phú")).toBe(" |  |  →  | ");
  });

  it("diacritics and type tell namesakes apart, and where they are missing nothing is guessed", () => {
    expect(read("Xã Phú Thạnh, Huyện Phú Tân, An Giang")).toMatch(/^Xã Phú Thạnh/);
    expect(read("Xã Phú Thành, Huyện Phú Tân, An Giang")).toMatch(/^Xã Phú Thành/);
    expect(read("xa phu thanh, huyen phu tan, an giang")).toMatch(/^ \| Huyện Phú Tân/);
    expect(read("Huyện Cao Lãnh, Đồng Tháp")).toMatch(/^ \| Huyện Cao Lãnh/);
    expect(read("Cao Lãnh, Đồng Tháp")).toMatch(/^ \|  \| Tỉnh Đồng Tháp/);
    expect(read("Thị trấn Mỹ Thọ, Cao Lãnh, Đồng Tháp")).toMatch(/^Thị trấn Mỹ Thọ \| Huyện Cao Lãnh/);
  });
});

describe("merged and divided units", () => {
  it.each([
    ["Phường 6, Quận 3, Hồ Chí Minh", "Phường Võ Thị Sáu | Quận 3"],
    ["P.8, Q.3, TP.HCM", "Phường Võ Thị Sáu | Quận 3"],
    ["Phường 24, Bình Thạnh, Hồ Chí Minh", "Phường 14 | Quận Bình Thạnh"],
    ["Phường Cát Lái, Quận 2, Hồ Chí Minh", "Phường Cát Lái | Thành phố Thủ Đức"],
    ["Phường Hòa Khê, Thanh Khê, Đà Nẵng", "Phường Thanh Khê Đông | Quận Thanh Khê"],
    ["Phường Nguyễn Trãi, Hà Đông, Hà Nội", "Phường Quang Trung | Quận Hà Đông"],
    ["Thị trấn Neo, Yên Dũng, Bắc Giang", "Phường Nham Biền | Thành phố Bắc Giang"],
    ["Xã Vĩnh Tân, Thị xã Tân Uyên, Bình Dương", "Phường Vĩnh Tân | Thành phố Tân Uyên"],
    ["Phường Thủy Vân, Huế, Thừa Thiên Huế", "Phường Thủy Vân | Quận Thuận Hóa"],
    ["Phường Tây Lộc, Huế, Thừa Thiên Huế", "Phường Tây Lộc | Quận Phú Xuân"],
  ])("%s is today's (March 2025) %s", (text, expected) => {
    expect(read(text)).toMatch(expected);
  });

  it("a district that was divided is null without a ward", () => {
    expect(read("Huế, Thừa Thiên Huế")).toMatch(/^ \|  \| Thành phố Huế/);
  });

  it("a ward that was split over several has no ward of 2025 unless the page names it", () => {
    const text = "Sky Garden 3, Đường Phạm Văn Nghị, Phường Tân Phong, Quận 7, Hồ Chí Minh";
    expect(parseAddress("Phường 4, Quận 3, Hồ Chí Minh").ward_2025).toBeNull();
    expect(read(`${text} (Phường Tân Hưng, Hồ Chí Minh mới)`)).toBe(`Phường Tân Phong | Quận 7 | ${HCM} → Phường Tân Hưng | ${HCM}`);
  });
});

describe("addresses since July 2025", () => {
  it.each([
    ["Đường Nguyễn Văn Công, Phường Hạnh Thông, Hồ Chí Minh", ` | Quận Gò Vấp | ${HCM} → Phường Hạnh Thông | ${HCM}`],
    ["Xã Đông Anh, Hà Nội", " | Huyện Đông Anh | Thành phố Hà Nội → Xã Đông Anh | Thành phố Hà Nội"],
    ["Phường Sài Gòn, TP.HCM", ` | Quận 1 | ${HCM} → Phường Sài Gòn | ${HCM}`],
    ["Phường Thuận Hóa, Thành phố Huế", " | Quận Thuận Hóa | Thành phố Huế → Phường Thuận Hóa | Thành phố Huế"],
    ["Phuong Thuan Hoa, Hue", " |  | Thành phố Huế →  | Thành phố Huế"],
    ["Phường Thủ Dầu Một, TP Hồ Chí Minh", ` | Thành phố Thủ Dầu Một | Tỉnh Bình Dương → Phường Thủ Dầu Một | ${HCM}`],
    ["Quận 7 (P. Phú Thuận mới), Hồ Chí Minh", ` | Quận 7 | ${HCM} → Phường Phú Thuận | ${HCM}`],
    ["H. Gia Lâm (X. Gia Lâm mới), Hà Nội", " | Huyện Gia Lâm | Thành phố Hà Nội → Xã Gia Lâm | Thành phố Hà Nội"],
    ["TP. Thuận An (P. Thuận Giao mới), Bình Dương", ` | Thành phố Thuận An | Tỉnh Bình Dương → Phường Thuận Giao | ${HCM}`],
    ["Phường Bình Trưng, Quận 2, Hồ Chí Minh", ` | Thành phố Thủ Đức | ${HCM} → Phường Bình Trưng | ${HCM}`],
    ["Phường Dĩ An, Thành phố Dĩ An, Hồ Chí Minh", `Phường Dĩ An | Thành phố Dĩ An | Tỉnh Bình Dương → Phường Dĩ An | ${HCM}`],
    [
      "Phường An Hội Đông, Hồ Chí Minh (Phường 15, Quận Gò Vấp, Hồ Chí Minh cũ)",
      `Phường 15 | Quận Gò Vấp | ${HCM} → Phường An Hội Đông | ${HCM}`,
    ],
    ["Đặc khu Phú Quốc, An Giang", " | Thành phố Phú Quốc | Tỉnh Kiên Giang → Đặc khu Phú Quốc | Tỉnh An Giang"],
  ])("%s", (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it("an old address and a new one of its own field complete each other", () => {
    expect(read("Xã Bình Quới, Huyện Châu Thành, Long An", { address2025: "Xã Vĩnh Công, Tây Ninh" })).toBe(
      "Xã Bình Quới | Huyện Châu Thành | Tỉnh Long An → Xã Vĩnh Công | Tỉnh Tây Ninh",
    );
    expect(
      read("Đường Nguyên Hồng, Phường 1, Quận Gò Vấp, Hồ Chí Minh (cũ)", {
        address2025: "Đường Nguyên Hồng , Phường Hạnh Thông , Hồ Chí Minh",
      }),
    ).toBe(`Phường 1 | Quận Gò Vấp | ${HCM} → Phường Hạnh Thông | ${HCM}`);
    expect(read("", { address2025: "Phường Hạnh Thông, Hồ Chí Minh" })).toBe(` | Quận Gò Vấp | ${HCM} → Phường Hạnh Thông | ${HCM}`);
  });

  it("a name of both schemes without a district is read by when it was written", () => {
    expect(read("Phường Tam Bình, Hồ Chí Minh", { era: "before" })).toMatch(/^Phường Tam Bình \| Thành phố Thủ Đức/);
    expect(read("Phường Tam Bình, Hồ Chí Minh", { era: "after" })).toBe(` | Thành phố Thủ Đức | ${HCM} → Phường Tam Bình | ${HCM}`);
    expect(read("Phường Tam Bình, Hồ Chí Minh")).toBe(` | Thành phố Thủ Đức | ${HCM} → Phường Tam Bình | ${HCM}`);
  });
});

describe("what does not decide", () => {
  it.each(["", " , ,", "N/A", "Liên hệ để biết địa chỉ", "Việt Nam", "12345", "(((", "🏠🏠"])(
    "%j names nothing and does not throw",
    (text) => {
      expect(read(text)).toBe(" |  |  →  | ");
    },
  );

  it("a district that the province does not have is left out", () => {
    expect(read("Quận Ba Đình, TP HCM")).toBe(` |  | ${HCM} →  | ${HCM}`);
  });

  it("a city that stands alone is a province, never one of its districts", () => {
    expect(read("Hải Dương")).toBe(" |  | Tỉnh Hải Dương →  | Thành phố Hải Phòng");
    expect(read("TP Hải Dương")).toBe(" | Thành phố Hải Dương | Tỉnh Hải Dương →  | Thành phố Hải Phòng");
  });
});
