import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FormatName } from "../../src/feeds/format.ts";
import { batchPlace, type BatchPlace } from "./batch-run.ts";
import { listing, listings } from "./listings.ts";

const FORMATS = ["json", "jsonl", "csv", "parquet"] as const;

/** A place with one good file, and another of the same format with these bytes, which came without a manifest. */
async function beside(format: FormatName, bytes: string | Uint8Array): Promise<{ place: BatchPlace; other: string; source: string }> {
  const place = batchPlace();
  await place.feed(listings(5), { format });
  const other = join(place.input, `other.${format}`);
  writeFileSync(other, bytes);
  return { place, other, source: `SOURCE_TYPE=${format}` };
}

/** The text of a batch file of these listings. */
async function written(format: FormatName, from: number): Promise<string> {
  const place = batchPlace();
  const [file] = await place.feed([listing(from), listing(from + 1, { title: "Nhà đẹp, rẻ" })], { format });
  return readFileSync(file!, "utf8");
}

describe("files of other people's programs", () => {
  for (const format of ["json", "jsonl", "csv"] as const)
    test(`Windows' line ends in ${format}${format === "csv" ? " and a byte order mark" : ""} change nothing`, async () => {
      const text = await written(format, 100);
      const { place, source } = await beside(format, `${format === "csv" ? "\ufeff" : ""}${text.replaceAll("\n", "\r\n")}`);
      expect((await place.run(source)).result).toMatchObject({ rowsIn: 7, rowsOut: 7, rejected: {} });
      expect(await place.rows("listings", "SELECT title, source, raw.price AS price FROM t WHERE listing_id = '101'")).toEqual([
        { title: "Nhà đẹp, rẻ", source: "bds.demo", price: "1,2 tỷ" },
      ]);
    });

  test("a byte order mark, which JSON must not have, is named with what takes it off", async () => {
    const { place, source } = await beside("jsonl", `\ufeff${await written("jsonl", 100)}`);
    await expect(place.run(source)).rejects.toMatchObject({
      code: "input_broken",
      message: /other\.jsonl begins with a byte order mark.*sed/,
    });
  });

  test("a list without items, and an empty file of JSON lines, have no rows", async () => {
    for (const [format, text] of [
      ["json", "[]"],
      ["jsonl", ""],
    ] as const) {
      const { place, source } = await beside(format, text);
      expect((await place.run(source)).result).toMatchObject({ rowsIn: 5, rowsOut: 5 });
    }
  });

  test("a CSV file without a header is cut off at its beginning, and is named", async () => {
    const { place, source } = await beside("csv", "");
    await expect(place.run(source)).rejects.toMatchObject({ code: "input_broken", message: /other\.csv is empty/ });
  });

  test("an empty parquet file is no parquet file, and is named", async () => {
    const { place, other, source } = await beside("parquet", "");
    await expect(place.run(source)).rejects.toMatchObject({ code: "input_broken", message: new RegExp(basename(other)) });
  });

  for (const format of FORMATS.filter((f) => f !== "csv"))
    test(`bytes that are no ${format} name their file, and nothing is published`, async () => {
      const { place, other, source } = await beside(format, Buffer.from("5\u0000\u0001 not at all {\u0007]".repeat(50)));
      await expect(place.run(source)).rejects.toMatchObject({ code: "input_broken", message: new RegExp(basename(other)) });
      rmSync(other);
      expect((await place.run(source)).result).toMatchObject({ rowsIn: 5, rowsOut: 5 });
    });

  test("files of before a column came, with columns in another order, and with ones that nobody knows, are read together", async () => {
    const { title, raw, bedrooms: _, ...rest } = listing(100);
    const old = [{ raw, ...rest, colour: "red", title }];
    for (const format of ["json", "jsonl"] as const) {
      const { place, source } = await beside(format, format === "json" ? JSON.stringify(old) : `${JSON.stringify(old[0])}\n`);
      expect((await place.run(source)).result, format).toMatchObject({ rowsIn: 6, rowsOut: 6, rejected: {} });
      expect(await place.rows("listings", "SELECT title, bedrooms FROM t WHERE listing_id = '100'")).toEqual([{ title, bedrooms: null }]);
    }
    const cells = { ...rest, colour: "red", title: `"${title.replaceAll('"', '""')}"` };
    const { place, source } = await beside("csv", `${Object.keys(cells).join(",")}\n${Object.values(cells).join(",")}\n`);
    expect((await place.run(source)).result).toMatchObject({ rowsIn: 6, rowsOut: 6 });
    expect(await place.rows("listings", "SELECT title, bedrooms FROM t WHERE listing_id = '100'")).toEqual([{ title, bedrooms: null }]);
  });

  test("values of a wrong kind are rejected by their field, row by row, whatever the rest of the file", async () => {
    const rows = [
      { ...listing(100), price_vnd: "five" },
      { ...listing(101), crawled_at: "yesterday" },
      { ...listing(103), area_m2: 1e300 },
      { ...listing(104), partial: "perhaps" },
      { link: null, title: null },
      {},
    ];
    const { place } = await beside("jsonl", rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    const { result } = await place.run("SOURCE_TYPE=jsonl");
    expect(result).toMatchObject({ rowsIn: 11, duplicates: 0 });
    expect(result.rejected).toMatchObject({
      "price_vnd: type": 1,
      "crawled_at: pattern": 1,
      "area_m2: maximum": 1,
      "partial: type": 1,
      "link: required": 2,
    });
    expect(result.rowsOut + Object.values(result.rejected).reduce((a, b) => a + b, 0)).toBe(11);
  });

  test("header rows among the data of CSV are rejected, those of every part of a merged file", async () => {
    const [header, ...rows] = (await written("csv", 100)).trimEnd().split("\n");
    const { place } = await beside("csv", `${[header, rows[0], header, header, rows[1]].join("\r\n")}\r\n`);
    const { result } = await place.run("SOURCE_TYPE=csv");
    expect(result).toMatchObject({ rowsIn: 9, rowsOut: 7, rejected: { "link: pattern": 2 } });
  });
});
