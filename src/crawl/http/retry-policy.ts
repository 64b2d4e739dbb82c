import { ArachneError, TransientError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";

export type RetrySettings = Pick<
  Settings,
  "RETRY_ENABLED" | "RETRY_TIMES" | "RETRY_HTTP_CODES" | "RETRY_BACKOFF_SECONDS" | "RETRY_BACKOFF_MAX_SECONDS"
>;

/** How a request ended: with an error, or with an answer. */
export type Outcome = { readonly error: unknown } | { readonly status: number; readonly headers: Readonly<Record<string, string>> };

/** `reason` is a short stable word: an error's code, or `http_503`. */
export type RetryDecision =
  | { readonly retry: false; readonly reason: string }
  | { readonly retry: true; readonly reason: string; readonly afterMs: number };

/** What a site may make us wait by Retry-After. Some say a day; a crawl asks again after ten minutes, RETRY_TIMES times. */
export const RETRY_AFTER_MAX_MS = 10 * 60 * 1000;

/**
 * Whether a request is to be tried again, and after how long. `tries` is how often it has been tried by now, from 1.
 * Without a word from the site the pause doubles from RETRY_BACKOFF_SECONDS, of which the upper half is random, so that
 * what failed together does not come back together. What the site asks for wins, up to `RETRY_AFTER_MAX_MS`.
 */
export function decideRetry(
  settings: RetrySettings,
  outcome: Outcome,
  tries: number,
  now: Date,
  random: () => number = Math.random,
): RetryDecision {
  const reason = "status" in outcome ? `http_${outcome.status}` : reasonOf(outcome.error);
  const transient = "status" in outcome ? settings.RETRY_HTTP_CODES.includes(outcome.status) : isRetriable(outcome.error);
  if (!transient || !settings.RETRY_ENABLED || tries > settings.RETRY_TIMES) return { retry: false, reason };
  const asked = "status" in outcome ? retryAfterMs(outcome.headers["retry-after"], now) : askedBy(outcome.error);
  if (asked !== undefined) return { retry: true, reason, afterMs: Math.round(Math.min(asked, RETRY_AFTER_MAX_MS)) };
  const longest = settings.RETRY_BACKOFF_MAX_SECONDS * 1000;
  const pause = Math.min(settings.RETRY_BACKOFF_SECONDS * 1000 * 2 ** (tries - 1), longest);
  return { retry: true, reason, afterMs: Math.round(pause * (0.5 + random() / 2)) };
}

/** Milliseconds that a Retry-After header asks for (RFC 9110 10.2.3: seconds, or a date); undefined where it makes no sense. */
export function retryAfterMs(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  // Date.parse would take "-5" or "3 days" for a date.
  if (!/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

/** A request that ended because the run stops has not failed: it stays in the frontier for the next run. */
function isRetriable(error: unknown): boolean {
  return error instanceof TransientError && error.code !== "stopped";
}

function askedBy(error: unknown): number | undefined {
  return error instanceof TransientError ? error.retryAfterMs : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof ArachneError ? error.code : error instanceof Error ? error.name : "error";
}
