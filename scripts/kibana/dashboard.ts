import { dataViewObject, dataViews, columnOf, type DataView } from "./data-views.ts";
import { panels, type Panel } from "./panels.ts";
import type { Reference, SavedObject } from "./saved-object.ts";

/** The data views, the panels and the dashboard for the aliases under ES_INDEX. What a line refers to stands above it. */
export function savedObjects(index: string): SavedObject[] {
  const views = dataViews(index);
  const shown = panels(index, views);
  return [
    ...Object.values(views).map(dataViewObject),
    ...shown.map(({ object }) => object),
    dashboardObject(index, shown, views.provinces),
  ];
}

export function dashboardId(index: string): string {
  return `arachne-${index}`;
}

function dashboardObject(index: string, shown: readonly Panel[], provinces: DataView): SavedObject {
  const control = provinceControl(provinces);
  return {
    type: "dashboard",
    id: dashboardId(index),
    attributes: {
      controlGroupInput: control.input,
      description: "Listings, their prices and changes, as Arachne's batch jobs have them. Made by scripts/kibana/generate.ts",
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: { query: "", language: "kuery" }, filter: [] }) },
      optionsJSON: JSON.stringify({ useMargins: true, syncColors: true, syncCursor: true, syncTooltips: false, hidePanelTitles: false }),
      panelsJSON: JSON.stringify(shown.map(panelJson)),
      refreshInterval: { pause: true, value: 60_000 },
      timeFrom: "now-90d",
      timeRestore: true,
      timeTo: "now",
      title: index === "batdongsan" ? "Bất động sản / Real estate" : `Bất động sản / Real estate (${index})`,
      version: 1,
    },
    references: [...shown.map(panelReference), control.reference],
  };
}

const panelIndex = ({ object }: Panel): string => object.id;
const panelRefName = (panel: Panel): string => `panel_${panelIndex(panel)}`;

function panelJson(panel: Panel): object {
  const { grid, object } = panel;
  const i = panelIndex(panel);
  return {
    type: object.type,
    gridData: { ...grid, i },
    panelIndex: i,
    embeddableConfig: { enhancements: {} },
    panelRefName: panelRefName(panel),
  };
}

function panelReference(panel: Panel): Reference {
  return { id: panel.object.id, name: `${panelIndex(panel)}:${panelRefName(panel)}`, type: panel.object.type };
}

/** A menu of provinces over the panels: all of them have that field. */
function provinceControl(view: DataView): { input: object; reference: Reference } {
  const id = "province";
  const explicitInput = { id, fieldName: columnOf(view, "province").name, title: "Tỉnh, thành / province", enhancements: {} };
  return {
    input: {
      chainingSystem: "HIERARCHICAL",
      controlStyle: "oneLine",
      ignoreParentSettingsJSON: JSON.stringify({
        ignoreFilters: false,
        ignoreQuery: false,
        ignoreTimerange: false,
        ignoreValidations: false,
      }),
      panelsJSON: JSON.stringify({ [id]: { order: 0, width: "medium", grow: true, type: "optionsListControl", explicitInput } }),
    },
    reference: { id: view.id, name: `controlGroup_${id}:optionsListDataView`, type: "index-pattern" },
  };
}
