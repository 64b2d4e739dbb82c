import { cleanUp, collectRows, columnsOf, defineJob, type JobContext } from "arachne";
import { originsSql } from "../domain/bds/batch_sql.ts";
import { ListingDocument } from "../domain/bds/serving.ts";

/** Keeps to the retention settings, and marks in the serving store what is gone. No listing is ever removed. */
export default defineJob({
  description: "archives taken batch files, removes what the retention settings let go, marks listings that are gone",
  schedule: "30 3 * * 0",
  output: "none",
  async run(c) {
    const gone = await markGone(c);
    const cleaned = await cleanUp(c);
    return {
      rowsIn: gone,
      rowsOut: gone,
      rejected: {},
      duplicates: 0,
      tables: [
        {
          title: "Cleaned up",
          columns: ["what", "count", "freed"],
          rows: cleaned.map((r) => [r.what, r.count, r.freed ?? null]),
          total: cleaned.length,
        },
      ],
      notes: [
        `${cleaned.reduce((sum, r) => sum + (r.freed ?? 0), 0).toLocaleString("en-US")} bytes freed`,
        `gone: ${gone.toLocaleString("en-US")}`,
      ],
    };
  },
});

/**
 * How many listings are gone. A store that missed it, or got a document of before from elsewhere, learns it again; how many did, not
 * every store can tell.
 */
async function markGone({ engine, former, serving, settings }: JobContext): Promise<number> {
  if (former === undefined) return 0;
  await engine.open("listings", `${former.dir}/listings`);
  await engine.stage("gone", "SELECT * FROM listings WHERE gone_at IS NOT NULL");
  const [found] = await collectRows<{ n: number; demo: number }>(engine, originsSql("gone"));
  if (found === undefined || found.n === 0) return 0;
  await serving.upsert({
    alias: settings.ES_INDEX,
    item: ListingDocument,
    origin: found.demo > 0 ? "demo" : "real",
    documents: engine.documents("gone", { columns: columnsOf(ListingDocument), key: "link", version: "crawled_at" }),
  });
  return found.n;
}
