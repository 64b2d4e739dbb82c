import { existsSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import type { Listing } from "../../domain/bds/listing.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { batchPlace, type BatchPlace } from "./batch-run.ts";
import { listing } from "./listings.ts";

/** A crawl of n listings on a day of November. */
function crawl(site: string, day: number, from: number, n: number, change: Partial<Listing> = {}): Listing[] {
  return Array.from({ length: n }, (_, i) =>
    listing(from + i, {
      source: site,
      link: `https://${site}/tin-${from + i}`,
      crawled_at: new Date(Date.UTC(2026, 10, day, 1, 0, i)).toISOString(),
      ...change,
    }),
  );
}

async function published(place: BatchPlace): Promise<{ link: string; served: unknown }> {
  using db = readSqlite(place.serving);
  return Promise.resolve({ link: readlinkSync(place.output), served: db.all("SELECT * FROM batdongsan_stats_province") });
}

test("a site whose new pages have lost their prices is noticed in its latest crawl, however many old listings there are; accepted, it passes", async () => {
  const place = batchPlace();
  await place.feed([...crawl("a.example", 1, 0, 3000), ...crawl("b.example", 1, 5000, 3000)], { origin: "a.example", size: 5000 });
  await place.run();
  const before = await published(place);
  await place.feed(crawl("b.example", 3, 9000, 200, { price_vnd: null, price_per_m2_vnd: null }), { origin: "b.example" });
  for (const job of ["bds_stats", "bds_batch"])
    await expect(place.runJob({ job })).rejects.toMatchObject({
      code: "quality",
      message: /^quality: latest .*source b\.example: .*price_vnd/,
    });
  expect(await published(place)).toEqual(before);
  await place.runJob({ job: "bds_stats", acceptChange: true });
  expect(await place.rows("listings", "SELECT COUNT(*) AS n FROM t")).toEqual([{ n: 6200 }]);
});

test("an input that has lost most of its files is refused, and nothing of it is seen", async () => {
  const place = batchPlace();
  await place.feed(crawl("a.example", 1, 0, 400), { origin: "a.example" });
  await place.run();
  const before = await published(place);
  const few = batchPlace();
  const [file] = await few.feed(crawl("a.example", 1, 0, 100), { origin: "a.example" });
  await expect(place.run(`SOURCE_PATH=${file}`)).rejects.toMatchObject({ code: "quality", message: /listings .*rows/ });
  expect(await published(place)).toEqual(before);
  expect(existsSync(few.output)).toBe(false);
});
