import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Listing } from "../../domain/bds/listing.ts";
import { readSqlite } from "../../src/storage/sqlite-reader.ts";
import { absent } from "../domain/bds/real_rows.ts";
import { batchPlace, type BatchPlace } from "./batch-run.ts";
import { REAL_FILES } from "./real-maps.ts";
import { REAL_ROWS, type RealRow } from "./real-rows.ts";
import { replayed } from "./replayed.ts";

/** Rows of the files, counted apart (csv.reader and json.load of Python). */
const ROWS = 87_357;

describe.skipIf(absent)("all real listings of ../shared, replayed and put through the batch", () => {
  test("every row is accounted for, fifty are as read by hand, and two runs give the same", { timeout: 180_000 }, async () => {
    const place = batchPlace();
    const dir = join(place.dir, "cleaned");
    mkdirSync(dir);
    const dropped: Record<string, number> = {};
    let read = 0;
    let cleaned = 0;
    for (const file of REAL_FILES) {
      const { counts, items, dropped: gone } = await replayed(file);
      expect(counts.read).toBe(items.length + gone.length);
      for (const { reason } of gone) dropped[reason] = (dropped[reason] ?? 0) + 1;
      read += counts.read;
      cleaned += items.length;
      writeFileSync(
        join(dir, file.file.replaceAll("/", "_").replace(/\w+$/, "jsonl")),
        items.map((item) => `${JSON.stringify(item)}\n`).join(""),
      );
    }
    expect(read).toBe(ROWS);
    expect(dropped).toEqual({ no_title: 845 });

    const source = ["SOURCE_TYPE=jsonl", `SOURCE_PATH=${dir}`];
    const { result } = await place.run(...source);
    expect(result).toMatchObject({ rowsIn: cleaned, rejected: {}, rowsOut: 79_086, duplicates: cleaned - 79_086 });
    const partitions = readdirSync(join(place.output, "listings"));
    expect(partitions.length).toBeGreaterThan(50);
    for (const partition of partitions) expect(readdirSync(join(place.output, "listings", partition))).toHaveLength(1);

    const rows = await place.rows<Listing & Record<string, unknown>>(
      "listings",
      `SELECT * FROM t WHERE link IN (${REAL_ROWS.map(([link]) => `'${link}'`).join(", ")}) ORDER BY link`,
    );
    expect(rows.map(shown)).toEqual(REAL_ROWS.toSorted(([a], [b]) => (a < b ? -1 : 1)));

    const first = await all(place);
    await place.run(...source);
    expect(await all(place)).toEqual(first);
  });
});

function shown(l: Listing): RealRow {
  const place = (names: readonly (string | null)[]): string => names.map((name) => name ?? "-").join("|");
  return [
    l.link,
    l.transaction,
    l.property_type,
    l.price_vnd,
    l.price_unit,
    l.price_per_m2_vnd,
    l.area_m2,
    l.bedrooms,
    place([l.ward, l.district, l.province]),
    place([l.ward_2025, l.province_2025]),
    l.posted_at,
  ];
}

/** A fingerprint of every table's rows, in Parquet and where they are served. */
async function all(place: BatchPlace): Promise<unknown> {
  const parquet: unknown[] = [];
  for (const file of ["listings", "changes.parquet", "stats_province.parquet", "stats_district.parquet", "observations.parquet"])
    parquet.push(await place.rows(file, "SELECT COUNT(*) AS n, bit_xor(hash(t)) AS rows FROM t"));
  using db = readSqlite(place.serving);
  const served = ["", "_stats_province", "_stats_district", "_stats_history", "_changes"].map((name) => {
    const rows = db.all(`SELECT * FROM "batdongsan${name}"`).map((row) => JSON.stringify(row));
    return { rows: rows.length, sha256: createHash("sha256").update(rows.sort().join("\n")).digest("hex") };
  });
  return { parquet, served };
}
