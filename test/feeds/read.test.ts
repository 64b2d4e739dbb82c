import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { openBatchFiles } from "../../src/feeds/batch-file.ts";
import { FORMATS } from "../../src/feeds/format.ts";
import { readRows, type FoundRow } from "../../src/feeds/read.ts";
import { Listing } from "../../domain/bds/listing.ts";
import { batchOf, listings, tempDir } from "./batches.ts";

async function readAll(file: string): Promise<FoundRow[]> {
  const all: FoundRow[] = [];
  for await (const rows of readRows(file)) all.push(...rows);
  return all;
}

function fileOf(name: string, content: string | Uint8Array): string {
  const file = join(tempDir(), name);
  writeFileSync(file, content);
  return file;
}

describe.each(FORMATS)("reading %s", (format) => {
  it("gives back what was written, in chunks", async () => {
    const items = listings(1, 1200, (n) => ({ title: n % 7 === 0 ? `=${n}` : `tin ${n}, "đẹp"\n` }));
    const files = await openBatchFiles({ dir: tempDir(), spider: "s", item: Listing, format });
    const file = await files.write(batchOf(1, 1200, items));
    const rows = await readAll(file);
    expect(rows).toHaveLength(1200);
    expect(rows.map((r) => r["title"])).toEqual(items.map((i) => i.title));
    if (format !== "csv") expect(rows).toEqual(items);
    let chunks = 0;
    for await (const chunk of readRows(file)) chunks += chunk.length > 0 ? 1 : 0;
    if (format !== "parquet") expect(chunks).toBeGreaterThan(2);
  });
});

describe("reading CSV", () => {
  it.each([
    [";", "a;b,c;d\n1;2,5;3\n", [{ a: "1", "b,c": "2,5", d: "3" }]],
    ["a tab", 'a\t"b\t;;;;"\n1\t2\n', [{ a: "1", "b\t;;;;": "2" }]],
    ["one column", "link\nhttps://x/1\n\nhttps://x/2", [{ link: "https://x/1" }, { link: "https://x/2" }]],
  ])("finds the delimiter: %s", async (_name, text, rows) => {
    expect(await readAll(fileOf("x.csv", text))).toEqual(rows);
  });

  it("takes a byte order mark, CRLF, NUL, quotes, line feeds in cells, and headers without or with the same name", async () => {
    const file = fileOf("x.csv", '\ufefftên,,tên\r\n"a ""b"", \r\nc",x\0y,\r\n12" tivi,2,3,4\r\n');
    expect(await readAll(file)).toEqual([
      { tên: 'a "b", \r\nc', column_2: "x\0y", tên_2: null },
      { tên: '12" tivi', column_2: "2", tên_2: "3", column_4: "4" },
    ]);
  });

  it("reads UTF-16, as Excel writes it", async () => {
    const file = fileOf("x.tsv", Buffer.from("\ufeffgiá\tđịa chỉ\r\n1,5 tỷ\tHà Nội\r\n", "utf16le"));
    expect(await readAll(file)).toEqual([{ giá: "1,5 tỷ", "địa chỉ": "Hà Nội" }]);
  });

  it("says where a quote is never closed", async () => {
    await expect(readAll(fileOf("x.csv", 'a,b\n1,2\n"3,4\n'))).rejects.toThrow(/feed: .*x\.csv is broken at line \d+: Quote Not Closed/);
  });

  it("gives no rows for an empty file and for a header alone", async () => {
    expect(await readAll(fileOf("x.csv", ""))).toEqual([]);
    expect(await readAll(fileOf("x.csv", "a,b\n"))).toEqual([]);
  });
});

