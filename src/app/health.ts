import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import { diskCheck } from "./health-disk.ts";
import { jobChecks } from "./health-jobs.ts";
import { processCheck } from "./health-processes.ts";
import { serviceChecks } from "./health-services.ts";
import { breakerCheck, deadLetterCheck, streamCheck } from "./health-streams.ts";
import type { Project } from "./project.ts";
import type { ResolvedSettings } from "./settings.ts";
import { streamGroups } from "./stream-lags.ts";

export type HealthState = "ok" | "warn" | "down";

export interface HealthRow {
  /** What was looked at: `kafka`, `stream.bds_listings.serving`, `job.bds_batch`. The same from run to run. */
  readonly check: string;
  readonly state: HealthState;
  /** Of a service. */
  readonly version: string | null;
  /** What was found, in words. */
  readonly found: string;
  /** What to do about it; null where that is nothing. */
  readonly todo: string | null;
}

export interface Health {
  /** The worst of its rows. */
  readonly state: HealthState;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly rows: readonly HealthRow[];
}

export interface HealthContext extends Context {
  readonly project: Project;
}

/** One thing that is looked at, or several of a kind. */
export interface Check {
  /** Its rows when nothing can be found out. */
  readonly names: readonly string[];
  /** How bad that is. */
  readonly unknown: "warn" | "down";
  /** What it throws is the row's words. The signal comes when its time is nearly up: it then tells what it knows. */
  run(c: HealthContext): Promise<HealthRow[]>;
}

export interface HealthRequest extends Pick<Context, "log" | "now"> {
  project: Project;
  resolved: ResolvedSettings;
}

/** Looks at everything side by side, HEALTH_TIMEOUT_SECONDS at most. Nothing is made by looking; no secret is in what it says. */
export async function lookAtHealth({ project, resolved, log, now }: HealthRequest): Promise<Health> {
  const { settings } = resolved;
  // Before the time begins: what is loaded here is ours, and what is said of a service shall not depend on how busy this machine is.
  const [streams, services] = await Promise.all([streamGroups(project, { settings }), serviceChecks(settings)]);
  const checks: Check[] = [
    ...services,
    streamCheck(streams),
    breakerCheck,
    deadLetterCheck(streams),
    ...jobChecks(project),
    processCheck,
    diskCheck,
  ];
  const found = await Promise.all(checks.map((check) => inTime(check, { project, settings, log, now })));
  const rows = found.flat().map((row) => withoutSecrets(row, resolved));
  return { state: worst(rows), at: now().toISOString(), rows };
}

function worst(rows: readonly Pick<HealthRow, "state">[]): HealthState {
  return (["down", "warn"] as const).find((state) => rows.some((row) => row.state === state)) ?? "ok";
}

/** What is left of the time, when the signal has come, to tell what is known by then. */
const LAST_WORDS_MS = 500;

async function inTime(check: Check, c: Omit<HealthContext, "signal">): Promise<HealthRow[]> {
  const seconds = c.settings.HEALTH_TIMEOUT_SECONDS;
  const ms = seconds * 1000;
  const over = new AbortController();
  const ended = new AbortController();
  const unknown = (found: string, todo: string | null): HealthRow[] =>
    check.names.map((name) => ({ check: name, state: check.unknown, version: null, found, todo }));
  const late = unknown(`no answer within ${seconds} s`, "see that it runs and answers; HEALTH_TIMEOUT_SECONDS gives it more time");
  const up = setTimeout(() => over.abort(), Math.max(ms / 2, ms - LAST_WORDS_MS));
  try {
    return await Promise.race([
      check.run({ ...c, signal: over.signal }),
      sleep(ms, late, { signal: ended.signal }).catch(() => late), // told to nobody
    ]);
  } catch (error) {
    return over.signal.aborted ? late : unknown(describeError(error), null);
  } finally {
    clearTimeout(up);
    ended.abort();
    over.abort();
  }
}

/** Messages are made without secrets; should one have got in through a library's words, it goes no further. */
function withoutSecrets(row: HealthRow, { info }: ResolvedSettings): HealthRow {
  const secrets = info.flatMap(({ secret, value }) => (secret && typeof value === "string" && value.length > 3 ? [value] : []));
  const clean = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, "…"), text);
  return { ...row, found: clean(row.found), todo: row.todo && clean(row.todo) };
}
