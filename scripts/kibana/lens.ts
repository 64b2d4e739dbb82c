import { columnsFor, type Columns, type LensColumn } from "./columns.ts";
import { columnOf, type DataView } from "./data-views.ts";
import type { SavedObject } from "./saved-object.ts";

/** How a panel shows its columns. */
export type Shape =
  | "table"
  | "metric"
  /** The first column lies along the axis, the second, if it groups too, is told by colour, the figure is the height. */
  | "bar_stacked"
  | "bar_horizontal_stacked"
  | "line";

export interface LensSpec {
  id: string;
  title: string;
  description: string;
  view: DataView;
  shape: Shape;
  /** Only documents with these values. */
  where: Readonly<Record<string, string>>;
  /** By id; groups first, in the order in which they are taken apart. */
  columns: (make: Columns) => Readonly<Record<string, LensColumn>>;
}

const LAYER = "layer";

/** A panel of Kibana's Lens. https://github.com/elastic/kibana/tree/8.19/x-pack/platform/plugins/shared/lens */
export function lensObject({ id, title, description, view, shape, where, columns: make }: LensSpec): SavedObject {
  const columns = make(columnsFor(view));
  for (const field of Object.keys(where)) columnOf(view, field);
  const query = Object.entries(where).map(([field, value]) => `${field} : "${value}"`);
  return {
    type: "lens",
    id,
    attributes: {
      description,
      state: {
        adHocDataViews: {},
        datasourceStates: {
          formBased: { layers: { [LAYER]: { columnOrder: Object.keys(columns), columns, incompleteColumns: {}, sampling: 1 } } },
          textBased: { layers: {} },
        },
        filters: [],
        internalReferences: [],
        query: { language: "kuery", query: query.join(" and ") },
        visualization: visualization(shape, columns),
      },
      title,
      visualizationType: shape === "table" ? "lnsDatatable" : shape === "metric" ? "lnsMetric" : "lnsXY",
    },
    references: [{ id: view.id, name: `indexpattern-datasource-layer-${LAYER}`, type: "index-pattern" }],
  };
}

function visualization(as: Shape, columns: Readonly<Record<string, LensColumn>>): object {
  const ids = Object.keys(columns);
  const groups = ids.filter((id) => columns[id]!.isBucketed);
  const figures = ids.filter((id) => !columns[id]!.isBucketed);
  const layer = { layerId: LAYER, layerType: "data" };
  if (as === "metric") return { ...layer, metricAccessor: figures[0] };
  if (as === "table")
    return {
      ...layer,
      columns: ids.map((columnId) => ({ columnId, isTransposed: false })),
      paging: { size: 20, enabled: true },
      rowHeight: "auto",
    };
  const shown = { x: true, yLeft: true, yRight: true };
  return {
    legend: { isVisible: groups.length > 1, position: "right" },
    valueLabels: "hide",
    fittingFunction: as === "line" ? "Linear" : "None",
    axisTitlesVisibilitySettings: shown,
    tickLabelsVisibilitySettings: shown,
    labelsOrientation: { x: 0, yLeft: 0, yRight: 0 },
    gridlinesVisibilitySettings: shown,
    preferredSeriesType: as,
    layers: [
      {
        ...layer,
        accessors: figures,
        seriesType: as,
        position: "top",
        showGridlines: false,
        xAccessor: groups[0],
        ...(groups[1] === undefined ? {} : { splitAccessor: groups[1] }),
      },
    ],
  };
}
