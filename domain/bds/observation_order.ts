import { columnsOf, type ItemOf } from "arachne";
import { Listing } from "./listing.ts";
import type { ListingDocument } from "./serving.ts";

/**
 * Which of two observations of one link at one crawl time counts: a page may name a listing twice, and two machines may see it in the
 * same millisecond. The full page goes before the index card, then the greater value of the first column that differs, NULL last: a
 * total order, so that two runs, two engines, and the stream, which meets them one by one in any order, choose alike.
 */
const FIRST = ["partial", "price_vnd", "price_unit", "source"] as const;
const RAW = ["raw.price", "raw.area", "raw.address", "raw.posted"] as const;
const SETTLED: ReadonlySet<string> = new Set(["link", "crawled_at", "raw", ...FIRST]);

const PATHS: readonly string[] = [
  ...FIRST,
  ...columnsOf(Listing)
    .map((column) => column.name)
    .filter((name) => !SETTLED.has(name)),
  ...RAW,
];

const descending = (path: string): string => `${path} ${path === "partial" ? "ASC" : "DESC"} NULLS LAST`;

/** ORDER BY's terms among rows of one link and one crawl time. */
export const OBSERVATION_ORDER = PATHS.map(descending).join(", ");

/** A prefix of it, for rows that have no other columns: so both choose the same price. */
export const PRICE_ORDER = FIRST.map(descending).join(", ");

/** The same order: whether `coming` counts where `there`, of the same link and crawl time, is what counted so far. */
export function countsRather(coming: ItemOf<typeof ListingDocument>, there: ItemOf<typeof ListingDocument>): boolean {
  for (const path of PATHS) {
    const [a, b] = [valueAt(coming, path), valueAt(there, path)];
    if (a === b) continue;
    if (a === null || b === null) return b === null;
    const greater = typeof a === "string" ? compareText(a, String(b)) > 0 : a > b;
    return path === "partial" ? !greater : greater;
  }
  return false;
}

type Value = string | number | boolean | null;

function valueAt(document: object, path: string): Value {
  let value: unknown = document;
  for (const name of path.split(".")) value = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name] ?? null;
  return value as Value;
}

/** As engines compare texts: by bytes of UTF-8, where `<` would compare UTF-16 units and put emoji before ﬀ. */
function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
