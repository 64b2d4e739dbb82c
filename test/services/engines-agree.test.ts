import { describe, expect, inject, test } from "vitest";
import { batchPlace, type BatchPlace } from "../jobs/batch-run.ts";
import { randomCrawls, seeded } from "../jobs/random-crawls.ts";
import { expectSameOutput, servedBy } from "./same-output.ts";

const remote = inject("sparkRemote");
const SERVING = "SERVING_MAX_CHANGE=1000";
const SPARK = { BATCH_ENGINE: "spark", SPARK_REMOTE: remote ?? "" };

/** The same input, once for each engine. */
function places(): { duckdb: BatchPlace; spark: BatchPlace } {
  return { duckdb: batchPlace(), spark: batchPlace() };
}

describe.skipIf(remote === undefined)("both engines give the same rows, field by field, file by file", () => {
  for (const format of ["json", "jsonl", "csv", "parquet"] as const)
    test(`bds_batch, over ${format} files`, async () => {
      const { rows } = randomCrawls(seeded(7));
      const { duckdb, spark } = places();
      for (const place of [duckdb, spark]) await place.feed(rows, { size: 60, format, origin: "a.example" });
      const settings = [SERVING, `SOURCE_TYPE=${format}`];
      const { result: expected } = await duckdb.runJob({ settings });
      const { result } = await spark.runJob({ settings, env: SPARK });
      expect(result).toEqual(expected);
      expect(result.rowsOut).toBeGreaterThan(20);
      await expectSameOutput(duckdb.output, spark.output);
      expect(servedBy(spark.serving)).toEqual(servedBy(duckdb.serving));
    });

  test("bds_stats, merging into what the other engine wrote", async () => {
    const { rows } = randomCrawls(seeded(8));
    const { duckdb, spark } = places();
    const half = Math.floor(rows.length / 2);
    for (const [taken, part] of [rows.slice(0, half), rows.slice(half)].entries()) {
      for (const place of [duckdb, spark]) await place.feed(part, { size: 50, origin: "a.example" });
      const { result: expected } = await duckdb.runJob({ job: "bds_stats", settings: [SERVING] });
      const { result } = await spark.runJob({ job: "bds_stats", settings: [SERVING], env: taken === 0 ? {} : SPARK });
      expect(result).toEqual(expected);
    }
    await expectSameOutput(duckdb.output, spark.output);
    expect(servedBy(spark.serving)).toEqual(servedBy(duckdb.serving));
  });
});