describe("reading JSON", () => {
  const rows = [
    { a: '}]{"\\', b: [{ c: 1 }] },
    { a: null, b: [] },
  ];
  it.each([
    ["a list", JSON.stringify(rows, null, 2)],
    ["a list with a byte order mark", `\ufeff${JSON.stringify(rows)}`],
    ["an object that holds a list", JSON.stringify({ summary: { by: { x: [1] }, names: ["p"] }, none: [], rows, more: [{ z: 1 }] })],
    ["the same on many lines", JSON.stringify({ summary: { total: 2 }, rows }, null, 2)],
    ["JSON lines", rows.map((r) => JSON.stringify(r)).join("\r\n")],
    ["objects one after another", rows.map((r) => JSON.stringify(r, null, 1)).join("\n\n")],
    ["lists one after another", `${JSON.stringify([rows[0]])}\n[\n]${JSON.stringify([rows[1]])}`],
  ])("finds the rows of %s", async (name, text) => {
    // A first object on several lines is looked into for a list: only where it has none is it a row itself.
    const expected = name === "objects one after another" ? rows[0]!.b : rows;
    expect(await readAll(fileOf("x.json", text))).toEqual(expected);
  });

  it("takes an object without lists for the one row", async () => {
    expect(await readAll(fileOf("x.json", '{\n "a": 1\n}\n'))).toEqual([{ a: 1 }]);
    expect(await readAll(fileOf("x.json", " \n"))).toEqual([]);
  });

  it("finds rows wherever the chunks of a large file are cut", async () => {
    const many = listings(1, 3000, (n) => ({ title: `\\"${"đ🏠".repeat(n % 50)}\\` }));
    expect(await readAll(fileOf("x.json", JSON.stringify({ total: 3000, many })))).toEqual(many);
  });

  it.each([
    ["cut off", '[{"a":1},\n{"b":"đ', /x\.json is broken at row 2 \(byte \d+\): the file ends in the middle: it was cut off/],
    ["not JSON within a row", '[{"a":1},{"b":nope}]', /row 2 \(byte 9\): it is not JSON/],
    ["a list of texts", '["a","b"]', /row 1 \(byte 1\): an object must stand here, not "\\"a\\"/],
    ["a page of HTML", "<!doctype html>", /row 1 \(byte 0\): an object must stand here/],
    ["a bracket too many", '[{"a":1}]]', /a bracket too many/],
  ])("says where and why a file is broken: %s", async (_name, text, message) => {
    await expect(readAll(fileOf("x.json", text))).rejects.toThrow(message);
  });
});

it("refuses files that are not there, and endings it does not know", async () => {
  await expect(readAll("/nowhere/x.json")).rejects.toThrow("feed: there is no file /nowhere/x.json");
  await expect(readAll(fileOf("x.xlsx", ""))).rejects.toThrow(
    /x\.xlsx does not say its format: end it in \.json, \.jsonl, \.csv, \.parquet/,
  );
});

/** Rows by Python's csv and json modules. */
const REAL: Readonly<Record<string, number>> = {
  "alonhadat_can_ban_2023.csv": 210,
  "alonhadat_cho_thue_2023.csv": 226,
  "alonhadat_intro_ds_2024.json": 37,
  "anhpham_alonhadat_2020.csv": 1000,
  "bds_hanoi_2026.json": 3000,
  "bds_hcm_2024_raw.csv": 11067,
  "bds_khdl_n7_2025.json": 2924,
  "bds_vietnam_housing_2024.csv": 30230,
  "bds_vinh5905_2024.csv": 703,
  "benminh_batdongsan_2023.csv": 475,
  "datnguyen_alonhadat_2020.csv": 2957,
  "dungdeta_batdongsan_2025.csv": 8527,
  "dungdeta_bds_details_2_2025.json": 2356,
  "dungdeta_nhatot_details_2025.json": 3373,
  "dungdeta_nhatot_links_2025.json": 7482,
  "khaixinh_nhatot_2025.csv": 1644,
  "letriduc_batdongsan_2025.csv": 450,
  "nhatot_manax_2025.csv": 810,
  "nhatot_properties_2025.csv": 420,
  "phuoc_properties_2024.csv": 31,
  "quybuno_batdongsan1_2025.csv": 5965,
  "radar_batdongsan_2026.json": 221,
  "radar_mogi_2026.json": 251,
  "radar_seed_listings_2026.json": 455,
  "thanhtuyen_batdongsan_2018.csv": 20,
  "recrawl-series/bds_1.json": 123,
  "recrawl-series/bds_2.json": 441,
  "recrawl-series/bds_3.json": 433,
  "recrawl-series/bds_4.json": 433,
  "recrawl-series/bds_5.json": 436,
  "recrawl-series/bds_6.json": 434,
  "recrawl-series/bds_7.json": 221,
}; // prettier-ignore

const shared = resolve(import.meta.dirname, "../../../shared/data/listings");
describe.skipIf(!existsSync(shared))("real files", () => {
  it.each(Object.entries(REAL))("%s has its %i rows", async (name, count) => {
    let rows = 0;
    for await (const chunk of readRows(join(shared, name))) rows += chunk.length;
    expect(rows).toBe(count);
  });
});
