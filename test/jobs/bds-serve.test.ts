import { readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { openDatabase } from "../../src/storage/sqlite.ts";
import { batchPlace, type BatchPlace } from "./batch-run.ts";
import { listing, listings } from "./listings.ts";

const STATS = { job: "bds_stats" };

function ask<T extends object>(place: BatchPlace, sql: string): T[] {
  using db = readSqlite(place.serving);
  return db.all<T>(sql);
}
const documents = (place: BatchPlace): number => ask<{ n: number }>(place, "SELECT count(*) AS n FROM batdongsan")[0]!.n;

/** Changes the serving store behind the job's back. */
function change(place: BatchPlace, sql: string): void {
  const db = openDatabase(place.serving, {
    migrations: Array.from({ length: ask<{ user_version: number }>(place, "PRAGMA user_version")[0]!.user_version }, () => ""),
  });
  db.exec(sql);
  db.close();
}

test("with nothing new bds_stats ends early, and the published version stays", async () => {
  const place = batchPlace();
  await place.feed(listings(5));
  await place.run();
  const version = readlinkSync(place.output);
  const run = await place.runJob(STATS);
  expect(run).toMatchObject({ published: false, result: { rowsIn: 5, rowsOut: 5, unchanged: true } });
  expect(run.result.notes).toEqual(["nothing new since what was crawled at 2026-11-20T00:00:04.000Z"]);
  expect(readlinkSync(place.output)).toBe(version);
  expect((await place.runJob({ ...STATS, settings: ["BDS_GONE_AFTER_DAYS=3"] })).published).toBe(true);
  expect((await place.run()).published).toBe(true); // bds_batch builds anew whatever there is
});

test("a serving store that was emptied, or is another file now, gets all listings and tables again, also with nothing new", async () => {
  const place = batchPlace();
  await place.feed(listings(5));
  await place.run();
  for (const wal of ["", "-wal", "-shm"]) rmSync(`${place.serving}${wal}`, { force: true });
  await place.runJob(STATS);
  expect(documents(place)).toBe(5);
  change(place, `DELETE FROM "batdongsan@documents" WHERE key LIKE '%2'`);
  expect(documents(place)).toBe(4);
  await place.feed([listing(9)]);
  await place.runJob(STATS);
  expect(documents(place)).toBe(6);
});

test.each(["version_after_link", "serving_before_swap"])(
  "killed at %s, bds_stats does not take the former tables for its own, though they have as many rows",
  async (point) => {
    const place = batchPlace();
    await place.feed([listing(1)]);
    await place.run();
    await place.feed([listing(1, { title: "Bán nhà khác", area_m2: 77, crawled_at: "2026-11-21T00:00:00.000Z" })]);
    expect((await place.runProcess({ ARACHNE_FAILPOINT: `${point}:1`, BATCH_TEST_JOB: "bds_stats" })).signal).toBe("SIGKILL");
    expect((await place.runJob(STATS)).published).toBe(true);
    expect(ask(place, "SELECT DISTINCT area_avg_m2 FROM batdongsan_stats_province")).toMatchObject([{ area_avg_m2: 77 }]);
  },
);

test("a name that something else has is told before anything is read", async () => {
  const place = batchPlace();
  await place.feed(listings(1));
  await place.run();
  change(place, "CREATE TABLE other_changes (x)");
  for (const job of ["bds_batch", "bds_stats"])
    await expect(place.runJob({ job, settings: ["ES_INDEX=other", "SOURCE_PATH=/nowhere/*.json"] })).rejects.toMatchObject({
      code: "name_taken",
    });
});

test("after the output was gone back from, bds_stats serves what it went back to, though the store has as many rows", async () => {
  const place = batchPlace();
  const goneAt = (): unknown =>
    ask<{ gone: string | null }>(place, "SELECT json_extract(document, '$.gone_at') AS gone FROM batdongsan WHERE key LIKE '%pr1'")[0]!
      .gone;
  const area = (): unknown => ask(place, "SELECT DISTINCT area_avg_m2 FROM batdongsan_stats_province WHERE area_avg_m2 IS NOT NULL");
  const seen = (n: number, day: string, area_m2: number) =>
    listing(n, { crawled_at: `2026-${day}T00:00:00.000Z`, province: null, province_code: null, transaction: "sale", area_m2 });
  await place.feed([seen(1, "01-01", 10), seen(2, "01-01", 10)]);
  await place.run();
  const before = area();
  const [bad] = await place.feed([seen(2, "11-01", 90)]);
  await place.runJob(STATS);
  expect([goneAt(), area()]).toEqual(["2026-01-31T00:00:00.000Z", [{ area_avg_m2: 90 }]]);
  rmSync(bad!);
  await place.rollBack("output");
  expect((await place.runJob(STATS)).published).toBe(true);
  expect([goneAt(), area()]).toEqual([null, before]);
});

test.each([undefined, "2026-11-19"])(
  "demo listings, run for %s, leave nothing beside a store's real ones, in its history neither",
  async (date) => {
    const place = batchPlace();
    const now = new Date(at(16));
    await place.feed(
      listings(5, (n) => ({ link: `https://real.example/nha-pr${n}` })),
      { origin: "real.example" },
    );
    await place.runJob({ now });
    const before = history(place);
    const file = join(place.dir, "demo.json");
    writeFileSync(file, JSON.stringify(listings(4, () => ({ crawled_at: "2026-11-19T00:00:00.000Z" }))));
    await expect(place.runJob({ ...(date === undefined ? {} : { date }), now, settings: [`SOURCE_PATH=${file}`] })).rejects.toMatchObject({
      code: "mixed_origins",
    });
    expect(history(place)).toEqual(before);
  },
);

const at = (hours: number): string => new Date(Date.UTC(2026, 10, 20, hours)).toISOString();
const history = (place: BatchPlace): object[] =>
  ask<{ as_of: string; n: number; top: number }>(
    place,
    "SELECT as_of, sum(listings) AS n, max(price_max_vnd) AS top FROM batdongsan_stats_history WHERE scheme = '63_provinces' AND level = 'province' AND property_type = 'all' GROUP BY as_of ORDER BY as_of",
  ).map((row) => ({ ...row }));

test.each(["bds_stats", "bds_batch"])(
  "the first run of a new day (%s) completes the history of the day before, as a run for that day does",
  async (job) => {
    const place = batchPlace();
    const seen = (n: number, hours: number, price: number) =>
      listing(n, { crawled_at: at(hours), price_vnd: price, price_unit: "total", transaction: "sale" });
    // In Vietnam 20 November ends at 17:00 UTC.
    await place.feed([seen(1, 1, 100), seen(2, 2, 200), seen(3, 3, 300)]);
    await place.runJob({ job, now: new Date(at(16)) });
    expect(history(place)).toEqual([{ as_of: "2026-11-20", n: 3, top: 300 }]);
    await place.feed([seen(1, 16.5, 1000), seen(4, 16.9, 400), seen(1, 17.1, 5000), seen(5, 17, 500)]);
    await place.runJob({ job, now: new Date(at(18)), settings: ["SERVING_MAX_CHANGE=1000"] });
    const completed = [
      { as_of: "2026-11-20", n: 4, top: 1000 },
      { as_of: "2026-11-21", n: 5, top: 5000 },
    ];
    expect(history(place)).toEqual(completed);
    const rows = (): object[] => ask(place, "SELECT * FROM batdongsan_stats_history ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10");
    const before = rows();
    await place.runJob({ job, date: "2026-11-20", now: new Date(at(19)) });
    expect(rows()).toEqual(before);
  },
);

test("a run that is made up for a later day after that day is over completes the day before it, too", async () => {
  const place = batchPlace();
  await place.feed([listing(1, { crawled_at: at(1) })]);
  await place.runJob({ now: new Date(at(10)) });
  await place.feed([listing(2, { crawled_at: at(16) }), listing(3, { crawled_at: at(18) })]);
  await place.runJob({ date: "2026-11-21", now: new Date(at(48)) });
  expect(history(place)).toMatchObject([
    { as_of: "2026-11-20", n: 2 },
    { as_of: "2026-11-21", n: 3 },
  ]);
});
