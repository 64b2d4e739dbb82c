import { join, resolve } from "node:path";
import type { Listing } from "../../domain/bds/listing.ts";
import { openProject } from "../../src/app/project.ts";
import { planReplay } from "../../src/app/replay-plan.ts";
import { replayToLines, type ReplayCounts } from "../../src/app/replay.ts";
import { compileRowMap } from "../../src/app/row-map.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { DATA } from "../domain/bds/real_rows.ts";
import type { RealFile } from "./real-maps.ts";

const ROOT = resolve(import.meta.dirname, "../..");

export interface Replayed {
  counts: ReplayCounts;
  items: Listing[];
  /** `{ reason, detail, item }` */
  dropped: { reason: string }[];
}

/** `arachne replay FILE --to clean` with the file's maps, in this process. */
export async function replayed({
  file,
  maps,
  sets,
  header = true,
}: RealFile | (Omit<RealFile, "header"> & { header?: boolean })): Promise<Replayed> {
  const project = await openProject(ROOT);
  const { settings } = resolveSettings({ root: ROOT, project: project.settings, env: {}, commandLine: [] });
  const plan = await planReplay({ project, settings, to: "clean" });
  const items: Listing[] = [];
  const dropped: { reason: string }[] = [];
  const parse = (lines: string): unknown[] =>
    lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
  const counts = await replayToLines(
    {
      plan,
      files: [join(DATA, "listings", file)],
      map: compileRowMap(maps, sets, header),
      settings,
      log: { debug() {}, info() {}, warn() {}, error() {} },
      signal: new AbortController().signal,
      now: () => new Date("2026-11-21T00:00:00Z"),
    },
    {
      items: (lines) => void items.push(...(parse(lines) as Listing[])),
      rejected: (lines) => void dropped.push(...(parse(lines) as { reason: string }[])),
    },
  );
  return { counts, items, dropped };
}
