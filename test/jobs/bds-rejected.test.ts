import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { batchPlace } from "./batch-run.ts";
import { listing, listings } from "./listings.ts";

const NOW = new Date("2026-11-21T05:00:00.000Z");

test("a row crawled in the future is rejected, and does not make the rest of its site gone; clocks may be an hour ahead", async () => {
  const place = batchPlace();
  const soon = { crawled_at: "2026-11-21T06:00:00.000Z" };
  await place.feed([
    listing(1),
    listing(2, soon),
    listing(3, { crawled_at: "2026-11-21T06:00:00.001Z" }),
    listing(4, { crawled_at: "2099-01-01T00:00:00.000Z" }),
  ]);
  for (const job of ["bds_stats", "bds_batch"]) {
    const { result } = await place.runJob({ job, now: NOW });
    expect(result).toMatchObject({ rowsIn: 4, rowsOut: 2, rejected: { "crawled_at: future": 2 } });
    expect(await place.rows("listings", "SELECT COUNT(gone_at) AS gone FROM t")).toEqual([{ gone: 0 }]);
    expect(await place.rows("rejected.parquet", "SELECT listing_id, reject_reason FROM t ORDER BY listing_id")).toEqual([
      { listing_id: "3", reject_reason: "crawled_at: future" },
      { listing_id: "4", reject_reason: "crawled_at: future" },
    ]);
  }
  expect((await place.runJob({ date: "2026-11-20", now: NOW })).result.rejected).toEqual({ "crawled_at: future": 2 });
});

test("where no row is valid the error counts the reasons and names a file, and nothing is published", async () => {
  const place = batchPlace();
  const [file] = await place.feed(listings(5, (n) => (n === 0 ? { title: "" } : { link: `bds.demo/${n}` })));
  for (const job of ["bds_batch", "bds_stats"])
    await expect(place.runJob({ job })).rejects.toMatchObject({
      code: "no_valid_rows",
      message: `batch: none of 5 rows is valid (link: pattern 4, title: minLength 1): the site has changed, or the files are not listings: look at ${file}, where one has the link "bds.demo/1"`,
    });
  expect(existsSync(place.output)).toBe(false);
});

test("new rows none of which is valid are rejected, and what is published stays", async () => {
  const place = batchPlace();
  await place.feed(listings(5));
  await place.run();
  await place.feed([listing(9, { title: "" })]);
  expect((await place.runJob({ job: "bds_stats" })).result).toMatchObject({ rowsIn: 6, rowsOut: 5, rejected: { "title: minLength": 1 } });
});

test("a run for a day before the first crawl succeeds with a note, and writes neither a version nor a day of the history", async () => {
  const place = batchPlace();
  await place.feed(listings(5));
  const early = { date: "2026-11-01", now: NOW };
  for (const published of [false, true]) {
    if (published) await place.runJob({ now: NOW });
    const run = await place.runJob(early);
    expect(run).toMatchObject({ published: false, result: { rowsIn: 5, rowsOut: 0, later: 5 } });
    expect(run.result.notes).toEqual(["nothing was crawled before the end of 2026-11-01: that day has no statistics"]);
    expect(existsSync(place.output)).toBe(published);
  }
  using db = readSqlite(place.serving);
  expect(db.all<object>("SELECT DISTINCT as_of FROM batdongsan_stats_history")).toEqual([{ as_of: "2026-11-21" }]);
});

test("listings of files that are gone cannot be kept from an output of other columns: nothing is published unless that is accepted", async () => {
  const place = batchPlace();
  const [file] = await place.feed(listings(10), { size: 5 });
  await place.run();
  rmSync(file!);
  rmSync(join(place.output, "layout.parquet")); // as of a version that did not write it
  await expect(place.run()).rejects.toMatchObject({ code: "missing_input", message: /of 1 inputs .*--accept-change/ });
  expect(await place.rows("listings", "SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 10 }]);
  expect((await place.runJob({ acceptChange: true })).result).toMatchObject({ rowsIn: 5, rowsOut: 5 });
});
