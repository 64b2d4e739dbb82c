import { expect, test } from "vitest";
import type { FrameworkSettingsInput } from "../../../src/core/settings.ts";
import { settingsSchema } from "../../../src/core/settings-schema.ts";
import { createThrottle, type ThrottleOptions } from "../../../src/crawl/politeness/throttle.ts";

const HOST = "a.example";
/** Nothing random (the middle of every range) unless a test wants it. */
const throttle = (settings: Partial<FrameworkSettingsInput>, options: Partial<ThrottleOptions> = {}) =>
  createThrottle({ explicitDelay: false, local: () => false, random: () => 0.5, ...options, settings: settingsSchema.parse(settings) });
const OFF: Partial<FrameworkSettingsInput> = { AUTOTHROTTLE_ENABLED: false };

test("no more than CONCURRENT_REQUESTS_PER_DOMAIN run at once, host by host", () => {
  const t = throttle({ ...OFF, DOWNLOAD_DELAY: 0, CONCURRENT_REQUESTS_PER_DOMAIN: 2 });
  expect([t.tryAcquire(HOST, 0), t.tryAcquire(HOST, 0), t.tryAcquire(HOST, 0)]).toEqual([true, true, Infinity]);
  expect(t.active(HOST)).toBe(2);
  expect(t.tryAcquire("b.example", 0)).toBe(true);
  t.release(HOST, 10, 200);
  expect(t.tryAcquire(HOST, 0)).toBe(true);
});

test("DOWNLOAD_DELAY lies between two requests to a host, and the wait is told", () => {
  const t = throttle({ ...OFF, DOWNLOAD_DELAY: 2 });
  expect(t.tryAcquire(HOST, 1000)).toBe(true);
  expect(t.tryAcquire(HOST, 1500)).toBe(1500);
  expect(t.tryAcquire("b.example", 1500)).toBe(true);
  expect(t.tryAcquire(HOST, 2999)).toBe(1);
  expect(t.tryAcquire(HOST, 3000)).toBe(true);
});

test("RANDOMIZE_DOWNLOAD_DELAY varies it from half to one and a half, drawn anew for each request", () => {
  const draws = [0, 1, 0.25];
  const t = throttle({ ...OFF, DOWNLOAD_DELAY: 2 }, { random: () => draws.shift() ?? 0.5 });
  const waits = [0, 10_000, 20_000].map((now) => {
    expect(t.tryAcquire(HOST, now)).toBe(true);
    return [t.tryAcquire(HOST, now), t.tryAcquire(HOST, now)];
  });
  expect(waits).toEqual([
    [1000, 1000],
    [3000, 3000],
    [1500, 1500],
  ]);
  const fixed = throttle({ ...OFF, DOWNLOAD_DELAY: 2, RANDOMIZE_DOWNLOAD_DELAY: false }, { random: () => 0 });
  fixed.tryAcquire(HOST, 0);
  expect(fixed.tryAcquire(HOST, 0)).toBe(2000);
});

/** The host's delay now, told by a request made long after the last. */
function delayAt(t: ReturnType<typeof throttle>, now: number): number {
  expect(t.tryAcquire(HOST, now)).toBe(true);
  const wait = t.tryAcquire(HOST, now);
  t.release(HOST, 0, 0);
  return wait as number;
}

test("autothrottle starts careful, then goes half way to latency / target concurrency with each page", () => {
  const t = throttle({ DOWNLOAD_DELAY: 0, AUTOTHROTTLE_START_DELAY: 5, AUTOTHROTTLE_TARGET_CONCURRENCY: 2 });
  expect(delayAt(t, 0)).toBe(5000);
  t.release(HOST, 400, 200);
  expect(delayAt(t, 100_000)).toBe(2600);
  t.release(HOST, 400, 200);
  expect(delayAt(t, 200_000)).toBe(1400);
  t.release(HOST, 8000, 200);
  expect(delayAt(t, 300_000), "a slow answer counts at once").toBe(4000);
});

