import { join, resolve } from "node:path";
import type { Context } from "../core/context.ts";
import { ArachneError } from "../core/errors.ts";
import { acquireLock } from "../storage/lock.ts";
import { listVersions, showVersion } from "../storage/versions.ts";
import { readRecord, writeRecord, type RunRecord } from "./former.ts";
import { openServing } from "./open-serving.ts";

/** The Parquet output's name beside those of the serving store. */
export const OUTPUT = "output";

export interface Published {
  name: string;
  current: string;
  /** Versions to go back to, newest first. */
  former: readonly string[];
  /** Of the Parquet output: which run made it. Of a served name: its rows. */
  what: string;
}

export interface PublishedList {
  published: Published[];
  outputPath: string;
  servingPlace: string;
}

/** What is published and what it could go back to: the Parquet output, then the serving store's names. */
export async function listPublished(c: Context, root: string): Promise<PublishedList> {
  const outputPath = resolve(root, c.settings.OUTPUT_PATH);
  await using serving = await openServing(c, root);
  const served = (await serving.names()).map(({ alias, current, former, rows }) => ({
    name: alias,
    current,
    former,
    what: `${rows.toLocaleString("en-US")} rows`,
  }));
  const versions = listVersions(outputPath);
  const output =
    versions === undefined
      ? []
      : [{ name: OUTPUT, current: versions.current, former: formerOf(versions), what: madeBy(outputPath, versions.current) }];
  return { published: [...output, ...served], outputPath, servingPlace: serving.place };
}

/**
 * Makes the version before the current one current again, in one step, while no job writes.
 * @throws CriticalError `locked`; SettingsError `unknown_alias`; ArachneError `no_former` when there is none to go back to
 */
export async function rollBack(name: string, c: Context, root: string): Promise<{ from: string; to: string }> {
  const outputPath = resolve(root, c.settings.OUTPUT_PATH);
  const lock = acquireLock(join(`${outputPath}.versions`, ".lock"), `a job that writes ${c.settings.OUTPUT_PATH}`, c.now());
  try {
    if (name === OUTPUT) return await rollBackOutput(outputPath);
    await using serving = await openServing(c, root);
    return await serving.rollback(name);
  } finally {
    lock.release();
  }
}

async function rollBackOutput(path: string): Promise<{ from: string; to: string }> {
  const versions = listVersions(path);
  const to = versions === undefined ? undefined : formerOf(versions)[0];
  if (versions === undefined || to === undefined)
    throw new ArachneError(
      "no_former",
      `output: ${path} has no former version to go back to${versions === undefined ? "" : `: it stays ${versions.current}`}`,
    );
  await markUnserved(join(`${path}.versions`, to));
  showVersion(path, to);
  return { from: versions.current, to };
}

/** The serving store does not go back with it: the next run must not take that store's tables for this version's. */
async function markUnserved(dir: string): Promise<void> {
  let record: RunRecord;
  try {
    record = readRecord(dir);
  } catch {
    return; // the next run says what is wrong with it
  }
  await writeRecord(dir, { ...record, served: false });
}

function formerOf({ current, names }: { current: string; names: readonly string[] }): string[] {
  return names.filter((name) => name < current).reverse();
}

function madeBy(path: string, version: string): string {
  try {
    const { job, date } = readRecord(join(`${path}.versions`, version));
    return `${job} ${date}`;
  } catch {
    return "not known"; // a torn record is a reason to go back, not one against it
  }
}
