import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../core/context.ts";
import { describeError } from "../core/errors.ts";
import type { ManagedKind } from "./manager-plan.ts";
import type { StateChange } from "./manager-rows.ts";
import { endedWell, endInWords, judge, type PolicySettings, type ProcessEnd } from "./supervise-policy.ts";
import { runProcess, type ProcessOptions, type ProcessOutcome } from "./supervise-process.ts";

export interface ChildOptions extends Omit<ProcessOptions, "onStart" | "onReady"> {
  kind: ManagedKind;
  settings: PolicySettings;
  random: () => number;
  /** From when it is ready until it counts as running. */
  steadyMs: number;
  now: () => Date;
  log: Logger;
  onState: (change: StateChange) => void;
}

export interface Child {
  /** What waits for its next try is tried now, and its failures are forgotten. */
  nudge(): void;
  /** Resolves when it is not to be started again and nothing is left of it. Never rejects. */
  readonly ended: Promise<void>;
}

/** What never says that it is ready, and is there after so long, runs all the same. */
const READY_MS = 30_000;

/** Some errors of starting a process are thrown: no memory, for one. */
async function runSafely(o: ProcessOptions): Promise<ProcessOutcome> {
  try {
    return await runProcess(o);
  } catch (error) {
    return { code: null, signal: null, error: describeError(error), ranMs: 0, left: [] };
  }
}

/** Keeps a process running, until it is to stop, has come to its end, or is given up. */
export function keepRunning(o: ChildOptions): Child {
  let failures = 0;
  let wake = new AbortController();
  o.stop.addEventListener("abort", () => wake.abort(), { once: true });
  let now: StateChange = { state: "starting", pid: null, restarts: 0, lastEnd: null, nextTry: null };
  const become = (change: Partial<StateChange>): void => {
    now = { ...now, nextTry: null, ...change };
    o.onState(now);
  };

  async function runOnce(): Promise<ProcessEnd> {
    let timer: NodeJS.Timeout | undefined;
    const steady = (ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => now.state === "starting" && become({ state: "running" }), ms);
    };
    const stopping = (): void => become({ state: "stopping" });
    o.stop.addEventListener("abort", stopping, { once: true });
    const { left, ...end } = await runSafely({
      ...o,
      onStart(pid) {
        o.log.info(`${now.restarts === 0 ? "started" : "started again"}, process ${pid}`);
        become({ state: "starting", pid });
        steady(READY_MS);
      },
      onReady: () => steady(o.steadyMs),
    });
    clearTimeout(timer);
    o.stop.removeEventListener("abort", stopping);
    if (left.length > 0) o.log.error(`cannot be ended, not even by SIGKILL: process ${left.join(", ")}`);
    return end;
  }

  /** undefined: it is not to be started again. */
  function settle(end: ProcessEnd): number | undefined {
    const words = endInWords(end);
    const ended = { pid: null, lastEnd: words };
    if (o.stop.aborted) {
      o.log.info(endedWell(end) ? "stopped" : `stopped: ${words}`);
      become({ state: "stopped", ...ended });
      return undefined;
    }
    const verdict = judge({ kind: o.kind, end, failures, settings: o.settings, random: o.random });
    if (verdict.next === "done") {
      o.log.info("done");
      become({ state: "done", ...ended });
      return undefined;
    }
    const took = `${words} after ${(end.ranMs / 1000).toFixed(1)} s`;
    if (verdict.next === "given_up") {
      o.log.error(`${took}: given up, ${verdict.why}`);
      become({ state: "given_up", ...ended });
      return undefined;
    }
    failures = verdict.failures;
    o.log.warn(`${took}: started again in ${(verdict.delayMs / 1000).toFixed(1)} s`);
    become({ state: "waiting", ...ended, nextTry: new Date(o.now().getTime() + verdict.delayMs).toISOString() });
    return verdict.delayMs;
  }

  async function run(): Promise<void> {
    for (;;) {
      const delayMs = settle(await runOnce());
      if (delayMs === undefined) return;
      wake = new AbortController();
      await sleep(delayMs, undefined, { signal: wake.signal }).catch(() => undefined);
      if (o.stop.aborted) {
        o.log.info("stopped");
        return become({ state: "stopped" });
      }
      become({ state: "starting", restarts: now.restarts + 1 });
    }
  }

  return {
    nudge() {
      failures = 0;
      wake.abort();
    },
    ended: run(),
  };
}
