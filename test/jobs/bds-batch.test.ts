import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Listing } from "../../domain/bds/listing.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { batchPlace } from "./batch-run.ts";
import { listing, listings } from "./listings.ts";
import { model } from "./model.ts";

const ITEMS = listings(700, (n) => ({
  property_type: (["house", "land", null] as const)[n % 3]!,
  province_2025: n % 9 === 0 ? null : `Tỉnh mới ${n % 4}`,
  province_2025_code: n % 9 === 0 ? null : `3${n % 4}`,
  ward_2025: n % 9 === 0 ? null : `Phường ${n % 13}`,
  ward_2025_code: n % 9 === 0 ? null : `${n % 4}-${n % 13}`,
}));
/** Already the next day in the jobs' zone. */
const NOW = new Date("2026-11-20T20:00:00Z");
const expected = model(ITEMS, { goneAfterDays: 30, date: "2026-11-21" });
const byGroup = (rows: readonly Record<string, unknown>[]): Record<string, unknown>[] =>
  [...rows].sort((a, b) => (groupOf(a) < groupOf(b) ? -1 : 1));
const groupOf = (row: Record<string, unknown>): string =>
  JSON.stringify(["scheme", "province_code", "district_code", "transaction", "property_type"].map((name) => row[name]));

for (const format of ["json", "jsonl", "csv", "parquet"] as const)
  test(`statistics from ${format} files equal those worked out apart, by province and by district, in both schemes`, async () => {
    const place = batchPlace();
    await place.feed(ITEMS, { format });
    const { result } = await place.runJob({ settings: [`SOURCE_TYPE=${format}`], now: NOW });
    expect(result).toMatchObject({ rowsIn: 700, rowsOut: 700, rejected: {}, duplicates: 0 });
    expect(byGroup(await place.rows("stats_province.parquet"))).toEqual(byGroup(expected.provinces));
    expect(byGroup(await place.rows("stats_district.parquet"))).toEqual(byGroup(expected.districts));
  });

test("listings stand by province, one file a partition, with all their fields, those without a province too", async () => {
  const place = batchPlace();
  await place.feed(ITEMS);
  await place.run();
  const partitions = readdirSync(join(place.output, "listings")).sort();
  expect(partitions).toEqual(["none", "p01", "p02", "p03", "p04", "p05"].map((key) => `province_key=${key}`));
  for (const partition of partitions) expect(readdirSync(join(place.output, "listings", partition))).toEqual(["part-0.parquet"]);
  const rows = await place.rows<Listing & Record<string, unknown>>("listings");
  expect(rows.sort((a, b) => Number(a.listing_id) - Number(b.listing_id))).toEqual(
    ITEMS.map((item) => ({ ...item, location: "10.500000,106.700000", gone_at: null })),
  );
});

test("two runs give the same bytes", async () => {
  const place = batchPlace();
  await place.feed([...ITEMS, ...listings(50, () => ({ crawled_at: "2026-11-20T12:00:00.000Z" }))]);
  const read = (): Buffer[] =>
    (readdirSync(join(place.output, "listings"), { recursive: true }) as string[])
      .filter((name) => name.endsWith(".parquet"))
      .sort()
      .map((name) => readFileSync(join(place.output, "listings", name)));
  await place.run();
  const first = read();
  await place.run();
  expect(read()).toEqual(first);
});