test("autothrottle never goes below DOWNLOAD_DELAY nor above AUTOTHROTTLE_MAX_DELAY", () => {
  const t = throttle({ DOWNLOAD_DELAY: 3, AUTOTHROTTLE_MAX_DELAY: 10 });
  expect(delayAt(t, 0)).toBe(3000);
  t.release(HOST, 10, 200);
  expect(delayAt(t, 100_000)).toBe(3000);
  t.release(HOST, 90_000, 200);
  expect(delayAt(t, 200_000)).toBe(10_000);
  const slow = throttle({ DOWNLOAD_DELAY: 30, AUTOTHROTTLE_MAX_DELAY: 10 });
  slow.release(HOST, 1, 200);
  expect(delayAt(slow, 0)).toBe(30_000);
});

test("answers other than 200 only slow down, and no answer at all changes nothing", () => {
  const t = throttle({ DOWNLOAD_DELAY: 0, AUTOTHROTTLE_START_DELAY: 5 });
  t.tryAcquire(HOST, 0);
  t.release(HOST, 10, 503);
  expect(delayAt(t, 100_000)).toBe(5000);
  t.release(HOST, 0, 0);
  expect(delayAt(t, 200_000)).toBe(5000);
  t.release(HOST, 20_000, 503);
  expect(delayAt(t, 300_000)).toBe(10_000);
});

test("a crawl-delay is kept in full, once known, within AUTOTHROTTLE_MAX_DELAY", () => {
  let asked: number | undefined;
  const t = throttle({ ...OFF, DOWNLOAD_DELAY: 1, AUTOTHROTTLE_MAX_DELAY: 60 }, { random: () => 0, crawlDelay: () => asked });
  expect(delayAt(t, 0)).toBe(500);
  asked = 4000;
  expect(delayAt(t, 100_000)).toBe(4000);
  asked = 86_400_000;
  expect(delayAt(t, 200_000)).toBe(60_000);
});

test("a host whose Retry-After says so is left alone until then", () => {
  const t = throttle({ ...OFF, DOWNLOAD_DELAY: 0 });
  t.tryAcquire(HOST, 1000);
  t.hold(HOST, 31_000);
  t.hold(HOST, 5000);
  t.release(HOST, 10, 429);
  expect(t.tryAcquire(HOST, 1000)).toBe(30_000);
  expect(t.tryAcquire("b.example", 1000)).toBe(true);
  expect(t.tryAcquire(HOST, 31_000)).toBe(true);
});

test("local hosts wait for nothing, unless a delay was set in so many words", () => {
  const local = (host: string) => host === HOST;
  const t = throttle({}, { local, crawlDelay: () => 10_000 });
  for (let i = 0; i < 8; i++) expect(t.tryAcquire(HOST, 0)).toBe(true);
  expect(t.tryAcquire(HOST, 0)).toBe(Infinity);
  t.release(HOST, 50_000, 200);
  expect(t.tryAcquire(HOST, 0)).toBe(true);
  const explicit = throttle({ DOWNLOAD_DELAY: 2 }, { local, explicitDelay: true, crawlDelay: () => 10_000 });
  expect(delayAt(explicit, 0)).toBe(2000);
});

test("idle hosts are forgotten when there are very many, busy ones are not", () => {
  const t = throttle({ ...OFF, DOWNLOAD_DELAY: 1, CONCURRENT_REQUESTS_PER_DOMAIN: 1 });
  expect(t.tryAcquire("busy.example", 0)).toBe(true);
  for (let i = 0; i < 30_000; i++) {
    expect(t.tryAcquire(`h${i}.example`, i * 1000)).toBe(true);
    t.release(`h${i}.example`, 10, 200);
  }
  expect(t.active("busy.example")).toBe(1);
  expect(t.tryAcquire("busy.example", 1e9)).toBe(Infinity);
});
