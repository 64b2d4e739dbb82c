import { collectRows, oneRow, type JobContext, type JobResult, type ResultTable } from "arachne";
import type { Level } from "../domain/bds/statistics.ts";

/** Rows that the printed tables show; the whole of them stands in Parquet and in the serving store. */
const SHOWN = 20;

const WORDS = { new: "new", price_changed: "price changed", gone: "gone", back: "back" } as const;

/** For people: the main figures of the largest groups, in the provinces that listings name themselves, and what has changed. */
export async function results(
  c: JobContext,
  merged: { rows: number; listings: number } | undefined,
): Promise<Pick<JobResult, "tables" | "notes">> {
  const { engine, date } = c;
  const changes = await collectRows<{ kind: keyof typeof WORDS; n: number }>(
    engine,
    "SELECT kind, COUNT(*) AS n FROM changes GROUP BY kind",
  );
  const count = (kind: keyof typeof WORDS): string => (changes.find((r) => r.kind === kind)?.n ?? 0).toLocaleString("en-US");
  const { n: gone } = await oneRow<{ n: number }>(engine, "SELECT COUNT(gone_at) AS n FROM listings");
  const days = c.settings.BDS_GONE_AFTER_DAYS;
  return {
    tables: [await table(c, "province", "By province"), await table(c, "district", "By district")],
    notes: [
      ...(merged === undefined
        ? []
        : [`${merged.rows.toLocaleString("en-US")} new rows merged into ${merged.listings.toLocaleString("en-US")} listings`]),
      `as of ${date}: ${gone.toLocaleString("en-US")} listings gone${days === 0 ? "" : ` (not seen by ${days} days of crawls)`}`,
      `changes so far: ${Object.entries(WORDS)
        .map(([kind, words]) => `${count(kind as keyof typeof WORDS)} ${words}`)
        .join(", ")}`,
    ],
  };
}

async function table(c: JobContext, level: Level, title: string): Promise<ResultTable> {
  const view = `stats_${level}`;
  const where = "scheme = '63_provinces' AND property_type = 'all'";
  const places = level === "province" ? ["province"] : ["province", "district"];
  const columns = {
    ...Object.fromEntries(places.map((p) => [p, p])),
    for: "transaction",
    listings: "listings",
    ...(level === "province" ? { gone: "gone" } : {}), // with it, districts would not fit into 80 columns
    median_vnd: "price_median_vnd",
    per_m2_vnd: "price_per_m2_median_vnd",
  };
  const { n } = await oneRow<{ n: number }>(c.engine, `SELECT COUNT(*) AS n FROM ${view} WHERE ${where}`);
  const rows = await collectRows<Record<string, string | number | null>>(
    c.engine,
    `SELECT ${Object.values(columns).join(", ")} FROM ${view} WHERE ${where} ORDER BY listings DESC, ${places.map((p) => `${p} NULLS LAST`).join(", ")}, transaction LIMIT ${SHOWN}`,
  );
  return {
    title,
    columns: Object.keys(columns),
    rows: rows.map((row) => Object.values(columns).map((name) => row[name] ?? (places.includes(name) ? "(not known)" : null))),
    total: n,
  };
}
