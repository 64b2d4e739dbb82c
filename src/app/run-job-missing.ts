import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Logger } from "../core/context.ts";
import { SettingsError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import type { RunRecord, TakenFile } from "./former.ts";

/** A part of the published output's input that a full run's does not have. */
export interface Missing {
  taken: readonly TakenFile[];
  /** Names of topics, with what of them is not there. */
  topics: ReadonlyMap<string, string>;
}

export interface FullInput {
  /** Whether a taken file is among those of the input. */
  has(file: TakenFile): boolean;
  /** The topic that was replayed; `lacks`: from where to where it was not. */
  topic?: { name: string; lacks: string | undefined } | undefined;
  origins: readonly string[];
}

/** What the setting names, when it is set: then nothing but that is asked for. */
export function sourceOf(settings: Settings): string | null {
  return (settings.SOURCE_TYPE === "kafka_replay" ? settings.SOURCE_TOPIC : settings.SOURCE_PATH) ?? null;
}

/** What of the published output's input another one lacks; nothing when the settings name another source than that output's. */
export function findMissing(input: FullInput, held: RunRecord, settings: Settings): Missing {
  const named = sourceOf(settings);
  if (named !== null && named !== held.source && !(input.topic !== undefined && named in held.topics))
    return { taken: [], topics: new Map() };
  const topics = Object.entries(held.topics).flatMap(([name, end]): [string, string][] => {
    if (name !== input.topic?.name) return [[name, `${name} to ${end}`]];
    return input.topic.lacks === undefined ? [] : [[name, input.topic.lacks]];
  });
  return { taken: held.taken.filter((file) => !input.has(file)), topics: new Map(topics) };
}

/** How a message for people names it; undefined: nothing is missing. */
export function describeMissing({ taken, topics }: Missing, held: RunRecord, root: string): string | undefined {
  const [first] = taken;
  const what = [
    ...(first === undefined
      ? []
      : [
          `${taken.length} of ${held.taken.length} batch files that the published output holds are not ${existsSync(resolve(root, first.file)) ? "read" : "there"} (first: ${first.file})`,
        ]),
    ...(topics.size === 0 ? [] : [`messages that the published output holds are not there (topic ${[...topics.values()].join(", ")})`]),
  ];
  return what.length === 0 ? undefined : what.join("; ");
}

/** What a run is to do about it: whether it is to keep what only the published output holds. */
export function settleMissing(
  what: string | undefined,
  held: RunRecord,
  { origins, acceptChange, log }: { origins: readonly string[]; acceptChange: boolean; log: Logger },
): boolean {
  if (what === undefined) return false;
  if (acceptChange) {
    log.info(`${what}: their items are forgotten, as was asked for by --accept-change`);
    return false;
  }
  refuseOtherOrigin(origins, held.origins, `${what}; --accept-change forgets them`);
  const without = held.complete ? "" : `, without what was crawled after ${held.date}, which it does not have`;
  log.warn(`${what}: their items are kept from it${without}; --accept-change forgets them`);
  return true;
}

/** @throws SettingsError `mixed_sources` when one kind is the demo site's and the other is not */
export function refuseOtherOrigin(fresh: readonly string[], former: readonly string[], what: string): void {
  const demo = (origins: readonly string[]) => origins.includes("demo");
  if (fresh.length > 0 && former.length > 0 && demo(fresh) !== demo(former))
    throw new SettingsError(
      "mixed_sources",
      `batch: the new items come from ${fresh.join(", ")}, and what is published from ${former.join(", ")}; demo and real ones never mix: ${what}`,
    );
}
