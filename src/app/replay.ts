import { SettingsError } from "../core/errors.ts";
import type { Logger } from "../core/context.ts";
import type { PipelineContext } from "../core/pipeline.ts";
import type { Settings } from "../core/settings.ts";
import type { ReplayPlan } from "./replay-plan.ts";
import { checkColumns, readSource } from "./replay-source.ts";
import type { RowMap } from "./row-map.ts";
import { openTransforms } from "./transform-items.ts";

export interface ReplayRequest {
  plan: ReplayPlan;
  files: readonly string[];
  map: RowMap;
  settings: Settings;
  log: Logger;
  signal: AbortSignal;
  now: () => Date;
}

/** `read` = `kept` + the sum of `dropped`. */
export interface ReplayCounts {
  read: number;
  kept: number;
  dropped: Record<string, number>;
}

/** Takes lines of JSON, an item each; resolves when it wants more. */
export type LineWriter = (lines: string) => void | Promise<void>;

export interface ReplayOutput {
  items: LineWriter;
  /** Gets `{ reason, detail, item }` for every dropped one. */
  rejected?: LineWriter | undefined;
}

/** What pipelines are told of a replay: it has no start URL. */
export const REPLAY = "replay";

/**
 * Runs the rows of files through the plan's transforms and hands on what comes out. Memory does not grow with the files.
 * @throws SettingsError before anything is written where a file or a column is missing
 */
export async function replayToLines(r: ReplayRequest, output: ReplayOutput): Promise<ReplayCounts> {
  for (const file of r.files) await checkColumns(file, r.map);
  const { plan, settings, log, signal, now } = r;
  const context: PipelineContext = {
    settings,
    log,
    signal,
    now,
    spider: REPLAY,
    item: plan.item,
    crawl: { id: 0, startedAt: now() },
    origin: REPLAY,
  };
  const counts: ReplayCounts = { read: 0, kept: 0, dropped: {} };
  const transformer = await openTransforms(plan.transforms, plan.item, context, plan.whole);
  try {
    for (const file of r.files) {
      for await (const { items: raw } of readSource(file, r.map)) {
        if (signal.aborted) return counts;
        const { items, dropped } = await transformer.apply(raw);
        counts.read += raw.length;
        counts.kept += items.length;
        for (const { reason } of dropped) counts.dropped[reason] = (counts.dropped[reason] ?? 0) + 1;
        if (items.length > 0) await output.items(toLines(items));
        if (dropped.length > 0) await output.rejected?.(toLines(dropped));
      }
    }
  } finally {
    await transformer.close();
  }
  return counts;
}

export function toLines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

/** @throws SettingsError where items are to be handed back although the chain would deliver them */
export function refuseDeliveries({ deliveries }: ReplayPlan): void {
  if (deliveries.length > 0)
    throw new SettingsError(
      "out_and_delivery",
      `replay: --out takes the items before any delivery, but --to names ${deliveries.at(-1)!.name}, which is one: leave out one of the two`,
    );
}
