import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { batchPlace } from "./batch-run.ts";
import { model } from "./model.ts";
import { outputOf } from "./output-tables.ts";
import { randomCrawls, seeded } from "./random-crawls.ts";

/** Already the next day in the jobs' zone. */
const NOW = new Date("2026-11-20T20:00:00Z");
const TODAY = "2026-11-21";
const RUN = { settings: ["SERVING_MAX_CHANGE=1000"], now: NOW };

for (const seed of [1, 2, 3])
  test(`files taken bit by bit, in any order, give what all at once give, row for row, and what plain loops give (seed ${seed})`, async () => {
    const random = seeded(seed);
    const { rows, valid } = randomCrawls(random);
    const once = batchPlace();
    await once.feed(rows, { size: 50, origin: "a.example" });
    const full = (await once.runJob(RUN)).result;
    const bits = batchPlace();
    let rejected = 0;
    for (let at = 0; at < rows.length;) {
      const size = 1 + random(Math.ceil(rows.length / 3));
      await bits.feed(rows.slice(at, at + size), { size: 1 + random(40), origin: "a.example" });
      at += size;
      const { result } = await bits.runJob({ job: "bds_stats", ...RUN });
      rejected += Object.values(result.rejected).reduce((a, b) => a + b, 0);
      expect(result.rowsIn).toBe(result.rowsOut + result.duplicates + Object.values(result.rejected).reduce((a, b) => a + b, 0));
    }
    expect(rejected).toBe(rows.length - valid.length);
    const expected = await outputOf(once);
    expect(await outputOf(bits)).toEqual(expected);
    // What is published of files that are gone since is merged with the others: nothing is lost, nothing doubled.
    const files = readdirSync(once.input)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(once.input, name))
      .sort();
    for (const file of [files[0]!, files[random(files.length - 1) + 1]!]) rmSync(file);
    const { result } = await once.runJob(RUN);
    expect(result.notes![0]).toMatch(/^2 inputs are not there any more/);
    expect(result.rowsIn).toBe(result.rowsOut + result.duplicates + Object.values(result.rejected).reduce((a, b) => a + b, 0));
    expect(await outputOf(once)).toEqual(expected);
    const worked = model(valid, { goneAfterDays: 30, date: TODAY });
    expect(full).toMatchObject({ rowsIn: rows.length, rowsOut: worked.listings.length });
    expect(expected["listings"]).toEqual(worked.listings);
    expect(expected["changes.parquet"]).toEqual(worked.changes);
    const kinds = new Set(worked.changes.map((change) => change.kind));
    expect([...kinds].sort()).toEqual(["back", "gone", "new", "price_changed"]);
    expect(sorted(expected["stats_province.parquet"]!)).toEqual(sorted(worked.provinces));
    expect(sorted(expected["stats_district.parquet"]!)).toEqual(sorted(worked.districts));
  });

function sorted(rows: readonly unknown[]): unknown[] {
  const key = (row: unknown): string => {
    const { scheme, province_code, district_code, transaction, property_type } = row as Record<string, unknown>;
    return JSON.stringify([scheme, province_code, district_code, transaction, property_type]);
  };
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
