import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { settingsSchema } from "../../src/core/settings-schema.ts";
import type { PipelineContext } from "arachne";
import exportToBatchFile from "../../pipelines/export_to_batch_file.ts";
import { Listing } from "../../domain/bds/listing.ts";
import { batchOf, STARTED, tempDir } from "./batches.ts";

function contextOf(values: object): PipelineContext {
  const quiet = (): void => undefined;
  return {
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    signal: new AbortController().signal,
    now: () => STARTED,
    settings: settingsSchema.parse(values) as PipelineContext["settings"],
    spider: "bds_spider",
    item: Listing,
    crawl: { id: 3, startedAt: STARTED },
    origin: "demo",
  };
}

it("takes its limits, its folder and its format from the settings", async () => {
  const dir = join(tempDir(), "new", "folder");
  const c = contextOf({
    BATCH_OUTPUT_DIR: dir,
    BATCH_FILE_FORMAT: "jsonl",
    BATCH_SIZE: 7,
    BATCH_MAX_BYTES: 5000,
    BATCH_MAX_AGE_SECONDS: 9,
  });
  expect(exportToBatchFile.limits!(c)).toEqual({ items: 7, bytes: 5000, ageSeconds: 9 });
  await exportToBatchFile.open!(c);
  await exportToBatchFile.deliver(batchOf(1, 7), c);
  expect(readdirSync(dir).sort()).toEqual([".manifest", "bds_spider_20261121T052041753Z_000000001-000000007.jsonl"]);
});

it("stops the crawl, saying what to do, when its folder cannot be made", async () => {
  const c = contextOf({ BATCH_OUTPUT_DIR: "/dev/null/batches" });
  await exportToBatchFile.open!(c);
  await expect(exportToBatchFile.deliver(batchOf(1, 1), c)).rejects.toMatchObject({
    code: "file_write",
    message: expect.stringContaining("a part of its path is a file, not a folder") as string,
  });
  expect(existsSync("/dev/null/batches")).toBe(false);
});
