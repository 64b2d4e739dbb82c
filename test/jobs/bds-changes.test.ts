import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import type { Listing } from "../../domain/bds/listing.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { batchPlace, type BatchPlace } from "./batch-run.ts";
import { listing } from "./listings.ts";

/** Noon of the n-th day of 2026. */
const day = (n: number): string => new Date(Date.UTC(2026, 0, n, 12)).toISOString();
const seen = (n: number, on: number, change: Partial<Listing> = {}): Listing =>
  listing(n, {
    crawled_at: day(on),
    source: "a.example",
    link: `https://a.example/tin-${n}`,
    price_vnd: 1000,
    price_unit: "total",
    transaction: "sale",
    province: "Tỉnh 1",
    province_code: "01",
    ...change,
  });

async function changesOf(rows: readonly Listing[], ...settings: string[]): Promise<unknown[]> {
  const place = batchPlace();
  await place.feed(rows, { origin: "a.example" });
  await place.run(...settings);
  return changes(place);
}

async function changes(place: BatchPlace): Promise<unknown[]> {
  const rows = await place.rows("changes.parquet", 'SELECT * FROM t ORDER BY link, "at", kind');
  return rows.map((c) => [
    Number(/\d+$/.exec(String(c["link"]))![0]),
    c["kind"],
    Math.round((Date.parse(String(c["at"])) - Date.UTC(2026, 0, 1, 12)) / 86_400_000) + 1,
    c["price_from_vnd"],
    c["price_to_vnd"],
    c["change_pct"],
  ]);
}

test("a price that moves, is withdrawn and comes back is compared with the last one that there was, in the same unit", async () => {
  expect(
    await changesOf([
      seen(1, 1),
      seen(1, 2, { price_vnd: 1250 }),
      seen(1, 3, { price_vnd: 1250 }),
      seen(1, 4, { price_vnd: null, price_unit: "negotiable" }),
      seen(1, 5, { price_vnd: 40, price_unit: "per_m2" }),
      seen(1, 6, { price_vnd: 1000 }),
    ]),
  ).toEqual([
    [1, "new", 1, null, 1000, null],
    [1, "price_changed", 2, 1000, 1250, 25],
    [1, "price_changed", 6, 1250, 1000, -20],
  ]);
});

test("a price from nothing, or to so much that it has no column, has no percentage", async () => {
  const found = await changesOf([seen(1, 1, { price_vnd: 0 }), seen(1, 2, { price_vnd: 1 }), seen(1, 3, { price_vnd: 9e15 })]);
  expect(found.slice(1)).toEqual([
    [1, "price_changed", 2, 0, 1, null],
    [1, "price_changed", 3, 1, 9e15, null],
  ]);
});

test("a listing that its site's crawls do not see for longer than the set days is gone since then, and back when they see it again", async () => {
  const others = [2, 3, 20, 34, 40, 50].map((on) => seen(2, on));
  expect(await changesOf([seen(1, 2), seen(1, 40, { price_vnd: 900 }), ...others])).toEqual([
    [1, "new", 2, null, 1000, null],
    [1, "gone", 32, 1000, null, null],
    [1, "back", 40, 1000, 900, null],
    [1, "price_changed", 40, 1000, 900, -10],
    [2, "new", 2, null, 1000, null],
  ]);
});

test("while its site is not crawled nothing is gone, however long that lasts, nor because another site is crawled", async () => {
  const elsewhere = [10, 40, 70, 100].map((on) => seen(9, on, { source: "b.example", link: "https://b.example/tin-9" }));
  expect(await changesOf([seen(1, 1), seen(2, 1), seen(2, 90), ...elsewhere])).toEqual([
    [1, "new", 1, null, 1000, null],
    [1, "gone", 31, 1000, null, null], // the crawl of day 90 did not see it
    [2, "new", 1, null, 1000, null],
    [9, "new", 10, null, 1000, null],
  ]);
});

test("BDS_GONE_AFTER_DAYS sets the days, and 0 lets nothing be gone", async () => {
  const rows = [seen(1, 1), seen(2, 1), seen(2, 5)];
  expect(await changesOf(rows, "BDS_GONE_AFTER_DAYS=3")).toContainEqual([1, "gone", 4, 1000, null, null]);
  expect(await changesOf(rows, "BDS_GONE_AFTER_DAYS=0")).toEqual([
    [1, "new", 1, null, 1000, null],
    [2, "new", 1, null, 1000, null],
  ]);
});

