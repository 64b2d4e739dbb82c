import { describe, expect, test } from "vitest";
import type { Listing } from "../../domain/bds/listing.ts";
import { absent } from "../domain/bds/real_rows.ts";
import { batchPlace } from "./batch-run.ts";
import { model } from "./model.ts";
import { SERIES, SERIES_TIMES } from "./real-maps.ts";
import { replayed } from "./replayed.ts";

/** All there are, found by comparing `price_raw` from file to file, and read: crawl, the site's id, before, after, per cent. */
const PRICE_CHANGES = [
  [2, "46176543", 11e9, 10.6e9, -3.64],
  [2, "45045255", 7.5e9, 7.68e9, 2.4],
  [2, "45832352", 13.9e9, 13.5e9, -2.88],
  [2, "46097033", 32e6, 29e6, -9.38],
  [2, "46172963", 2.4e9, 2.5e9, 4.17],
  [2, "45945495", 3.75e9, 2.65e9, -29.33],
  [3, "46130004", 4.4e9, 4.3e9, -2.27],
  [3, "46181868", 6.5e6, 5.5e6, -15.38],
  [4, "46181868", 5.5e6, 5e6, -9.09],
  [5, "46159750", 9e9, 11e9, 22.22],
  [6, "41053940", 3.8e9, 3.75e9, -1.32],
  [6, "46189261", 286_960, 287_000, 0.01],
  [6, "46185041", 1.97e9, 1.98e9, 0.51],
  [6, "45548823", 8.5e9, 9e9, 5.88],
  [6, "46176026", 10e9, 11e9, 10],
  [6, "46146784", 7e6, 6.5e6, -7.14],
] as const;

/** Different links up to each crawl. */
const LINKS = [123, 486, 505, 530, 585, 671, 695];

interface Changed extends Record<string, unknown> {
  link: string;
  at: string;
  price_from_vnd: number;
  price_to_vnd: number;
  change_pct: number;
}

describe.skipIf(absent)("seven real crawls of one site, each taken when it came", () => {
  test("every change of a price is one that the site shows, and no other", { timeout: 120_000 }, async () => {
    const place = batchPlace();
    const rows: Listing[] = [];
    for (const [i, file] of SERIES.entries()) {
      const { items } = await replayed(file);
      rows.push(...items);
      await place.feed(items, { origin: "batdongsan.com.vn" });
      const { result } = await place.runJob({ job: "bds_stats", acceptChange: true, settings: ["BDS_GONE_AFTER_DAYS=1"] });
      expect(result.rowsOut).toBe(LINKS[i]);
    }
    const changed = await place.rows<Changed>("changes.parquet", `SELECT * FROM t WHERE kind = 'price_changed' ORDER BY "at", link`);
    const found = changed.map((c) => [
      SERIES_TIMES.indexOf(c.at.replace(".000Z", "Z")) + 1,
      /pr(\d+)$/.exec(c.link)![1],
      c.price_from_vnd,
      c.price_to_vnd,
      c.change_pct,
    ]);
    expect(found).toHaveLength(PRICE_CHANGES.length);
    expect(found).toEqual(expect.arrayContaining(PRICE_CHANGES.map((change) => [...change])));

    // Gone and back: counted apart, from the links of the files alone.
    const expected = model(rows, { goneAfterDays: 1, date: "2026-11-21" });
    expect(await place.rows("changes.parquet", 'SELECT * FROM t ORDER BY link, "at", kind')).toEqual(expected.changes);
    const kinds = (kind: string): number => expected.changes.filter((change) => change.kind === kind).length;
    expect([kinds("new"), kinds("gone"), kinds("back")]).toEqual([695, 147, 3]);
  });
});
