import { TransientError } from "./errors.ts";

export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerOptions {
  /** STREAM_RETRY_BACKOFF_SECONDS */
  firstSeconds: number;
  /** STREAM_RETRY_BACKOFF_MAX_SECONDS */
  maxSeconds: number;
  /** STREAM_BREAKER_FAILURES */
  failures: number;
  /** STREAM_BREAKER_SECONDS */
  openSeconds: number;
  /** 0 to 1, for the jitter; default Math.random. */
  random?: () => number;
  /** Called when the state has changed. */
  onChange?: (state: BreakerState) => void;
}

/**
 * Decides when what failed is tried again. Pauses grow with each failure in a row, with jitter; after so many the breaker opens: nothing is
 * tried for a longer while, then once (half-open): success closes it, failure opens it again.
 */
export interface Breaker {
  readonly state: BreakerState;
  /** How often it has opened. */
  readonly opened: number;
  /** Tries that failed. */
  readonly failed: number;
  /** Milliseconds to wait before the next try. */
  failure(error: unknown): number;
  /** The wait is over: the next try follows. */
  retrying(): void;
  success(): void;
}

export function createBreaker(options: BreakerOptions): Breaker {
  const { firstSeconds, maxSeconds, failures, openSeconds, random = Math.random, onChange } = options;
  let state: BreakerState = "closed";
  let inARow = 0;
  let opened = 0;
  let failed = 0;
  const change = (to: BreakerState): void => {
    if (state === to) return;
    state = to;
    onChange?.(to);
  };
  return {
    get state() {
      return state;
    },
    get opened() {
      return opened;
    },
    get failed() {
      return failed;
    },
    failure(error) {
      inARow++;
      failed++;
      const asked = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
      const jitter = 0.5 + random() / 2;
      if (inARow < failures) return Math.max(asked, Math.min(maxSeconds, firstSeconds * 2 ** (inARow - 1)) * 1000 * jitter);
      opened++;
      change("open");
      return Math.max(asked, openSeconds * 1000 * jitter);
    },
    retrying() {
      if (state === "open") change("half-open");
    },
    success() {
      inARow = 0;
      change("closed");
    },
  };
}