test("a run for an earlier day writes that day's history from what was crawled before its end, and leaves all else as it is", async () => {
  const place = batchPlace();
  // In Vietnam day 5 ends at 17:00 UTC.
  await place.feed(
    [seen(1, 4), seen(2, 5, { crawled_at: "2026-01-05T16:59:59.999Z" }), seen(3, 5, { crawled_at: "2026-01-05T17:00:00.000Z" })],
    {
      origin: "a.example",
    },
  );
  await place.run();
  const published = await changes(place);
  for (const job of ["bds_batch", "bds_stats"]) {
    const run = await place.runJob({ job, date: "2026-01-05" });
    expect(run).toMatchObject({ published: false, result: { rowsIn: 3, rowsOut: 2, later: 1, duplicates: 0, rejected: {} } });
    expect(await changes(place)).toEqual(published);
  }
  using db = readSqlite(place.serving);
  const totals = "scheme = '63_provinces' AND property_type = 'all' AND level = 'province'";
  expect(db.all<object>(`SELECT as_of, listings FROM batdongsan_stats_history WHERE ${totals} ORDER BY as_of`)).toEqual([
    { as_of: "2026-01-05", listings: 2 },
    { as_of: expect.any(String) as string, listings: 3 },
  ]);
  expect(db.all<object>("SELECT count(*) AS n FROM batdongsan")).toMatchObject([{ n: 3 }]);
});

test("a run for an earlier day keeps of files that are gone what was crawled before its end, and no more", async () => {
  const place = batchPlace();
  const [, gone] = await place.feed([seen(1, 4), seen(2, 4), seen(3, 6)], { size: 1, origin: "a.example" });
  await place.run();
  rmSync(gone!);
  const [later] = await place.feed([seen(4, 6)], { origin: "a.example" });
  await place.run();
  rmSync(later!);
  await place.runJob({ date: "2026-01-05" });
  using db = readSqlite(place.serving);
  const totals = "scheme = '63_provinces' AND property_type = 'all' AND level = 'province' AND as_of = '2026-01-05'";
  expect(db.all<object>(`SELECT sum(listings) AS n FROM batdongsan_stats_history WHERE ${totals}`)).toMatchObject([{ n: 2 }]);
});

test("under another name bds_stats serves all listings, not the new ones alone", async () => {
  const place = batchPlace();
  await place.feed([seen(1, 1), seen(2, 1)], { origin: "a.example" });
  await place.run();
  await place.feed([seen(3, 2)], { origin: "a.example" });
  const { result } = await place.runJob({ job: "bds_stats", settings: ["ES_INDEX=other"] });
  expect(result).toMatchObject({ rowsIn: 3, rowsOut: 3 });
  using db = readSqlite(place.serving);
  expect(db.all<object>("SELECT count(*) AS n FROM other")).toMatchObject([{ n: 3 }]);
  expect(
    db.all<object>("SELECT sum(listings) AS n FROM other_stats_province WHERE property_type = 'all' AND scheme = '63_provinces'"),
  ).toMatchObject([{ n: 3 }]);
});

test("bds_stats hands on what is new, and what has become gone, and no more", async () => {
  const place = batchPlace();
  await place.feed([seen(1, 1), seen(2, 1), seen(3, 20)], { origin: "a.example" });
  await place.run();
  const db = readSqlite(place.serving);
  const served = (): Record<string, string | null> =>
    Object.fromEntries(
      db
        .all<{ key: string; document: string }>("SELECT key, document FROM batdongsan ORDER BY key")
        .map(({ key, document }) => [key.slice(-1), (JSON.parse(document) as { gone_at: string | null }).gone_at]),
    );
  expect(served()).toEqual({ 1: null, 2: null, 3: null });
  await place.feed([seen(2, 40), seen(4, 40)], { origin: "a.example" });
  await place.runJob({ job: "bds_stats" });
  expect(served()).toEqual({ 1: day(31), 2: null, 3: null, 4: null });
  db[Symbol.dispose]();
});
