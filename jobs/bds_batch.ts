import { checkedSql, collectRows, columnsOf, defineJob, oneRow, SettingsError, type JobContext, type ResultTable } from "arachne";
import { listingsSql, originsSql, reasonsSql, repeatedSql } from "../domain/bds/batch_sql.ts";
import { Listing } from "../domain/bds/listing.ts";
import { DistrictStatistics, ListingDocument, ProvinceStatistics } from "../domain/bds/serving.ts";
import {
  DISTRICT_COLUMNS,
  DISTRICT_KEY,
  districtStatisticsSql,
  PROVINCE_COLUMNS,
  PROVINCE_KEY,
  provinceStatisticsSql,
} from "../domain/bds/statistics.ts";

/** Rows that the printed tables show; the whole of them stands in Parquet and in the serving store. */
const SHOWN = 20;

/** Batch files → valid listings, each once, as Parquet by province; statistics by province and district; the serving store. */
export default defineJob({
  description: "deduplicated listings by province, statistics by province and district",
  async run(c) {
    const { engine } = c;
    await c.input("batch_input", Listing);
    await engine.stage("checked", checkedSql(Listing, "batch_input"));
    const found = await oneRow<{ total: number; demo: number; valid: number }>(engine, originsSql("checked"));
    await c.checkCount("batch_input", found.total);
    refuseMixed(found);
    const reasons = await collectRows<{ reason: string; n: number }>(engine, reasonsSql("checked"));

    const columns = columnsOf(Listing).map((column) => column.name);
    await engine.stage("repeated", repeatedSql("checked"));
    const out = (name: string): string => `${c.outputDir}/${name}`;
    await engine.write(listingsSql({ checked: "checked", repeated: "repeated", columns }), {
      path: out("listings"),
      partitionBy: "province_key",
      orderBy: ["link"],
    });
    await engine.write("SELECT * FROM checked WHERE reject_reason IS NOT NULL", {
      path: out("rejected.parquet"),
      orderBy: ["reject_reason", ...columns.filter((name) => name !== "raw")],
    });
    await engine.open("listings", out("listings"));
    await engine.write(provinceStatisticsSql("listings"), { path: out("stats_province.parquet"), orderBy: PROVINCE_KEY });
    await engine.write(districtStatisticsSql("listings"), { path: out("stats_district.parquet"), orderBy: DISTRICT_KEY });
    await engine.open("stats_province", out("stats_province.parquet"));
    await engine.open("stats_district", out("stats_district.parquet"));

    const { n: kept } = await oneRow<{ n: number }>(engine, "SELECT COUNT(*) AS n FROM listings");
    c.log.info("publishing", { listings: kept });
    await publish(c, found.demo > 0 ? "demo" : "real");
    return {
      rowsIn: found.total,
      rowsOut: kept,
      rejected: Object.fromEntries(reasons.map((r) => [r.reason, r.n])),
      duplicates: found.valid - kept,
      tables: [
        await table(c, "By province", "stats_province", PROVINCE_COLUMNS, "listings DESC, province NULLS LAST, transaction"),
        await table(
          c,
          "By district",
          "stats_district",
          DISTRICT_COLUMNS,
          "listings DESC, province NULLS LAST, district NULLS LAST, transaction",
        ),
      ],
    };
  },
});

/** The manifests tell it where there are any; this also sees files that came without. */
function refuseMixed({ valid, demo }: { valid: number; demo: number }): void {
  if (demo > 0 && demo < valid)
    throw new SettingsError(
      "mixed_sources",
      `batch: ${demo} of ${valid} listings are the demo site's, the others real ones: move one kind out of the way, or name the files with SOURCE_PATH`,
    );
}

async function publish({ engine, serving }: JobContext, origin: "demo" | "real"): Promise<void> {
  for (const [alias, view, item] of [
    ["batdongsan_stats_province", "stats_province", ProvinceStatistics],
    ["batdongsan_stats_district", "stats_district", DistrictStatistics],
  ] as const) {
    const { n } = await oneRow<{ n: number }>(engine, `SELECT COUNT(*) AS n FROM ${view}`);
    await serving.buildTable({ alias, item, rows: engine.query(`SELECT * FROM ${view}`), expected: n });
  }
  await serving.upsert({
    alias: "batdongsan",
    item: ListingDocument,
    origin,
    documents: engine.documents("listings", { columns: columnsOf(Listing), key: "link", version: "crawled_at" }),
  });
}

async function table(c: JobContext, title: string, view: string, columns: readonly string[], order: string): Promise<ResultTable> {
  const { n } = await oneRow<{ n: number }>(c.engine, `SELECT COUNT(*) AS n FROM ${view}`);
  const rows = await collectRows<Record<string, string | number | null>>(
    c.engine,
    `SELECT ${columns.join(", ")} FROM ${view} ORDER BY ${order} LIMIT ${SHOWN}`,
  );
  return { title, columns, rows: rows.map((row) => columns.map((name) => row[name] ?? null)), total: n };
}
