import { setTimeout as sleep } from "node:timers/promises";

/** What the planner lives by; tests turn it. */
export interface Clock {
  now(): Date;
  /** Resolves after a while, or as soon as the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  wait: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};
