import { describe, expect, test } from "vitest";
import { CriticalError, RejectedError, TransientError } from "../../../src/core/errors.ts";
import { decideRetry, RETRY_AFTER_MAX_MS, retryAfterMs, type Outcome } from "../../../src/crawl/http/retry-policy.ts";
import { settingsOf } from "./serve.ts";

const NOW = new Date("2026-03-01T10:00:00Z");
const decide = (outcome: Outcome, tries = 1, settings = {}, random = 1) =>
  decideRetry(settingsOf(settings), outcome, tries, NOW, () => random);
const status = (code: number, headers = {}) => ({ status: code, headers });

test("an error's class decides: transient is tried again, all else is not", () => {
  expect(decide({ error: new TransientError("timeout", "…") })).toEqual({ retry: true, reason: "timeout", afterMs: 1000 });
  expect(decide({ error: new RejectedError("body_too_large", "…") })).toEqual({ retry: false, reason: "body_too_large" });
  expect(decide({ error: new CriticalError("disk_full", "…") })).toEqual({ retry: false, reason: "disk_full" });
  expect(decide({ error: new TypeError("a bug") })).toEqual({ retry: false, reason: "TypeError" });
  expect(decide({ error: "thrown text" })).toEqual({ retry: false, reason: "error" });
});

test("a request that the stop itself ended has not failed", () => {
  expect(decide({ error: new TransientError("stopped", "…") })).toEqual({ retry: false, reason: "stopped" });
});

test("a status is tried again when RETRY_HTTP_CODES has it", () => {
  expect(decide(status(503))).toEqual({ retry: true, reason: "http_503", afterMs: 1000 });
  expect(decide(status(404))).toEqual({ retry: false, reason: "http_404" });
  expect(decide(status(404), 1, { RETRY_HTTP_CODES: [404] })).toMatchObject({ retry: true });
});

test("RETRY_TIMES further tries and no more; none with RETRY_ENABLED off", () => {
  const tries = [1, 2, 3, 4].map((n) => decide(status(500), n).retry);
  expect(tries).toEqual([true, true, true, false]);
  expect(decide(status(500), 1, { RETRY_TIMES: 0 }).retry).toBe(false);
  expect(decide(status(500), 1, { RETRY_ENABLED: false }).retry).toBe(false);
});

test("the pause doubles up to its bound, the upper half of it random", () => {
  const settings = { RETRY_TIMES: 20, RETRY_BACKOFF_SECONDS: 2, RETRY_BACKOFF_MAX_SECONDS: 30 };
  const pauses = (random: number) =>
    [1, 2, 3, 4, 5, 20].map((n) => decide(status(500), n, settings, random)).map((d) => (d.retry ? d.afterMs : -1));
  expect(pauses(1)).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(pauses(0)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
});

test("what the site asks for wins over the pause, within ten minutes", () => {
  expect(decide(status(429, { "retry-after": "7" }))).toEqual({ retry: true, reason: "http_429", afterMs: 7000 });
  expect(decide(status(503, { "retry-after": "86400" }))).toMatchObject({ afterMs: RETRY_AFTER_MAX_MS });
  expect(decide(status(503, { "retry-after": "soon" }))).toMatchObject({ afterMs: 1000 });
  expect(decide({ error: new TransientError("busy", "…", { retryAfterMs: 5000 }) })).toMatchObject({ afterMs: 5000 });
});

describe("Retry-After", () => {
  test.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["1.5", 1500],
    ["Sun, 01 Mar 2026 10:00:30 GMT", 30_000],
    ["Sunday, 01-Mar-26 10:00:30 GMT", 30_000],
    ["Sun Mar  1 10:00:30 2026 GMT", 30_000],
    ["Sun, 01 Mar 2026 09:00:00 GMT", 0],
    ["-5", undefined],
    ["3 days", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j asks for %j ms", (value, expected) => {
    expect(retryAfterMs(value, NOW)).toBe(expected);
  });
});
