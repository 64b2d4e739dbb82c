import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { columnsFor } from "../../scripts/kibana/columns.ts";
import { savedObjects } from "../../scripts/kibana/dashboard.ts";
import { dataViews } from "../../scripts/kibana/data-views.ts";
import { toNdjson, type Reference } from "../../scripts/kibana/saved-object.ts";

const committed = readFileSync(join(import.meta.dirname, "../../kibana/real-estate.ndjson"), "utf8");

interface Line {
  type: string;
  id: string;
  attributes: Record<string, unknown>;
  references: Reference[];
}

const lines = committed
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Line);
const ofType = (type: string): Line[] => lines.filter((line) => line.type === type);
const [dashboard] = ofType("dashboard");
const panels = JSON.parse(String(dashboard?.attributes["panelsJSON"])) as {
  type: string;
  panelIndex: string;
  panelRefName: string;
  gridData: { x: number; y: number; w: number; h: number; i: string };
}[];

test("the committed file is what the schemas give: npm run kibana:generate", () => {
  expect(committed).toBe(toNdjson(savedObjects("batdongsan")));
});

// What Kibana 8.19's own schemas of saved objects let through: it refuses attributes that it does not know.
const json = z.string().transform((text) => JSON.parse(text) as unknown);
const ATTRIBUTES: Record<string, z.ZodType> = {
  "index-pattern": z.strictObject({
    title: z.string(),
    name: z.string(),
    timeFieldName: z.string().optional(),
    fields: json,
    fieldAttrs: json,
    fieldFormatMap: json,
    runtimeFieldMap: json,
    sourceFilters: json,
    typeMeta: json,
  }),
  lens: z.strictObject({
    title: z.string().min(1),
    description: z.string(),
    visualizationType: z.enum(["lnsDatatable", "lnsMetric", "lnsXY"]),
    state: z.strictObject({
      adHocDataViews: z.object({}),
      datasourceStates: z.object({ formBased: z.object({ layers: z.record(z.string(), z.object({})) }) }),
      filters: z.array(z.never()),
      internalReferences: z.array(z.never()),
      query: z.strictObject({ language: z.literal("kuery"), query: z.string() }),
      visualization: z.object({}),
    }),
  }),
  map: z.strictObject({ title: z.string().min(1), description: z.string(), layerListJSON: json, mapStateJSON: json, uiStateJSON: json }),
  dashboard: z.strictObject({
    title: z.string().min(1),
    description: z.string(),
    panelsJSON: json,
    optionsJSON: json,
    controlGroupInput: z.strictObject({
      panelsJSON: json,
      controlStyle: z.literal("oneLine"),
      chainingSystem: z.literal("HIERARCHICAL"),
      ignoreParentSettingsJSON: json,
    }),
    kibanaSavedObjectMeta: z.strictObject({ searchSourceJSON: json }),
    refreshInterval: z.strictObject({ pause: z.boolean(), value: z.int() }),
    timeRestore: z.literal(true),
    timeFrom: z.string(),
    timeTo: z.string(),
    version: z.int(),
  }),
};

test.each(lines.map((line) => [line.type, line.id, line] as const))("%s %s has the attributes of its type", (type, _, { attributes }) => {
  expect(ATTRIBUTES[type]!.safeParse(attributes).error).toBeUndefined();
});

test("every id is there once, and every reference leads to an object of the file that stands above it", () => {
  const above = new Set<string>();
  for (const { type, id, references } of lines) {
    for (const reference of references) expect(above, `${id}: ${reference.name}`).toContain(`${reference.type} ${reference.id}`);
    expect(above).not.toContain(`${type} ${id}`);
    above.add(`${type} ${id}`);
  }
});

test("what attributes refer to by name is among the references, and nothing else is", () => {
  for (const { id, attributes, references } of lines) {
    const names = new Set<string>();
    const state = attributes["state"] as { datasourceStates: { formBased: { layers: object } } } | undefined;
    for (const layer of Object.keys(state?.datasourceStates.formBased.layers ?? {})) names.add(`indexpattern-datasource-layer-${layer}`);
    for (const [, name] of JSON.stringify(attributes).matchAll(/"indexPatternRefName\W+(\w+)/g)) names.add(name!);
    if (id === dashboard?.id && attributes === dashboard.attributes) {
      for (const { panelIndex, panelRefName } of panels) names.add(`${panelIndex}:${panelRefName}`);
      names.add("controlGroup_province:optionsListDataView");
    }
    expect(references.map(({ name }) => name).sort()).toEqual([...names].sort());
  }
});

describe("the dashboard", () => {
  test("shows every panel of the file once, each as what it is", () => {
    const shown = panels.map(({ type, panelIndex }) => `${type} ${panelIndex}`);
    expect(shown.sort()).toEqual([...ofType("lens"), ...ofType("map")].map(({ type, id }) => `${type} ${id}`).sort());
  });

  test("fills its grid: no panel lies on another or reaches over the edge, no row has a gap", () => {
    const cells = new Map<string, string>();
    for (const { panelIndex, gridData } of panels) {
      const { x, y, w, h } = gridData;
      expect(x + w).toBeLessThanOrEqual(48);
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          expect(cells.get(`${column},${row}`), panelIndex).toBeUndefined();
          cells.set(`${column},${row}`, panelIndex);
        }
    }
    const bottom = Math.max(...panels.map(({ gridData }) => gridData.y + gridData.h));
    expect(cells.size).toBe(48 * bottom);
  });
});

test("the columns that a panel shows or sorts by are its layer's", () => {
  for (const { attributes } of ofType("lens")) {
    const { visualization, datasourceStates } = attributes["state"] as {
      visualization: Record<string, unknown>;
      datasourceStates: { formBased: { layers: Record<string, { columnOrder: string[]; columns: object }> } };
    };
    const layer = datasourceStates.formBased.layers["layer"]!;
    expect(Object.keys(layer.columns)).toEqual(layer.columnOrder);
    const shown = [...JSON.stringify(visualization).matchAll(/"(?:columnId|metricAccessor|xAccessor|splitAccessor)":"(\w+)"/g)].map(
      ([, id]) => id!,
    );
    const heights = [...JSON.stringify(visualization).matchAll(/"accessors":\["(\w+)"\]/g)].map(([, id]) => id!);
    expect([...shown, ...heights].sort()).toEqual(layer.columnOrder.toSorted());
    for (const [, id] of JSON.stringify(layer).matchAll(/"columnId":"(\w+)"/g)) expect(layer.columnOrder).toContain(id);
  }
});

test("under another ES_INDEX it is another dashboard over other aliases", () => {
  const other = savedObjects("thue");
  const ids = new Set(lines.map(({ type, id }) => `${type} ${id}`));
  expect(other.filter(({ type, id }) => ids.has(`${type} ${id}`))).toEqual([]);
  expect(other.filter(({ type }) => type === "index-pattern").map(({ attributes }) => attributes["title"])).toEqual([
    "thue",
    "thue_stats_province",
    "thue_stats_district",
    "thue_stats_history",
    "thue_changes",
  ]);
});

test("a panel of a field that the item does not have, or cannot be used so, is not made", () => {
  const { provinces, listings, changes } = dataViews("batdongsan");
  expect(() => columnsFor(provinces).sum("listing", "")).toThrow("province_statistics has no field listing");
  expect(() => columnsFor(provinces).average("province", "")).toThrow("province (text) cannot be used like this");
  expect(() => columnsFor(changes).days("title")).toThrow("title (text) cannot be used like this");
  expect(() => columnsFor(listings).terms("title", "", { size: 1, by: "x" })).toThrow("title (text) cannot be used like this");
});
