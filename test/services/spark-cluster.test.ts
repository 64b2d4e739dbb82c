import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startSparkCluster, type SparkCluster } from "../../scripts/services/spark.ts";
import { collectRows } from "../../src/core/engine.ts";
import { openSparkEngine } from "../../src/engines/spark/engine.ts";
import { batchPlace } from "../jobs/batch-run.ts";
import { randomCrawls, seeded } from "../jobs/random-crawls.ts";
import { expectSameOutput, servedBy } from "./same-output.ts";

// The shared server is there where Spark can be had.
describe.skipIf(inject("sparkRemote") === undefined)("a standalone Spark cluster: master, worker, Connect server", () => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-spark-cluster-"));
  let cluster: SparkCluster;
  beforeAll(async () => {
    cluster = await startSparkCluster({ dir, cores: 2, memory: "1g" });
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test("runs bds_batch from Node, on an executor of its own, and gives what DuckDB gives", async () => {
    const { rows } = randomCrawls(seeded(9));
    const [duckdb, spark] = [batchPlace(), batchPlace()];
    for (const place of [duckdb, spark]) await place.feed(rows, { size: 200, origin: "a.example" });
    const settings = ["SERVING_MAX_CHANGE=1000"];
    const { result: expected } = await duckdb.runJob({ settings });
    const { result } = await spark.runJob({ settings, env: { BATCH_ENGINE: "spark", SPARK_REMOTE: cluster.url } });
    expect(result).toEqual(expected);
    await expectSameOutput(duckdb.output, spark.output);
    expect(servedBy(spark.serving)).toEqual(servedBy(duckdb.serving));

    await using engine = await openSparkEngine({ remote: cluster.url, tempDir: join(dir, "engine") });
    const [master] = await collectRows(engine, "SET spark.master");
    expect(master).toEqual({ key: "spark.master", value: cluster.master.url });
  }, 300_000);
});
