import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { readOutput, runCrawl } from "./crawl-run.ts";
import { serveSite } from "./site.ts";

/** Where a crawl is killed, and how often a run of it passes there (the kill comes at one of these, drawn by seed). */
export const POINTS: Readonly<Record<string, number>> = {
  fetch: 120,
  parse: 120,
  transforms: 120,
  journal_in_commit: 40,
  topic_append: 1,
  batch_before_fsync: 2,
  batch_after_fsync: 2,
  journal_before_commit: 40,
  journal_after_commit: 40,
  batch_after_rename: 2,
};

export interface Tally {
  kills: number;
  refetched: number;
  resumedAfterMs: number[];
}

const CONCURRENCY = 16;

/** mulberry32: the draws, and so the kills, are the same for the same seed. */
export function seeded(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** One crawl, killed at each of `points` in turn and started again each time: its result must be that of an undisturbed one. */
export async function crawlWithKills(points: readonly string[], indexes: number, random: () => number, tally: Tally): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "arachne-kills-"));
  const site = await serveSite(indexes);
  try {
    let kills = 0;
    for (const point of points) {
      const at = 1 + Math.floor(random() * POINTS[point]!);
      const began = performance.now();
      site.mark();
      const run = await runCrawl({ dir, start: site.start, failpoint: `${point}:${at}` });
      if (kills > 0 && site.firstHit() !== undefined) tally.resumedAfterMs.push(site.firstHit()! - began);
      if (run.signal !== "SIGKILL") {
        expect(run.stderr).toBe("");
        break; // it was done before the point was passed that often
      }
      kills++;
    }
    const last = await runCrawl({ dir, start: site.start });
    const said = `${points.join(" ")}: ${last.stderr}`;
    expect(last.code, said).toBe(0);
    expect(last.ledger, said).toMatchObject({
      state: "finished",
      requests: site.pages,
      parsed: site.pages,
      emitted: site.details,
      remainder: [],
    });

    const { batch, topic, broken } = await readOutput(dir);
    const expected = Array.from({ length: site.details }, (_, n) => n)
      .filter((n) => n % 7 !== 0)
      .map((n) => new URL(`/detail/${n}`, site.start).href);
    expect(broken).toEqual([]);
    expect(batch.toSorted()).toEqual(expected.toSorted());
    expect([...new Set(topic)].toSorted()).toEqual(expected.toSorted());
    const refetched = site.totalHits() - site.pages;
    expect(refetched).toBeLessThanOrEqual(kills * CONCURRENCY);
    tally.kills += kills;
    tally.refetched += refetched;
  } finally {
    await site.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
