import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { PROCESS_KINDS } from "../core/metrics.ts";
import type { Settings } from "../core/settings.ts";
import { storedMetric } from "./metrics-registry.ts";
import { lifeOf } from "./process-state-identity.ts";

const processState = z.object({
  pid: z.int(),
  space: z.string(),
  ticks: z.string().nullable(),
  kind: z.enum(PROCESS_KINDS),
  name: z.string(),
  /** Tells several of one kind and name apart: the lowest number that was free when it started. */
  worker: z.int(),
  startedAt: z.iso.datetime(),
  writtenAt: z.iso.datetime(),
  /** Where it serves /metrics. */
  metricsPort: z.int().optional(),
  metrics: z.array(storedMetric),
  details: z.record(z.string(), z.unknown()),
});

/** What a process of the project said of itself last. Times are ISO 8601 in UTC. */
export type ProcessState = z.output<typeof processState>;

/** It is written every 2 seconds; one that cannot be looked at from here is taken for gone after so long. */
const SILENT_MS = 60_000;

export function statesDir({ STATE_DIR }: Pick<Settings, "STATE_DIR">): string {
  return join(STATE_DIR, "processes");
}

/** The processes of the project that run. What those left that were killed is removed. */
export function readProcesses(settings: Pick<Settings, "STATE_DIR">, now: Date = new Date()): ProcessState[] {
  const dir = statesDir(settings);
  return filesIn(dir, now).flatMap((name) => {
    const file = join(dir, name);
    const state = read(file);
    if (state === undefined) return [];
    const life = lifeOf(state);
    if (life === "alive" || (life === "unknown" && now.getTime() - Date.parse(state.writtenAt) < SILENT_MS)) return [state];
    removeState(file);
    return [];
  });
}

function filesIn(dir: string, now: Date): string[] {
  let names: string[];
  try {
    names = readdirSync(dir).sort();
  } catch {
    return []; // nothing has run yet
  }
  // What a process was about to write when it was killed.
  for (const name of names) if (name.endsWith(".new") && olderThan(join(dir, name), now)) removeState(join(dir, name));
  return names.filter((name) => name.endsWith(".json"));
}

function olderThan(file: string, now: Date): boolean {
  return now.getTime() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > SILENT_MS;
}

/** undefined: it has just gone, or another version wrote it. */
function read(file: string): ProcessState | undefined {
  try {
    const { success, data } = processState.safeParse(JSON.parse(readFileSync(file, "utf8")));
    return success ? data : undefined;
  } catch {
    return undefined;
  }
}

export function removeState(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // A folder that we may only read: somebody else removes it.
  }
}