test("of a link's rows the latest crawl stays; at one time the full page before the card, and then always the same", async () => {
  const place = batchPlace();
  const [early, late] = ["2026-11-20T00:00:00.000Z", "2026-11-21T00:00:00.000Z"];
  const rows = [
    listing(1, { crawled_at: late, title: "latest" }),
    listing(1, { crawled_at: early, title: "early" }),
    listing(2, { crawled_at: late, partial: true, title: "z: a card" }),
    listing(2, { crawled_at: late, partial: false, title: "detail" }),
    listing(3, { crawled_at: late, title: "a", price_vnd: null }),
    listing(3, { crawled_at: late, title: "a", price_vnd: 7 }),
    listing(4, { crawled_at: late }),
    listing(4, { crawled_at: late }),
  ];
  await place.feed(rows, { size: 1 });
  const { result } = await place.run();
  expect(result).toMatchObject({ rowsIn: 8, rowsOut: 4, duplicates: 4 });
  const order = "SELECT title, price_vnd FROM t ORDER BY link";
  const kept = await place.rows("listings", order);
  expect(kept.map((row) => row["title"]).slice(0, 3)).toEqual(["latest", "detail", "a"]);
  expect(kept[2]).toMatchObject({ price_vnd: 7 });
  const other = batchPlace();
  await other.feed(rows.reverse(), { size: 3 });
  await other.run();
  expect(await other.rows("listings", order)).toEqual(kept);
});

test("rows that break a rule are kept apart with the rule, and counted", async () => {
  const place = batchPlace();
  const bad = [
    listing(900, { title: "" }),
    { ...listing(901), price_unit: "each" as never },
    listing(902, { area_m2: -1 }),
    listing(903, { link: "Link" }),
  ];
  await place.feed([...listings(10), ...bad]);
  const { result } = await place.run();
  expect(result).toMatchObject({ rowsIn: 14, rowsOut: 10, duplicates: 0 });
  expect(result.rejected).toEqual({ "title: minLength": 1, "price_unit: enum": 1, "area_m2: minimum": 1, "link: pattern": 1 });
  const rejected = await place.rows("rejected.parquet", "SELECT listing_id, reject_reason FROM t ORDER BY listing_id");
  expect(rejected).toMatchObject([
    { listing_id: "900", reject_reason: "title: minLength" },
    { listing_id: "901", reject_reason: "price_unit: enum" },
    { listing_id: "902", reject_reason: "area_m2: minimum" },
    { listing_id: "903", reject_reason: "link: pattern" },
  ]);
});

test("a header that a careless merge left among CSV rows is rejected, not counted", async () => {
  const place = batchPlace();
  const [file] = await place.feed(listings(5), { format: "csv" });
  const [header, ...rows] = readFileSync(file!, "utf8").split("\n");
  const merged = join(place.dir, "merged.csv");
  writeFileSync(merged, [header, ...rows.slice(0, 2), header, ...rows.slice(2)].join("\n"));
  const { result } = await place.run("SOURCE_TYPE=csv", `SOURCE_PATH=${merged}`);
  expect(result).toMatchObject({ rowsIn: 6, rowsOut: 5 });
  expect(result.rejected).toEqual({ "link: pattern": 1 });
});

test("the serving store holds the statistics under their aliases and every listing by its link, the newest", async () => {
  const place = batchPlace();
  await place.feed(ITEMS);
  await place.run();
  await place.feed([listing(5, { crawled_at: "2026-11-21T00:00:00.000Z", title: "edited" })]);
  await place.run();
  using db = readSqlite(place.serving);
  const documents = db.all<{ key: string; document: string }>("SELECT key, document FROM batdongsan");
  expect(documents).toHaveLength(700);
  const read = new Map(documents.map((d) => [d.key, JSON.parse(d.document) as Listing]));
  expect(read.get(ITEMS[6]!.link)).toEqual({ ...ITEMS[6], location: "10.500000,106.700000", gone_at: null });
  expect(read.get(ITEMS[5]!.link)!.title).toBe("edited");
  for (const level of ["province", "district"])
    expect(
      db.all<object>(`SELECT scheme, property_type = 'all' AS total, sum(listings) AS n FROM batdongsan_stats_${level} GROUP BY 1, 2`),
    ).toMatchObject(["34_provinces", "63_provinces"].flatMap((scheme) => [0, 1].map((total) => ({ scheme, total, n: 700 }))));
});
