import { readdirSync, readFileSync } from "node:fs";
import { TextDecoder } from "@exodus/bytes/encoding.js";
import { describe, expect, test } from "vitest";
import { decode } from "../../../src/crawl/http/decode.ts";
import { hasShared, SHARED } from "../shared-data.ts";

const VIET = "Bán nhà quận Đống Đa – 5,5 tỷ €";
const utf8 = Buffer.from(VIET);
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));

test("the header names the encoding, in any spelling", () => {
  for (const label of ["utf-8", "UTF8", '"utf-8"', "unicode-1-1-utf-8"])
    expect(decode(utf8, `text/html; charset=${label}`)).toEqual({ text: VIET, encoding: "utf-8" });
  expect(decode(bytes("caf\xe9 \x80 \x93"), "text/html;charset=ISO-8859-1")).toEqual({ text: "café € “", encoding: "windows-1252" });
  expect(decode(bytes("B\xe1n nh\xe0 \xf0\xd2"), "text/html; charset=windows-1258").text).toBe("Bán nhà đ\u0309");
  expect(decode(bytes([0x93, 0xfa, 0x96, 0x7b]), "text/html; charset=shift_jis").text).toBe("日本");
  expect(decode(bytes([0xc4, 0xfa]), "text/html; charset=gb2312")).toEqual({ text: "您", encoding: "gbk" });
});

test("a byte order mark wins over the header, and is no part of the text", () => {
  expect(decode(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), utf8]), "text/html; charset=iso-8859-1")).toEqual({
    text: VIET,
    encoding: "utf-8",
  });
  expect(decode(Buffer.from(`\ufeff${VIET}`, "utf16le"), "text/html; charset=utf-8")).toEqual({ text: VIET, encoding: "utf-16le" });
  expect(decode(Buffer.from(`\ufeff${VIET}`, "utf16le").swap16())).toEqual({ text: VIET, encoding: "utf-16be" });
});

test("the header wins over meta, meta over guessing; an unknown label counts for nothing", () => {
  const page = bytes('<html><head><meta charset="windows-1252"><title>caf\xe9</title>');
  expect(decode(page).text).toContain("café");
  expect(decode(page, "text/html; charset=windows-1251").text).toContain("cafй");
  expect(decode(page, "text/html; charset=no-such").encoding).toBe("windows-1252");
  expect(decode(bytes('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">\xc1')).text).toMatch(/а$/);
});

test("an XML declaration counts where there is no meta", () => {
  expect(decode(bytes('<?xml version="1.0" encoding="ISO-8859-2"?><a>\xb1</a>'), "application/xml").text).toContain("ą");
  expect(decode(bytes('<?xml version="1.0" encoding="utf-16"?><a>x</a>')).encoding).toBe("utf-8");
});

test("where nothing says it, valid UTF-8 is that and anything else windows-1252", () => {
  expect(decode(utf8)).toEqual({ text: VIET, encoding: "utf-8" });
  expect(decode(bytes("caf\xe9"))).toEqual({ text: "café", encoding: "windows-1252" });
  const late = `<title>${" ".repeat(2000)}</title><meta charset='windows-1258'>\xf0`;
  expect(decode(bytes(late)).text).toMatch(/đ$/);
  expect(decode(Buffer.alloc(0))).toEqual({ text: "", encoding: "utf-8" });
});

test("broken bytes become replacement characters, never an error", () => {
  expect(decode(bytes("a\xffb"), "text/html; charset=utf-8").text).toBe("a\ufffdb");
  expect(decode(bytes("x"), "text/html; charset=iso-2022-kr").text).toBe("\ufffd");
});

test("a view into a larger buffer is read within its bounds", () => {
  const whole = new Uint8Array(bytes("xx<p>\xc3\xa9</p>yy"));
  expect(decode(whole.subarray(2, whole.length - 2)).text).toBe("<p>é</p>");
});

// ../shared stands beside the repository, not in it; where it is, CI fails if these are skipped.
describe.skipIf(!hasShared)("html5lib's encoding tests", () => {
  const folder = `${SHARED}/crawl-fixtures/html5lib-encoding`;
  const cases = !hasShared
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith(".dat"))
        .flatMap((name) => readCases(readFileSync(`${folder}/${name}`), name));

  test("are all there", () => expect(cases.length).toBe(60));

  test.each(cases)("$name", ({ data, encoding }) => {
    // We name pure ASCII utf-8 where the standard says windows-1252: the text is the same, and that is what counts.
    expect(decode(data).text).toBe(new TextDecoder(encoding).decode(data));
  });
});

/** `#data` … `#encoding` NAME, again and again; bytes as they stand. */
function readCases(file: Buffer, name: string): { name: string; data: Buffer; encoding: string }[] {
  const parts = file
    .toString("latin1")
    .split(/^#data\n/m)
    .slice(1);
  return parts.map((part, index) => {
    const [data = "", encoding = ""] = part.split(/\n#encoding\n/);
    return { name: `${name} ${index + 1}`, data: Buffer.from(data, "latin1"), encoding: encoding.trim() };
  });
}
