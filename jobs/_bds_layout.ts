import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { columnsOf, oneRow, type JobContext } from "arachne";
import { Listing } from "../domain/bds/listing.ts";

/** Raise it when what the Parquet files mean changes though their columns do not. */
const LAYOUT = 1;

/**
 * What later runs must know of an output before they add to it: what its rows look like, where its documents were served to (a hash:
 * an address may hold a password), and after how many days its listings were gone.
 */
interface Layout {
  layout: string;
  served: string;
  gone_after_days: number;
}

/** In what the published output is as this run's would be. */
export type SameLayout = Record<keyof Layout, boolean>;

export function layoutSql(c: JobContext): string {
  const { layout, served, gone_after_days } = layoutOf(c);
  return `SELECT '${layout}' AS layout, '${served}' AS served, ${gone_after_days} AS gone_after_days`;
}

/** Undefined where nothing is published, or nothing that says what it is. */
export async function compareLayout(c: JobContext): Promise<SameLayout | undefined> {
  const path = c.former === undefined ? "" : join(c.former.dir, "layout.parquet");
  if (!existsSync(path)) return undefined;
  await c.engine.open("former_layout", path);
  const former = await oneRow<Partial<Layout> & Record<string, unknown>>(c.engine, "SELECT * FROM former_layout");
  const own = layoutOf(c);
  return {
    layout: former.layout === own.layout,
    served: former.served === own.served,
    gone_after_days: former.gone_after_days === own.gone_after_days,
  };
}

function layoutOf({ settings }: JobContext): Layout {
  const { ES_INDEX, ELASTICSEARCH_URL, SERVING_PATH, BDS_GONE_AFTER_DAYS } = settings;
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const columns = columnsOf(Listing).map(({ name, kind }) => `${name} ${kind}`);
  return {
    layout: md5(`${LAYOUT}: ${columns.join(", ")}`),
    served: md5(`${ELASTICSEARCH_URL ?? SERVING_PATH} ${ES_INDEX}`.replaceAll("\\", "/")),
    gone_after_days: BDS_GONE_AFTER_DAYS,
  };
}
