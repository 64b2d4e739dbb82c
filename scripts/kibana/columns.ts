import type { Column } from "../../src/core/schema/columns.ts";
import { columnOf, type DataView } from "./data-views.ts";

/** What Lens keeps of a column of a panel: a way to group (`isBucketed`), or a figure of each group. */
export interface LensColumn {
  label: string;
  customLabel: true;
  dataType: "string" | "number" | "date";
  operationType: "terms" | "date_histogram" | "count" | "sum" | "average";
  sourceField: string;
  isBucketed: boolean;
  scale: "ordinal" | "interval" | "ratio";
  params: Readonly<Record<string, unknown>>;
}

/** Makes columns over the fields of a data view; a field that there is not, or not of that type, is a TypeError. */
export interface Columns {
  /** A group for each of the `size` values that are first by `by`: the column of that id, or a figure that is not shown. */
  terms(field: string, label: string, options: { size: number; by: string | LensColumn; missing?: boolean }): LensColumn;
  /** A group for each day. */
  days(field: string): LensColumn;
  count(label: string): LensColumn;
  sum(field: string, label: string): LensColumn;
  average(field: string, label: string): LensColumn;
}

const NUMBERS: readonly Column["kind"][] = ["integer", "decimal", "double"];

export function columnsFor(view: DataView): Columns {
  const check = (field: string, kinds: readonly Column["kind"][]): void => {
    const { kind, search } = columnOf(view, field);
    if (!kinds.includes(kind) || search !== undefined)
      throw new TypeError(`${view.item.name}: ${field} (${kind}) cannot be used like this`);
  };
  const figure = (operationType: "sum" | "average", field: string, label: string): LensColumn => {
    check(field, NUMBERS);
    return {
      ...shared(label),
      dataType: "number",
      operationType,
      sourceField: field,
      isBucketed: false,
      scale: "ratio",
      params: { emptyAsNull: true },
    };
  };
  return {
    terms(field, label, { size, by, missing = false }) {
      check(field, ["text"]);
      const params = {
        size,
        ...(typeof by === "string" ? { orderBy: { type: "column", columnId: by } } : { orderBy: { type: "custom" }, orderAgg: by }),
        orderDirection: "desc",
        otherBucket: missing, // Lens shows documents without a value only where it shows the others too
        missingBucket: missing,
        parentFormat: { id: "terms" },
        include: [],
        exclude: [],
        includeIsRegex: false,
        excludeIsRegex: false,
      };
      return {
        ...shared(label),
        dataType: "string",
        operationType: "terms",
        sourceField: field,
        isBucketed: true,
        scale: "ordinal",
        params,
      };
    },
    days(field) {
      check(field, ["date", "timestamp"]);
      const params = { interval: "1d", includeEmptyRows: true, dropPartials: false };
      return {
        ...shared("Ngày / day"),
        dataType: "date",
        operationType: "date_histogram",
        sourceField: field,
        isBucketed: true,
        scale: "interval",
        params,
      };
    },
    count: (label) => ({
      ...shared(label),
      dataType: "number",
      operationType: "count",
      sourceField: "___records___",
      isBucketed: false,
      scale: "ratio",
      params: { emptyAsNull: false },
    }),
    sum: (field, label) => figure("sum", field, label),
    average: (field, label) => figure("average", field, label),
  };
}

function shared(label: string): { label: string; customLabel: true } {
  return { label, customLabel: true };
}
