import type { SavedObject } from "../../scripts/kibana/saved-object.ts";

/** What Kibana asks Elasticsearch for a panel, made from the panel as it stands in the file, and how the answer becomes rows. */
export interface PanelSearch {
  /** The data view's title: what is searched. */
  index: string;
  body: object;
  /** A row for each innermost group, with a value for each column. */
  rows: (answer: Answer) => Row[];
}

export type Row = Record<string, string | number | null>;

interface Aggregation {
  buckets?: readonly Bucket[];
  value?: number | null;
}
type Bucket = { key: string | number; key_as_string?: string; doc_count: number } & Record<string, Aggregation | string | number>;
export interface Answer {
  hits: { total: { value: number } };
  aggregations?: Record<string, Aggregation>;
}

interface Column {
  operationType: string;
  sourceField: string;
  isBucketed: boolean;
  params: Record<string, unknown> & { orderAgg?: Column };
}

interface LensState {
  query: { query: string };
  datasourceStates: { formBased: { layers: Record<string, { columnOrder: string[]; columns: Record<string, Column> }> } };
}

const MISSING = "__missing__";

export function searchOf(panel: SavedObject, objects: readonly SavedObject[]): PanelSearch {
  const { query, datasourceStates } = panel.attributes["state"] as LensState;
  const [[layerId, layer]] = Object.entries(datasourceStates.formBased.layers) as [
    [string, LensState["datasourceStates"]["formBased"]["layers"][string]],
  ];
  const index = titleOf(panel, `indexpattern-datasource-layer-${layerId}`, objects);
  const ids = layer.columnOrder;
  const column = (id: string): Column => layer.columns[id]!;
  const groups = ids.filter((id) => column(id).isBucketed);
  const figures = ids.filter((id) => !column(id).isBucketed && column(id).operationType !== "count");

  const level = (depth: number): object => {
    const metrics = Object.fromEntries(figures.map((id) => [id, metric(column(id))]));
    const id = groups[depth];
    if (id === undefined) return metrics;
    const { params } = column(id);
    const order = params.orderAgg === undefined ? {} : { order: metric(params.orderAgg) };
    const inner = { ...level(depth + 1), ...(depth + 1 < groups.length ? metricsToSortBy(column(id), metrics) : {}), ...order };
    return { [id]: { ...grouping(column(id), column), aggs: inner } };
  };

  const rows = (answer: Answer): Row[] => {
    const walk = (within: Record<string, Aggregation>, count: number, depth: number, row: Row): Row[] => {
      const id = groups[depth];
      if (id !== undefined)
        return (within[id]?.buckets ?? []).flatMap((bucket) =>
          walk(bucket as unknown as Record<string, Aggregation>, bucket.doc_count, depth + 1, { ...row, [id]: keyOf(bucket) }),
        );
      const values = ids
        .filter((id) => !column(id).isBucketed)
        .map((id) => [id, within[id]?.value ?? (figures.includes(id) ? null : count)] as const);
      return [{ ...row, ...Object.fromEntries(values) }];
    };
    return walk(answer.aggregations ?? {}, answer.hits.total.value, 0, {});
  };
  return { index, body: { size: 0, track_total_hits: true, query: kql(query.query), aggs: level(0) }, rows };
}

/** All fields that a panel asks for. */
export function fieldsOf(panel: SavedObject): string[] {
  const text = JSON.stringify(panel.attributes).replaceAll("\\", "");
  const named = [...text.matchAll(/"(?:sourceField|geoField|fieldName)":"(\w+)"/g)].map(([, field]) => field!);
  const asked = [...((panel.attributes["state"] as LensState | undefined)?.query.query.matchAll(/(\w+) : /g) ?? [])].map(
    ([, field]) => field!,
  );
  return [...new Set([...named, ...asked])].filter((field) => field !== "___records___");
}

export function titleOf(panel: SavedObject, reference: string, objects: readonly SavedObject[]): string {
  const id = panel.references.find(({ name }) => name === reference)?.id;
  return String(objects.find((object) => object.type === "index-pattern" && object.id === id)?.attributes["title"]);
}

/** As much of Kibana's query language as the panels use. */
function kql(query: string): object {
  const clauses = query === "" ? [] : query.split(" and ");
  const filter = clauses.map((clause) => {
    const parts = /^(\w+) : "([^"]*)"$/.exec(clause);
    if (parts === null) throw new Error(`no KQL that this test reads: ${clause}`);
    return { match_phrase: { [parts[1]!]: parts[2]! } };
  });
  return { bool: { filter } };
}

function grouping({ operationType, sourceField, params }: Column, column: (id: string) => Column): object {
  if (operationType === "date_histogram") {
    const min_doc_count = params["includeEmptyRows"] === true ? 0 : 1;
    return { date_histogram: { field: sourceField, calendar_interval: params["interval"], time_zone: "UTC", min_doc_count } };
  }
  if (operationType !== "terms") throw new Error(`no way to group that this test knows: ${operationType}`);
  const { type, columnId } = params["orderBy"] as { type: string; columnId?: string };
  const by = type === "custom" ? "order" : column(columnId!).operationType === "count" ? "_count" : columnId!;
  const missing = params["missingBucket"] === true ? { missing: MISSING } : {};
  return { terms: { field: sourceField, size: params["size"], order: { [by]: params["orderDirection"] }, ...missing } };
}

/** A group is sorted by a figure of its own, also when further groups lie within it. */
function metricsToSortBy({ params }: Column, metrics: Readonly<Record<string, object>>): Record<string, object> {
  const { columnId } = (params["orderBy"] ?? {}) as { columnId?: string };
  return columnId === undefined || metrics[columnId] === undefined ? {} : { [columnId]: metrics[columnId] };
}

function metric({ operationType, sourceField }: Column): object {
  if (operationType !== "sum" && operationType !== "average") throw new Error(`no figure that this test knows: ${operationType}`);
  return { [operationType === "average" ? "avg" : "sum"]: { field: sourceField } };
}

function keyOf({ key, key_as_string: text }: Bucket): string | number | null {
  return key === MISSING ? null : (text?.slice(0, 10) ?? key);
}
