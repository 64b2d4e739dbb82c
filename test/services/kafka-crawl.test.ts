import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { openKafkaTopic } from "../../src/topics/kafka/topic.ts";
import { start } from "../cli/project.ts";
import { contents, optionsOf, startBroker } from "./kafka-broker.ts";

const broker = await startBroker();
afterAll(() => broker?.remove());

test.skipIf(broker === undefined)(
  "with KAFKA_BOOTSTRAP_SERVERS a crawl's items go through Kafka, and from there into the serving store",
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "arachne-kafka-crawl-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const name = `crawl-${randomUUID()}`;
    const places = {
      BDS_TOPIC: name,
      STATE_DIR: join(dir, "state"),
      BATCH_OUTPUT_DIR: join(dir, "in"),
      SERVING_PATH: join(dir, "serving.db"),
    };
    const set = Object.entries(places).flatMap(([setting, value]) => ["-s", `${setting}=${value}`]);
    const run = async (...args: string[]): Promise<Record<string, unknown>> => {
      const outcome = await start(join(import.meta.dirname, "../.."), [...args, "--json", ...set], {
        env: { KAFKA_BOOTSTRAP_SERVERS: broker!.url },
      }).ended;
      expect(outcome).toMatchObject({ code: 0 });
      return JSON.parse(outcome.stdout) as Record<string, unknown>;
    };

    const crawl = await run("crawl", "bds_spider", "-s", "BDS_START_URL=demo", "-s", "CLOSESPIDER_ITEMCOUNT=150");
    const stored = crawl["stored"] as number;
    expect(stored).toBeGreaterThanOrEqual(150);
    const sent = await contents(await openKafkaTopic(name, optionsOf(broker!.url)));
    expect(sent).toHaveLength(stored);
    expect(new Set(sent.map((m) => m.partition))).toEqual(new Set([0, 1, 2]));
    for (const { key, value, headers } of sent) {
      expect((JSON.parse(value) as { link: string }).link).toBe(key);
      expect(headers).toMatchObject({ item: "listing", spider: "bds_spider", origin: "demo" });
    }

    const stream = await run("stream", "run", "bds_listings", "--until-end");
    expect(stream).toMatchObject({ remainder: [], lanes: [{ ledger: { read: stored, written: stored } }] });
    expect(await run("stream", "run", "bds_listings", "--until-end")).toMatchObject({ lanes: [{ ledger: { read: 0 } }] });
  },
);
