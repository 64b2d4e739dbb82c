/** `npm run bench frontier [urls]`: a frontier of a million URLs through the journal: memory, and whether the last tenth is as fast as the first. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFrontier } from "../src/crawl/journal/frontier.ts";
import { openJournal } from "../src/crawl/journal/journal.ts";
import type { Harvest } from "../src/crawl/journal/records.ts";
import { fingerprint } from "../src/crawl/url/fingerprint.ts";

const EMPTY: Harvest = { emitted: 0, partial: 0, items: [], rejected: [], follows: [] };
const CHUNK = 1000;

export default async function bench(args: readonly string[]): Promise<void> {
  const total = Number(args[0] ?? 1_000_000);
  const dir = mkdtempSync(join(tmpdir(), "arachne-frontier-"));
  const journal = openJournal({ path: join(dir, "frontier.db"), now: () => new Date() });
  try {
    journal.begin("bench", {});
    const frontier = openFrontier(journal.db, () => true);
    await tenths("insert", total, async (from) => {
      const requests = Array.from({ length: CHUNK }, (_, i) => {
        const url = `http://site-${(from + i) % 97}.example/listing/${from + i}?page=1`;
        return { url, callback: "detail", depth: 1, priority: 0, fingerprint: fingerprint(url), options: undefined };
      });
      await journal.submit({ kind: "start", requests });
    });
    frontier.added();
    await tenths("lease and finish", total, async () => {
      const done: Promise<number>[] = [];
      for (let i = 0; i < CHUNK; i++) {
        const request = frontier.next(0);
        if (typeof request === "number") throw new Error("bench: the frontier is empty too early");
        done.push(journal.submit({ kind: "parsed", request, harvest: EMPTY }));
      }
      await Promise.all(done);
    });
    console.log(`pending ${journal.pending()}, peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
  } finally {
    journal.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function tenths(what: string, total: number, step: (from: number) => Promise<void>): Promise<void> {
  const rates: number[] = [];
  for (let tenth = 0; tenth < 10; tenth++) {
    const began = performance.now();
    for (let at = (tenth * total) / 10; at < ((tenth + 1) * total) / 10; at += CHUNK) await step(at);
    rates.push(total / 10 / ((performance.now() - began) / 1000));
  }
  const shown = rates.map((r) => Math.round(r).toLocaleString("en-US")).join(" ");
  console.log(
    `${what}: ${shown} a second by tenth; last/first ${(rates[9]! / rates[0]!).toFixed(2)}; memory ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB`,
  );
}
