import { expect, it } from "vitest";
import { canonicalLink } from "../../../domain/bds/link.ts";

it.each([
  ["https://batdongsan.com.vn/ban-dat-xa-phu-cat-1/gia-chi-tu-2-ty-pr44315439", "44315439", "batdongsan.com.vn"],
  ["https://alonhadat.com.vn/cho-thue-nha-c4-kem-gac-xep-14444978.html", "14444978", "alonhadat.com.vn"],
  ["https://mogi.vn/quan-hai-ba-trung/mua-nha-hem-ngo/ban-nha-pho-vong-id22658178", "22658178", "mogi.vn"],
  ["https://www.nhatot.com/mua-ban-nha-dat-quan-ba-dinh-ha-noi/125309749.htm", "125309749", "nhatot.com"],
  ["http://bds.demo/tin/ban-nha-1", null, "bds.demo"],
])("%s is kept and gives id %s of %s", (href, id, host) => {
  expect(canonicalLink(href)).toMatchObject({ href, id, host });
});

it.each([
  ["https://www.nhatot.com/x/125309749.htm#px=SR-stickyad-[PO-1][PL-top]", "https://www.nhatot.com/x/125309749.htm"],
  ["https://batdongsan.com.vn/a-pr1?utm_source=x&utm_medium=y&gclid=z", "https://batdongsan.com.vn/a-pr1"],
  ["https://example.com/a?ref=home&from=b&px=c&source=d", "https://example.com/a"],
  ["https://example.com/a?id=7&fbclid=z&page=2#top", "https://example.com/a?id=7&page=2"],
  ["https://alonhadat.com.vn//cho-thue-phong-123.html", "https://alonhadat.com.vn/cho-thue-phong-123.html"],
  ["  HTTPS://Batdongsan.com.VN/a-pr1 ", "https://batdongsan.com.vn/a-pr1"],
  ["//mogi.vn/a-id1", "https://mogi.vn/a-id1"],
  ["batdongsan.com.vn/a-pr1", "https://batdongsan.com.vn/a-pr1"],
  ["https://example.com/a/../b", "https://example.com/b"],
  ["https://example.com/tin đăng", "https://example.com/tin%20%C4%91%C4%83ng"],
  ["http://localhost:8080/x", "http://localhost:8080/x"],
])("%s becomes %s", (text, href) => {
  expect(canonicalLink(text)?.href).toBe(href);
});

it("a path is taken against the source", () => {
  expect(canonicalLink("/ban-dat-pr1", "batdongsan.com.vn")?.href).toBe("https://batdongsan.com.vn/ban-dat-pr1");
  expect(canonicalLink("/ban-dat-pr1")).toBeUndefined();
});

it.each(["", "link", "N/A", "javascript:void(0)", "mailto:a@b.vn", "tel:0900", "https://", "tin đăng/1", "ftp://a.vn/x"])(
  "%j is no link",
  (text) => {
    expect(canonicalLink(text)).toBeUndefined();
  },
);
