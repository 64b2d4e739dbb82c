import { rmSync } from "node:fs";
import { describe, expect, inject, test } from "vitest";
import type { Listing } from "../../domain/bds/listing.ts";
import { batchPlace, type BatchPlace } from "../jobs/batch-run.ts";
import { listings } from "../jobs/listings.ts";
import { randomCrawls, seeded } from "../jobs/random-crawls.ts";
import { expectSameOutput, servedBy } from "./same-output.ts";

const remote = inject("sparkRemote");
const SERVING = "SERVING_MAX_CHANGE=1000";
const SPARK = { BATCH_ENGINE: "spark", SPARK_REMOTE: remote ?? "" };

async function expectSame(duckdb: BatchPlace, spark: BatchPlace): Promise<void> {
  await expectSameOutput(duckdb.output, spark.output);
  expect(servedBy(spark.serving)).toEqual(servedBy(duckdb.serving));
}

describe.skipIf(remote === undefined)("both engines give the same rows, field by field, file by file, and serve the same", () => {
  const inputs: readonly [string, "json" | "csv", string, readonly Listing[]][] = [
    ["crawls of three sites over half a year, as json", "json", "a.example", randomCrawls(seeded(7)).rows],
    ["the demo site's listings, with bad ones and formulas, as csv", "csv", "demo", dirty(listings(600))],
  ];
  for (const [name, format, origin, rows] of inputs)
    test(`bds_batch, over ${name}`, async () => {
      const [duckdb, spark] = [batchPlace(), batchPlace()];
      for (const place of [duckdb, spark]) await place.feed(rows, { size: 150, format, origin });
      const settings = [SERVING, `SOURCE_TYPE=${format}`];
      const { result: expected } = await duckdb.runJob({ settings });
      const { result } = await spark.runJob({ settings, env: SPARK });
      expect(result).toEqual(expected);
      expect(Object.keys(result.rejected)).not.toEqual([]);
      await expectSame(duckdb, spark);
    });

  test("bds_stats, merging parquet files into what the other engine wrote", async () => {
    const { rows } = randomCrawls(seeded(8));
    const [duckdb, spark] = [batchPlace(), batchPlace()];
    const half = Math.floor(rows.length / 2);
    for (const [taken, part] of [rows.slice(0, half), rows.slice(half)].entries()) {
      for (const place of [duckdb, spark]) await place.feed(part, { size: 150, format: "parquet", origin: "a.example" });
      const run = { job: "bds_stats", settings: [SERVING, "SOURCE_TYPE=parquet"] };
      const { result: expected } = await duckdb.runJob(run);
      const { result } = await spark.runJob({ ...run, env: taken === 0 ? {} : SPARK });
      expect(result).toEqual(expected);
    }
    await expectSame(duckdb, spark);
  });

  test("bds_batch the day after, with a file gone: the day's end, and what is kept of what was published", async () => {
    const { rows } = randomCrawls(seeded(9));
    const [duckdb, spark] = [batchPlace(), batchPlace()];
    const half = Math.floor(rows.length / 2);
    const day = new Date(
      rows
        .map((row) => row.crawled_at)
        .sort()
        .at(-1)!,
    );
    for (const [nth, part] of [rows.slice(0, half), rows.slice(half)].entries()) {
      const now = new Date(day.getTime() + nth * 86_400_000);
      for (const place of [duckdb, spark]) {
        const [file] = await place.feed(part, { size: 150, origin: "a.example" });
        if (nth === 0) {
          await place.runJob({ now, settings: [SERVING] });
          rmSync(file!);
        } else {
          const run = await place.runJob({ now, settings: [SERVING], env: place === spark ? SPARK : {} });
          expect(run.result.notes?.[0]).toMatch(/^1 inputs are not there any more/);
        }
      }
    }
    await expectSame(duckdb, spark);
  });
});

function dirty(rows: Listing[]): Listing[] {
  return rows.map((row, n) =>
    n % 13 === 0
      ? { ...row, title: `=cmd|'x'!A${n}`, address: `'=1+1, "Hẻm ${n}"\r\nngõ`, raw: { ...row.raw, price: "", area: "-5 m²" } }
      : n % 29 === 0
        ? { ...row, link: `bds.demo/${n}`, province_code: "" }
        : row,
  );
}
