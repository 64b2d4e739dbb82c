import { columnOf, type DataView } from "./data-views.ts";
import type { SavedObject } from "./saved-object.ts";

export interface MapSpec {
  id: string;
  title: string;
  description: string;
  view: DataView;
  field: string;
}

/** Clusters of documents over Elastic's base map, which Kibana fetches from maps.elastic.co. */
export function mapObject({ id, title, description, view, field }: MapSpec): SavedObject {
  if (columnOf(view, field).search !== "geo_point") throw new TypeError(`${view.item.name}: ${field} is no geo_point`);
  const common = { minZoom: 0, maxZoom: 24, visible: true, includeInFitToBounds: true };
  const baseMap = {
    ...common,
    sourceDescriptor: { type: "EMS_TMS", isAutoSelect: true, lightModeDefault: "road_map_desaturated" },
    id: "base-map",
    label: null,
    alpha: 1,
    style: { type: "EMS_VECTOR_TILE", color: "" },
    type: "EMS_VECTOR_TILE",
  };
  const count = { name: "doc_count", origin: "source" };
  const dynamic = (options: object): object => ({
    type: "DYNAMIC",
    options: { field: count, fieldMetaOptions: { isEnabled: true, sigma: 3 }, ...options },
  });
  const clusters = {
    ...common,
    sourceDescriptor: {
      type: "ES_GEO_GRID",
      id: "clusters-source",
      geoField: field,
      requestType: "point",
      resolution: "COARSE",
      metrics: [{ type: "count" }],
      applyGlobalQuery: true,
      applyGlobalTime: false, // a listing stands where it stands, whenever it was last seen
      applyForceRefresh: true,
      indexPatternRefName: "layer_1_source_index_pattern",
    },
    id: "clusters",
    label: title,
    alpha: 0.75,
    style: {
      type: "VECTOR",
      properties: {
        fillColor: dynamic({ color: "Blues", type: "ORDINAL" }),
        iconSize: dynamic({ minSize: 7, maxSize: 32 }),
        labelText: { type: "DYNAMIC", options: { field: count } },
      },
      isTimeAware: true,
    },
    type: "GEOJSON_VECTOR",
    joins: [],
  };
  return {
    type: "map",
    id,
    attributes: {
      description,
      layerListJSON: JSON.stringify([baseMap, clusters]),
      mapStateJSON: JSON.stringify({
        zoom: 4.5,
        center: { lon: 107, lat: 16 }, // all of Vietnam
        timeFilters: { from: "now-90d", to: "now" },
        refreshConfig: { isPaused: true, interval: 0 },
        query: { query: "", language: "kuery" },
        filters: [],
      }),
      title,
      uiStateJSON: JSON.stringify({ isLayerTOCOpen: false, openTOCDetails: [] }),
    },
    references: [{ id: view.id, name: "layer_1_source_index_pattern", type: "index-pattern" }],
  };
}
