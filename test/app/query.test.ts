import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { query } from "../../src/app/query.ts";
import { queryViews } from "../../src/app/query-views.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import { batchPlace, type BatchPlace } from "../jobs/batch-run.ts";
import { listings } from "../jobs/listings.ts";

function options(place: BatchPlace, ...more: string[]) {
  const { settings } = resolveSettings({
    root: place.dir,
    project: { values: {} },
    env: {},
    commandLine: [...place.settings, ...more],
  });
  return { settings, root: place.dir };
}

async function ask(place: BatchPlace, sql: string): Promise<Record<string, unknown>[]> {
  await using answer = await query(sql, options(place));
  const rows: Record<string, unknown>[] = [];
  for await (const chunk of answer.rows) rows.push(...chunk);
  return rows;
}

async function filled(): Promise<BatchPlace> {
  const place = batchPlace();
  await place.feed(listings(50));
  await place.run();
  return place;
}

test("batch files, results, served tables and documents, and topics answer to their names", async () => {
  const place = await filled();
  mkdirSync(join(place.dir, "topics"));
  const topic = openEmbeddedTopic({ dir: join(place.dir, "topics"), name: "bat-dong.san", retentionHours: 0, now: () => new Date() });
  onTestFinished(() => topic.close());
  await using producer = await topic.producer();
  await producer.send([{ key: "k", value: '{"price_vnd":5}', headers: { item: "listing" } }]);
  expect(queryViews(options(place)).map((view) => view.name)).toEqual([
    "batch_input",
    "changes",
    "layout",
    "listings",
    "observations",
    "rejected",
    "sources",
    "stats_district",
    "stats_province",
    "batdongsan",
    "batdongsan_changes",
    "batdongsan_stats_district",
    "batdongsan_stats_history",
    "batdongsan_stats_province",
    "topic_bat_dong_san",
  ]);
  for (const view of ["batch_input", "listings", "batdongsan"])
    expect(await ask(place, `SELECT count(*) AS n FROM ${view}`)).toEqual([{ n: 50 }]);
  for (const view of ["stats_province", "stats_district", "batdongsan_stats_district", "batdongsan_stats_province"])
    expect(
      await ask(place, `SELECT sum(listings)::BIGINT AS n FROM ${view} WHERE scheme = '63_provinces' AND property_type = 'all'`),
    ).toEqual([{ n: 50 }]);
  for (const view of ["changes", "batdongsan_changes"])
    expect(await ask(place, `SELECT count(*) AS n FROM ${view} WHERE kind = 'new'`)).toEqual([{ n: 50 }]);
  expect(await ask(place, "SELECT count(*) AS n FROM rejected")).toEqual([{ n: 0 }]);
  expect(await ask(place, `SELECT "offset", key, value.price_vnd AS price, headers.item AS item FROM topic_bat_dong_san`)).toEqual([
    { offset: 1, key: "k", price: 5, item: "listing" },
  ]);
});

test("joins, WITH, comments and a last semicolon are fine; the order asked for is kept", async () => {
  const place = await filled();
  const sql = `-- how many
    WITH l AS (SELECT province_code, link FROM listings)
    SELECT l.link FROM l JOIN stats_province s ON s.province_code = l.province_code AND s.transaction = 'sale' ORDER BY link DESC; `;
  const links = (await ask(place, sql)).map((row) => row["link"] as string);
  expect(links.length).toBeGreaterThan(5);
  expect(links).toEqual([...links].sort().reverse());
});

test("nothing can be written or changed, and codes keep their zeros", async () => {
  const place = await filled();
  const target = join(place.dir, "leak.csv");
  for (const sql of [`COPY (SELECT 1) TO '${target}'`, "CREATE TABLE t (x INT)", "DROP VIEW listings"])
    await expect(ask(place, sql)).rejects.toMatchObject({ code: "query_kind", exitCode: 2 });
  await expect(ask(place, `SELECT 1; COPY (SELECT 1) TO '${target}'`)).rejects.toMatchObject({ code: "query_failed" });
  expect(await ask(place, "SELECT DISTINCT province_code FROM listings WHERE province_code = '01'")).toEqual([{ province_code: "01" }]);
});

test("with Elasticsearch configured the embedded store's names are not asked, and it says where the data is", async () => {
  const place = await filled();
  const elastic = options(place, "ELASTICSEARCH_URL=http://user:secret@search:9200");
  expect(queryViews(elastic).map((view) => view.name)).not.toContain("batdongsan");
  const asked = query("SELECT * FROM batdongsan", elastic);
  await expect(asked).rejects.toThrow(
    /no batdongsan here\. There are: batch_input, .*; what is served is in Elasticsearch \(http:\/\/search:9200\)/,
  );
});

test("a table that is served under the name of a file of the output has a name of its own", async () => {
  const place = await filled();
  renameSync(join(place.output, "changes.parquet"), join(place.output, "batdongsan_changes.parquet"));
  expect(
    await ask(
      place,
      "SELECT a.n = b.n AS same FROM (SELECT count(*) AS n FROM batdongsan_changes) a, (SELECT count(*) AS n FROM serving_batdongsan_changes) b",
    ),
  ).toEqual([{ same: true }]);
});

test("a name that is not there is answered with those that are", async () => {
  const place = await filled();
  await expect(ask(place, "SELECT * FROM listing")).rejects.toMatchObject({
    code: "unknown_view",
    message: /There are: batch_input, changes, layout, listings/,
  });
  await expect(ask(batchPlace(), "SELECT * FROM listings")).rejects.toThrow(/run a crawl first/);
});
