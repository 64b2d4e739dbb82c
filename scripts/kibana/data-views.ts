import { Change, DistrictStatistics, ListingDocument, ProvinceStatistics, StatisticsHistory } from "../../domain/bds/serving.ts";
import type { ItemType } from "../../src/core/item.ts";
import { columnsOf, type Column } from "../../src/core/schema/columns.ts";
import type { SavedObject } from "./saved-object.ts";

/** Readers' name of an index of ours, and what its documents are. */
export interface DataView {
  id: string;
  /** The alias. */
  alias: string;
  name: string;
  item: ItemType;
  /** What the time picker is about; where there is none it has no effect. */
  time: string | undefined;
}

export interface DataViews {
  listings: DataView;
  provinces: DataView;
  districts: DataView;
  history: DataView;
  changes: DataView;
}

/** The data views of the aliases that the jobs make under ES_INDEX. */
export function dataViews(index: string): DataViews {
  const view = (suffix: string, name: string, item: ItemType, time?: string): DataView => {
    const alias = `${index}${suffix}`;
    return { id: `arachne-${alias}`, alias, name: `${index}: ${name}`, item, time };
  };
  return {
    listings: view("", "listings", ListingDocument, "crawled_at"),
    provinces: view("_stats_province", "statistics by province", ProvinceStatistics),
    districts: view("_stats_district", "statistics by district", DistrictStatistics),
    history: view("_stats_history", "statistics, day by day", StatisticsHistory, "as_of"),
    changes: view("_changes", "changes of listings", Change, "at"),
  };
}

/** @throws TypeError for a field that the item does not have: panels speak of real ones only. */
export function columnOf({ item }: DataView, field: string): Column {
  const column = columnsOf(item).find(({ name }) => name === field);
  if (column === undefined) throw new TypeError(`${item.name} has no field ${field}`);
  return column;
}

export function dataViewObject(view: DataView): SavedObject {
  const columns = columnsOf(view.item);
  const described = columns.filter(({ description }) => description !== undefined);
  if (view.time !== undefined) columnOf(view, view.time);
  return {
    type: "index-pattern",
    id: view.id,
    attributes: {
      fieldAttrs: JSON.stringify(Object.fromEntries(described.map(({ name, description }) => [name, { customDescription: description }]))),
      fieldFormatMap: JSON.stringify(Object.fromEntries(columns.flatMap((column) => formatOf(column)))),
      fields: "[]",
      name: view.name,
      runtimeFieldMap: "{}",
      sourceFilters: "[]",
      ...(view.time === undefined ? {} : { timeFieldName: view.time }),
      title: view.alias,
      typeMeta: "{}",
    },
    references: [],
  };
}

/** Money short (8.3b: 8.3 billion), shares with their sign, links to be followed. */
function formatOf({ name }: Column): [string, object][] {
  if (name.endsWith("_vnd")) return [[name, { id: "number", params: { pattern: "0,0.[0]a" } }]];
  if (name.endsWith("_pct")) return [[name, { id: "number", params: { pattern: "+0,0.[00]" } }]];
  if (name === "link") return [[name, { id: "url", params: { type: "a", openLinkInCurrentTab: false } }]];
  return [];
}
