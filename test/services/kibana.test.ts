import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { savedObjects } from "../../scripts/kibana/dashboard.ts";
import { dataViews } from "../../scripts/kibana/data-views.ts";
import type { ResultRow } from "../../src/core/engine.ts";
import { settingsSchema } from "../../src/core/settings-schema.ts";
import { openElasticsearchServing } from "../../src/sinks/elasticsearch/serving.ts";
import { call } from "./elasticsearch-store.ts";
import * as data from "./kibana-data.ts";
import { fieldsOf, searchOf, titleOf, type Answer, type Row } from "./kibana-search.ts";

const url = inject("elasticsearchUrl")!;
const index = `t_${randomUUID().replaceAll("-", "")}`;
const views = dataViews(index);
const objects = savedObjects(index);
const lenses = objects.filter(({ type }) => type === "lens");

/** Indices as the jobs make them: through the sink, from the same items. */
async function fill(): Promise<void> {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const settings = { ...settingsSchema.parse({}), ELASTICSEARCH_URL: url };
  const c = { settings, log, signal: new AbortController().signal, now: () => new Date() };
  await using serving = await openElasticsearchServing(c, "/nowhere");
  const rows = async function* (all: readonly ResultRow[]): AsyncGenerator<readonly ResultRow[]> {
    yield all;
  };
  for (const [view, all] of [
    [views.provinces, data.provinces],
    [views.districts, data.districts],
    [views.changes, data.changes],
  ] as const)
    await serving.buildTable({ alias: view.alias, item: view.item, rows: rows(all), expected: all.length });
  for (const { day, rows: all } of data.history)
    await serving.replaceSlice({
      alias: views.history.alias,
      item: views.history.item,
      rows: rows(all),
      expected: all.length,
      slice: { field: "as_of", value: day },
      version: new Date().toISOString(),
    });
  const documents = async function* (): AsyncGenerator<typeof data.listings> {
    yield data.listings;
  };
  await serving.upsert({ alias: views.listings.alias, item: views.listings.item, origin: "demo", documents: documents() });
  await serving.publish();
  await call(url, "POST", `/${index}*/_refresh`);
}

async function show(name: string): Promise<Row[]> {
  const panel = lenses.find(({ id }) => id === `arachne-${index}-${name}`);
  const { index: alias, body, rows } = searchOf(panel!, objects);
  const answer = await call(url, "POST", `/${alias}/_search`, body);
  expect(answer).not.toHaveProperty("error");
  return rows(answer as unknown as Answer);
}

const where = (rows: readonly ResultRow[], values: Readonly<Record<string, unknown>>): ResultRow[] =>
  rows.filter((row) => Object.entries(values).every(([name, value]) => row[name] === value));
const total = (rows: readonly ResultRow[], field: string): number => rows.reduce((sum, row) => sum + Number(row[field]), 0);
const byListings = (a: ResultRow, b: ResultRow): number => Number(b["listings"]) - Number(a["listings"]);
const SALE = { property_type: "all", transaction: "sale" };

