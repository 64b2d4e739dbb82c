import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { FORMATS, type FormatName } from "../../src/feeds/format.ts";
import { unguarded } from "../../src/feeds/csv.ts";
import { openBatchFiles, type Manifest } from "../../src/feeds/batch-file.ts";
import { openDuckDb } from "../../src/storage/duckdb.ts";
import { Listing } from "../../domain/bds/listing.ts";
import { batchOf, listings, tempDir, type Listed } from "./batches.ts";

const open = (dir: string, format: FormatName) => openBatchFiles({ dir, spider: "bds_spider", item: Listing, format });
const manifestOf = (dir: string, file: string) => JSON.parse(readFileSync(join(dir, ".manifest", `${file}.json`), "utf8")) as Manifest;
const visible = (dir: string) => readdirSync(dir).filter((name) => !name.startsWith("."));

const hard = listings(1, 6, (n) => ({
  title: ['quote " and , comma', "line\r\nbreak\rlone", "=1+1", "'-already", "đường 🏠\u00a0x", "b\ufeffom"][n - 1],
  address: n === 1 ? "" : null,
  latitude: -1.5,
  price_vnd: 9007199254740991,
}));

async function read(path: string, format: FormatName): Promise<Listed[]> {
  const text = format === "parquet" ? "" : readFileSync(path, "utf8");
  switch (format) {
    case "json":
      return JSON.parse(text) as Listed[];
    case "jsonl":
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Listed);
    case "csv":
      return parse(text, { columns: true, cast: (value, { quoting }) => (value === "" && !quoting ? null : value) });
    default: {
      await using db = await openDuckDb({ part: "test" });
      return (await db.all(`SELECT * FROM read_parquet('${path}')`)) as unknown as Listed[];
    }
  }
}

describe.each(FORMATS)("batch files in %s", (format) => {
  it("hold the items, whatever their texts are, under a name that says crawl and range", async () => {
    const dir = tempDir();
    const path = await (await open(dir, format)).write(batchOf(1001, 1006, hard));
    expect(visible(dir)).toEqual([`bds_spider_20261121T052041753Z_000001001-000001006.${format}`]);
    const items = await read(path, format);
    if (format !== "csv") return expect(items).toEqual(hard);
    expect(items.map((item) => unguarded(item.title))).toEqual(hard.map((item) => item.title));
    expect(items[0]).toMatchObject({
      address: "",
      price_vnd: "9007199254740991",
      "raw.price": "6,5 tỷ",
      latitude: "-1.5",
      ward_2025: null,
    });
    expect(items[1]!["address"]).toBeNull();
  });

  it("are the same bytes when the same batch comes again, with a manifest that tells them", async () => {
    const dir = tempDir();
    const files = await open(dir, format);
    const path = await files.write(batchOf(1, 3));
    const before = readFileSync(path);
    await files.write(batchOf(1, 3));
    expect(readFileSync(path).equals(before)).toBe(true);
    const [file] = visible(dir);
    expect(manifestOf(dir, file!)).toMatchObject({
      file, format, spider: "bds_spider", item: "listing", origin: "demo", crawl: 3, startedAt: "2026-11-21T05:20:41.753Z", from: 1, to: 3, count: 3,
      bytes: statSync(path).size, sha256: createHash("sha256").update(before).digest("hex"), schema: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
    }); // prettier-ignore
  });
});

it("writes JSON that line tools can read: one item a line", async () => {
  const path = await (await open(tempDir(), "json")).write(batchOf(1, 2));
  const lines = readFileSync(path, "utf8").split("\n");
  expect(lines).toHaveLength(5);
  expect([lines[0], lines[3], lines[4]]).toEqual(["[", "]", ""]);
});

it("does not let a batch stand twice when the format was changed before it came again", async () => {
  const dir = tempDir();
  await (await open(dir, "json")).write(batchOf(1, 3));
  await (await open(dir, "jsonl")).write(batchOf(1, 3));
  expect(visible(dir)).toEqual(["bds_spider_20261121T052041753Z_000000001-000000003.jsonl"]);
  expect(readdirSync(join(dir, ".manifest"))).toHaveLength(1);
});

it.each(["json", "parquet"] as const)(
  "tells what a file holds before it appears: none is seen without its manifest (%s)",
  async (format) => {
    const dir = tempDir();
    const name = `bds_spider_20261121T052041753Z_000000001-000000003.${format}`;
    mkdirSync(join(dir, name)); // it cannot appear
    await expect((await open(dir, format)).write(batchOf(1, 3))).rejects.toMatchObject({ code: "file_write" });
    expect(manifestOf(dir, name)).toMatchObject({ item: "listing", count: 3 });
    rmSync(join(dir, name), { recursive: true });
    const path = await (await open(dir, format)).write(batchOf(1, 3));
    expect(manifestOf(dir, name).bytes).toBe(statSync(path).size);
  },
);

it("mends a file whose manifest is not there, and clears what it left unfinished", async () => {
  const dir = tempDir();
  await (await open(dir, "json")).write(batchOf(1, 3));
  const [file] = visible(dir);
  rmSync(join(dir, ".manifest", `${file}.json`));
  writeFileSync(join(dir, `.${file}.unfinished`), "half");
  await (await open(dir, "json")).write(batchOf(1, 3));
  expect(readdirSync(dir).sort()).toEqual([".manifest", file]);
  expect(manifestOf(dir, file!).count).toBe(3);
});
