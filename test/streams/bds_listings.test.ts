import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { start } from "../cli/project.ts";

const ROOT = resolve(import.meta.dirname, "../..");

function served(path: string): Record<string, unknown> {
  using db = readSqlite(path);
  const rows = db.all<{ key: string; version: string; document: string }>('SELECT key, version, document FROM "batdongsan@documents"');
  return Object.fromEntries(rows.map(({ key, version, document }) => [key, { version, document: JSON.parse(document) as unknown }]));
}

test("the stream serves the documents that the batch makes of the same crawl", async () => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-bds-stream-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const places = {
    STATE_DIR: "state",
    TOPIC_DIR: "topics",
    BATCH_OUTPUT_DIR: "in",
    BATCH_ARCHIVE_DIR: "archive",
    OUTPUT_PATH: "out",
    LOG_DIR: "logs",
  };
  const arachne = async (args: string[], serving: string): Promise<string> => {
    const set = Object.entries({ ...places, SERVING_PATH: serving }).flatMap(([name, value]) => ["-s", `${name}=${join(dir, value)}`]);
    const { code, stdout, stderr } = await start(ROOT, [...args, ...set]).ended;
    expect(code, stderr).toBe(0);
    return stdout;
  };
  await arachne(["crawl", "bds_spider", "-s", "BDS_START_URL=demo", "-s", "CLOSESPIDER_PAGECOUNT=250"], "none.db");
  const { lanes, remainder } = JSON.parse(await arachne(["stream", "run", "bds_listings", "--until-end", "--json"], "speed.db")) as {
    lanes: { ledger: { read: number; dead: object } }[];
    remainder: unknown[];
  };
  expect(lanes).toMatchObject([{ name: "bds_listings.serving", ledger: { dead: {}, dropped: {} } }]);
  expect(remainder).toEqual([]);
  await arachne(["batch", "bds_batch"], "batch.db");
  const speed = served(join(dir, "speed.db"));
  expect(Object.keys(speed).length).toBeGreaterThan(150);
  expect(speed).toEqual(served(join(dir, "batch.db")));
});
