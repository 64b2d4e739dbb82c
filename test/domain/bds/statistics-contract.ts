import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { statisticsSql } from "../../../domain/bds/statistics.ts";
import { collectRows, type Engine } from "../../../src/core/engine.ts";

type OpenEngine = (tempDir: string) => Promise<Engine>;

/** Groups of 1, 2, … values; the n-th group's are n apart, so that each place in the order has a value of its own. */
async function withListings(open: OpenEngine, groups: number): Promise<Engine> {
  const dir = mkdtempSync(`${tmpdir()}/arachne-stats-`);
  const engine = await open(dir);
  onTestFinished(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });
  const rows = Array.from({ length: groups }, (_, g) =>
    Array.from({ length: g + 1 }, (__, i) => `('${String(g + 1).padStart(3, "0")}', ${(i + 1) * (g + 1)})`),
  );
  await engine.stage(
    "listings",
    `SELECT code AS province_code, code AS province, code AS district_code, code AS district, 'sale' AS transaction, 'house' AS property_type, 'total' AS price_unit,
      CAST(price AS BIGINT) AS price_vnd, CAST(price AS BIGINT) AS price_per_m2_vnd, CAST(10 AS DECIMAL(12, 2)) AS area_m2, CAST(NULL AS TIMESTAMP) AS gone_at
     FROM (VALUES ${rows.flat().join(", ")}) AS t(code, price)`,
  );
  return engine;
}

const SQL = { listings: "listings", asOf: "2026-11-21", scheme: "63_provinces", level: "province" } as const;

/** What the statistics' SQL must give on every engine. */
export function statisticsContract(open: OpenEngine): void {
  test("the tenth and the ninetieth percentile are values of the group, at ceil(n / 10) and ceil(9 n / 10), for every n", async () => {
    const engine = await withListings(open, 210);
    const rows = await collectRows<Record<string, number>>(engine, `${statisticsSql(SQL)} ORDER BY province_code, property_type`);
    expect(rows).toHaveLength(420);
    rows.forEach((row, i) => {
      const n = (i >> 1) + 1;
      const at = (tenths: number): number => Math.ceil((n * tenths) / 10) * n;
      expect(row).toMatchObject({
        listings: n,
        price_p10_vnd: at(1),
        price_p90_vnd: at(9),
        price_per_m2_p10_vnd: at(1),
        price_per_m2_p90_vnd: at(9),
      });
      expect(row).toMatchObject({ price_min_vnd: n, price_max_vnd: n * n, price_avg_vnd: Math.round((n * (n + 1)) / 2), area_avg_m2: 10 });
      expect(row["price_median_vnd"]).toBe(Math.round((n * (n + 1)) / 2));
    });
  });

  test("slices together give what one pass gives", async () => {
    const engine = await withListings(open, 60);
    const whole = await collectRows(engine, `${statisticsSql(SQL)} ORDER BY province_code, property_type`);
    const slices = [0, 1, 2].map((nth) => statisticsSql({ ...SQL, slice: { nth, of: 3 } }));
    for (const slice of slices) expect((await collectRows(engine, slice)).length).toBeGreaterThan(0);
    expect(await collectRows(engine, `SELECT * FROM (${slices.join(" UNION ALL ")}) AS t ORDER BY province_code, property_type`)).toEqual(
      whole,
    );
  });
}
