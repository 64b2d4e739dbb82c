import type { Settings } from "../core/settings.ts";
import type { ManagedKind } from "./manager-plan.ts";

/** How a process has ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started. */
  readonly error?: string;
  readonly ranMs: number;
}

export type Verdict =
  | { readonly next: "done" }
  | { readonly next: "given_up"; readonly why: string }
  | { readonly next: "again"; readonly failures: number; readonly delayMs: number };

/** A service that has run so long has recovered: its failures are counted from 0 again. */
const RECOVERED_MS = 60_000;
/** Wrong usage or settings: the same in a minute. */
const WRONG_USAGE = 2;

export type PolicySettings = Pick<Settings, "MANAGER_BACKOFF_SECONDS" | "MANAGER_BACKOFF_MAX_SECONDS" | "MANAGER_GIVE_UP_AFTER">;

export interface Ended {
  kind: ManagedKind;
  end: ProcessEnd;
  /** In a row, before this end. */
  failures: number;
  settings: PolicySettings;
  /** From 0 up to 1. */
  random: () => number;
}

/** What becomes of a process that nobody has asked to stop. A crawl's tries are counted in all: each may ask a site for thousands of pages. */
export function judge({ kind, end, failures: before, settings, random }: Ended): Verdict {
  if (kind === "crawl" && end.code === 0) return { next: "done" };
  if (end.code === WRONG_USAGE) return { next: "given_up", why: "its usage or settings are wrong" };
  const failures = (kind !== "crawl" && end.ranMs >= RECOVERED_MS ? 0 : before) + 1;
  if (failures >= settings.MANAGER_GIVE_UP_AFTER)
    return { next: "given_up", why: failures === 1 ? "it failed" : `it failed ${failures} times${kind === "crawl" ? "" : " in a row"}` };
  return { next: "again", failures, delayMs: pause(failures, settings, random) };
}

/** Doubles from failure to failure; up to a fifth more or less, lest those that failed together try together. */
function pause(failures: number, settings: PolicySettings, random: () => number): number {
  const { MANAGER_BACKOFF_SECONDS: first, MANAGER_BACKOFF_MAX_SECONDS: longest } = settings;
  return Math.min(first * 2 ** Math.min(failures - 1, 30), longest) * (0.8 + 0.4 * random()) * 1000;
}

export function endInWords({ code, signal, error }: ProcessEnd): string {
  if (error !== undefined) return `could not be started: ${error}`;
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}

/** Of one that was asked to stop: our own say 143, others die of the signal. */
export function endedWell({ code, signal }: Pick<ProcessEnd, "code" | "signal">): boolean {
  return code === 0 || code === 143 || signal === "SIGTERM";
}