describe.skipIf(url === undefined)("Kibana's panels on Elasticsearch", () => {
  beforeAll(fill);
  afterAll(async () => {
    const found = await call(url, "GET", `/${index}*?expand_wildcards=all&filter_path=*.settings.index.uuid`);
    for (const name of Object.keys(found)) await call(url, "DELETE", `/${name}`);
    for (const { alias } of Object.values(views)) await call(url, "DELETE", `/_index_template/arachne-${alias}`);
  });

  test.each(
    objects.filter(({ type }) => type === "lens" || type === "map").map((panel) => [panel.id.slice(index.length + 9), panel] as const),
  )("the fields of %s are in the mapping, and can be grouped and summed", async (_, panel) => {
    const alias = titleOf(panel, panel.references[0]!.name, objects);
    const answer = await call(url, "GET", `/${alias}/_field_caps?fields=*`);
    const found = answer["fields"] as Record<string, Record<string, { aggregatable: boolean }>>;
    const fields = fieldsOf(panel);
    for (const field of fields)
      expect(
        Object.values(found[field] ?? {}).map(({ aggregatable }) => aggregatable),
        field,
      ).toEqual([true]);
  });

  test("the time fields of the data views are dates, and all have the province that the menu filters by", async () => {
    for (const { alias, time } of Object.values(views)) {
      const { fields } = (await call(url, "GET", `/${alias}/_field_caps?fields=*`)) as { fields: Record<string, object> };
      if (time !== undefined) expect(Object.keys(fields[time]!)).toEqual(["date"]);
      expect(Object.keys(fields["province"]!)).toEqual(["keyword"]);
    }
  });

  test.each([
    ["provinces", "63_provinces"],
    ["provinces-2025", "34_provinces"],
  ])("the table %s has each province's figures, the unknown ones too, most listings first", async (name, scheme) => {
    const expected = where(data.provinces, { scheme, ...SALE }).sort(byListings);
    expect(await show(name)).toEqual(
      expected.map((row) => ({
        province: row["province"],
        listings: row["listings"],
        gone: row["gone"],
        price: row["price_median_vnd"],
        per_m2: row["price_per_m2_median_vnd"],
        area: row["area_avg_m2"],
      })),
    );
    expect(expected).toHaveLength(5);
  });

  test("listings are the sum over provinces and transactions, each counted once", async () => {
    const expected = total(where(data.provinces, { scheme: "63_provinces", property_type: "all" }), "listings");
    expect(await show("listings")).toEqual([{ listings: expected }]);
  });

  test("districts of one name stay apart, and have their own price", async () => {
    const known = where(data.districts, { scheme: "63_provinces", ...SALE }).filter((row) => row["district"] !== null);
    const rows = await show("districts");
    const key = (row: Row | ResultRow): string => `${String(row["district"])} ${String(row["province"])}`;
    expect(Object.fromEntries(rows.map((row) => [key(row), row["per_m2"]]))).toEqual(
      Object.fromEntries(known.map((row) => [key(row), row["price_per_m2_median_vnd"]])),
    );
    expect(rows.filter((row) => row["district"] === "Huyện Châu Thành")).toHaveLength(2);
    const sums = new Map<unknown, number>();
    for (const row of known) sums.set(row["district"], (sums.get(row["district"]) ?? 0) + Number(row["listings"]));
    expect([...new Set(rows.map((row) => row["district"]))]).toEqual([...sums].sort((a, b) => b[1] - a[1]).map(([name]) => name));
  });

  test("listings by day are the sums of that day's provinces, and a day without a run is empty", async () => {
    const rows = await show("listings-by-day");
    for (const { day, rows: all } of data.history)
      for (const transaction of ["sale", "rent", "unknown"]) {
        const expected = total(where(all, { level: "province", scheme: "63_provinces", property_type: "all", transaction }), "listings");
        expect(rows).toContainEqual({ day, transaction, listings: expected });
      }
    expect(rows).toHaveLength(9);
  });

  test("the price by day is each province's median of that day", async () => {
    const rows = await show("price-by-day");
    const expected = data.history.flatMap(({ day, rows: all }) =>
      where(all, { level: "province", scheme: "63_provinces", ...SALE })
        .filter((row) => row["province"] !== null)
        .map((row) => ({ day, province: row["province"], per_m2: row["price_per_m2_median_vnd"] })),
    );
    expect(rows).toHaveLength(expected.length);
    expect(rows).toEqual(expect.arrayContaining(expected));
  });

  test.each([
    ["changes-new", "new"],
    ["changes-price-changed", "price_changed"],
    ["changes-gone", "gone"],
  ])("%s counts the changes of kind %s", async (name, kind) => {
    expect(await show(name)).toEqual([{ count: where(data.changes, { kind }).length }]);
  });

  test("changes by day count each kind", async () => {
    const expected = new Map<string, Row>();
    for (const { at, kind } of data.changes) {
      const day = String(at).slice(0, 10);
      const row = expected.get(`${day} ${String(kind)}`) ?? { day, kind: String(kind), count: 0 };
      expected.set(`${day} ${String(kind)}`, { ...row, count: Number(row["count"]) + 1 });
    }
    const rows = await show("changes-by-day");
    expect(rows).toHaveLength(expected.size);
    expect(rows).toEqual(expect.arrayContaining([...expected.values()]));
  });

  test("price changes by province are counted and averaged", async () => {
    const rows = await show("price-changes");
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining(
        where(data.changes, { kind: "price_changed" }).map(({ province, change_pct }) => ({ province, count: 1, change: change_pct })),
      ),
    );
  });

  test("the map's clusters hold every listing whose place is known", async () => {
    const map = objects.find(({ type }) => type === "map")!;
    const [, layer] = JSON.parse(String(map.attributes["layerListJSON"])) as {
      sourceDescriptor: { geoField: string; metrics: object[] };
    }[];
    const { geoField, metrics } = layer!.sourceDescriptor;
    expect(metrics).toEqual([{ type: "count" }]);
    const alias = titleOf(map, "layer_1_source_index_pattern", objects);
    const aggs = { clusters: { geotile_grid: { field: geoField, precision: 8 }, aggs: { centre: { geo_centroid: { field: geoField } } } } };
    const answer = (await call(url, "POST", `/${alias}/_search`, { size: 0, aggs })) as {
      aggregations: { clusters: { buckets: { doc_count: number; centre: { location: { lat: number } } }[] } };
    };
    const clusters = answer.aggregations.clusters.buckets.map(({ doc_count, centre }) => [doc_count, Math.round(centre.location.lat)]);
    expect(clusters).toEqual([
      [2, 11],
      [1, 21],
    ]);
  });
});
