import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ArachneError } from "../core/errors.ts";
import type { FormerOutput } from "../core/job.ts";
import { writeWhole } from "../storage/atomic-file.ts";

const takenFile = z.object({
  /** Relative to the project. */
  file: z.string(),
  bytes: z.int().nonnegative(),
  /** By its manifest; null: it came without. */
  sha256: z.string().nullable(),
});

const counts = z.record(z.string(), z.int().nonnegative());
const profile = z.object({
  by: z.string().nullable(),
  groups: z.record(z.string(), z.object({ rows: z.int().nonnegative(), filled: counts, bins: z.record(z.string(), counts) })),
});

const runRecord = z.object({
  job: z.string(),
  date: z.iso.date(),
  startedAt: z.iso.datetime(),
  /** `demo`, hosts. */
  origins: z.array(z.string()),
  taken: z.array(takenFile),
  /** Where the replay of each topic ended. */
  topics: z.record(z.string(), z.string()),
  /** Where the first replay of each topic that the output holds began. */
  starts: z.record(z.string(), z.string()).default({}),
  /** SOURCE_PATH, or SOURCE_TOPIC for a replay; null: not set, the project's own. */
  source: z.string().nullable().default(null),
  /** false: made as of an earlier day, and rows crawled later were left out of it. */
  complete: z.boolean(),
  /** Written anew when the serving store's names have moved, too. */
  served: z.boolean().default(false),
  /** What its views looked like at the quality gate. */
  profiles: z.record(z.string(), profile),
});

/** What a version of the output says of itself, in its `run.json`. */
export type RunRecord = z.output<typeof runRecord>;
export type TakenFile = z.output<typeof takenFile>;

export interface Former extends FormerOutput {
  readonly record: RunRecord;
}

const FILE = "run.json";

/**
 * The version that is published at `outputPath`; undefined when there is none, or one that says nothing of itself.
 * @throws ArachneError `run_record` when its run.json is torn or someone else's
 */
export function readFormer(outputPath: string): Former | undefined {
  if (!existsSync(join(outputPath, FILE))) return undefined;
  const dir = realpathSync(outputPath);
  const record = readRecord(dir);
  return { dir, date: record.date, complete: record.complete, served: record.served, taken: record.taken.map((t) => t.file), record };
}

export function readRecord(dir: string): RunRecord {
  const path = join(dir, FILE);
  try {
    return runRecord.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new ArachneError(
      "run_record",
      `output: ${path} cannot be read: go back a version (arachne rollback output), or remove that file: the next full batch then builds all anew, unchecked against what is published`,
      { cause },
    );
  }
}

export async function writeRecord(dir: string, record: RunRecord): Promise<void> {
  await writeWhole(join(dir, FILE), `${JSON.stringify(record)}\n`, { faults: "run_record" });
}
