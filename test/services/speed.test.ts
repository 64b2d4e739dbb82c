import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { start } from "../cli/project.ts";
import { call, freshAlias, read } from "./elasticsearch-store.ts";
import { startBroker } from "./kafka-broker.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const url = inject("elasticsearchUrl")!;
const broker = await startBroker();
afterAll(() => broker?.remove());

interface Agreement {
  differing: number;
  differences: unknown[];
  batchDocuments: number;
  servedDocuments: number;
  counts: { awaiting: number };
  statistics: { batchRows: number; differences: unknown[] }[];
}

describe.skipIf(broker === undefined)("the speed layer on real Kafka and Elasticsearch", () => {
  test("serves what a crawl finds while it runs, and agrees with the batch to the row: at once, after the batch, and after a crawl anew", async () => {
    const dir = mkdtempSync(join(tmpdir(), "arachne-speed-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const alias = freshAlias(url);
    const places = {
      STATE_DIR: "state",
      LOG_DIR: "logs",
      BATCH_OUTPUT_DIR: "in",
      BATCH_ARCHIVE_DIR: "archive",
      OUTPUT_PATH: "out",
      REFUSED_DIR: "refused",
      SERVING_PATH: "serving.db",
      CHECKPOINT_LOCATION: "checkpoints",
    };
    const env = {
      ...Object.fromEntries(Object.entries(places).map(([name, value]) => [name, join(dir, value)])),
      KAFKA_BOOTSTRAP_SERVERS: broker!.url,
      ELASTICSEARCH_URL: url,
      ES_INDEX: alias,
      BDS_TOPIC: `speed-${randomUUID()}`,
      KAFKA_TOPIC: `speed-events-${randomUUID()}`,
      BDS_START_URL: "demo",
      CLOSESPIDER_PAGECOUNT: "200",
    };
    const arachne = async <R>(...args: string[]): Promise<R> => {
      const { code, stdout, stderr } = await start(ROOT, [...args, "--json"], { env }).ended;
      expect({ args, code }, stderr).toEqual({ args, code: 0 });
      return JSON.parse(stdout) as R;
    };
    const agreed = async (): Promise<number> => {
      const { differing, differences, batchDocuments, servedDocuments, statistics } = await arachne<Agreement>(
        "reconcile",
        "bds",
        "--wait",
        "60",
      );
      expect({ differing, differences }).toEqual({ differing: 0, differences: [] });
      expect(batchDocuments).toBe(servedDocuments);
      expect(statistics.map((s) => s.batchRows > 20)).toEqual([true, true]);
      return servedDocuments;
    };

    const manager = start(ROOT, ["up", "streaming"], { env });
    const { stored } = await arachne<{ stored: number }>("crawl", "bds_spider");
    expect(stored).toBeGreaterThan(100);
    const served = await agreed();
    const found = await read(url, alias);
    expect(found).toHaveLength(served);
    expect(served).toBeLessThanOrEqual(stored);

    await arachne("batch", "bds_batch");
    expect(await agreed()).toBe(served);

    const again = await arachne<{ stored: number }>("crawl", "bds_spider", "--fresh");
    expect(again.stored).toBeGreaterThan(100);
    expect(await agreed()).toBeGreaterThanOrEqual(served);

    // And it would tell: a document that somebody has changed.
    const { link, crawled_at: at, ...document } = found[0]!;
    const version = Date.parse(String(at));
    const id = encodeURIComponent(String(link));
    const changed = { ...document, link, crawled_at: at, price_vnd: 1 };
    const now = await call(url, "GET", `/${alias}/_doc/${id}?_source_includes=crawled_at`);
    await call(url, "PUT", `/${alias}/_doc/${id}?version=${Math.max(version, Number(now["_version"]))}&version_type=external_gte`, changed);
    const told = await start(ROOT, ["reconcile", "bds", "--json"], { env }).ended;
    expect(told.code).toBe(1);
    const { differences } = JSON.parse(told.stdout) as { differences: unknown[] };
    expect(differences).toMatchObject([{ kind: "changed", key: link, fields: { price_vnd: { batch: document["price_vnd"], served: 1 } } }]);

    manager.kill("SIGTERM");
    const { code } = await manager.ended;
    expect([0, 143]).toContain(code);
  });
});
