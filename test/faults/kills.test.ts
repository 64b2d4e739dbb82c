import { expect, test } from "vitest";
import { crawlWithKills, POINTS, seeded, type Tally } from "./kills.ts";

const MAIN = ["fetch", "parse", "transforms", "journal_in_commit", "topic_append", "batch_before_fsync", "batch_after_fsync"];

test("a crawl killed at each of seven points in turn ends with what an undisturbed one gives", { timeout: 180_000 }, async () => {
  const tally: Tally = { kills: 0, refetched: 0, resumedAfterMs: [] };
  await crawlWithKills(MAIN, 80, seeded(20261121), tally);
  expect(tally.kills).toBe(MAIN.length);
  expect(Object.keys(POINTS)).toEqual(expect.arrayContaining(MAIN));
});
