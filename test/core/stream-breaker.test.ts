import { expect, test } from "vitest";
import { TransientError } from "../../src/core/errors.ts";
import { createBreaker, type BreakerState } from "../../src/core/stream-breaker.ts";

const options = { firstSeconds: 1, maxSeconds: 8, failures: 4, openSeconds: 60, random: () => 1 };
const error = new Error("down");

test("pauses double up to the breaker, then it opens, tries once, and opens again or closes", () => {
  const states: BreakerState[] = [];
  const breaker = createBreaker({ ...options, onChange: (state) => states.push(state) });
  expect([1, 2, 3, 4].map(() => breaker.failure(error))).toEqual([1000, 2000, 4000, 60_000]);
  expect(breaker.state).toBe("open");
  breaker.retrying();
  expect(breaker.state).toBe("half-open");
  expect(breaker.failure(error)).toBe(60_000);
  breaker.retrying();
  breaker.success();
  expect(states).toEqual(["open", "half-open", "open", "half-open", "closed"]);
  expect(breaker.failure(error)).toBe(1000);
  expect({ opened: breaker.opened, failed: breaker.failed }).toEqual({ opened: 2, failed: 6 });
});

test("no pause is longer than the longest, nor shorter than what the other side asked for", () => {
  const breaker = createBreaker({ ...options, failures: 10 });
  for (let i = 0; i < 5; i++) breaker.failure(error);
  expect(breaker.failure(error)).toBe(8000);
  expect(breaker.failure(new TransientError("busy", "busy", { retryAfterMs: 20_000 }))).toBe(20_000);
});

test("jitter takes away up to half", () => {
  const breaker = createBreaker({ ...options, random: () => 0 });
  expect(breaker.failure(error)).toBe(500);
});
