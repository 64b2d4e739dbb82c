import { existsSync } from "node:fs";
import { join } from "node:path";
import { collectRows, columnsOf, type JobContext } from "arachne";
import { Listing } from "../domain/bds/listing.ts";

/** Raise it when what the Parquet files mean changes though their columns do not. */
const LAYOUT = 1;

/**
 * What later runs must know of an output before they add to it: what its rows look like, and where its documents were served to.
 * The place as a hash: an address may hold a password.
 */
export function layoutSql(c: JobContext): string {
  const columns = columnsOf(Listing).map(({ name, kind }) => `${name} ${kind}`);
  const { ES_INDEX, ELASTICSEARCH_URL, SERVING_PATH } = c.settings;
  const quote = (text: string): string => `'${text.replaceAll("'", "''").replaceAll("\\", "/")}'`;
  return `SELECT md5(${quote(`${LAYOUT}: ${columns.join(", ")}`)}) AS layout, md5(${quote(`${ELASTICSEARCH_URL ?? SERVING_PATH} ${ES_INDEX}`)}) AS served`;
}

/** Whether new rows can be added to the published output; else all batch files are to be read. */
export async function mergeable(c: JobContext): Promise<boolean> {
  const { former, engine } = c;
  const path = former === undefined ? "" : join(former.dir, "layout.parquet");
  if (former === undefined || !former.complete || !existsSync(path)) return false;
  await engine.open("former_layout", path);
  const same = await collectRows(
    engine,
    `SELECT 1 AS same FROM former_layout AS f JOIN (${layoutSql(c)}) AS n ON n.layout = f.layout AND n.served = f.served`,
  );
  if (same.length === 0) c.log.info("the published output has another layout, or was served elsewhere: all batch files are read");
  return same.length > 0;
}
