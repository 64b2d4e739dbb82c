import { expect, test } from "vitest";
import { judge, type Ended } from "../../src/app/supervise-policy.ts";

const settings = { MANAGER_BACKOFF_SECONDS: 1, MANAGER_BACKOFF_MAX_SECONDS: 60, MANAGER_GIVE_UP_AFTER: 10 };
const verdict = (of: Partial<Ended>, end: Partial<Ended["end"]>) =>
  judge({ kind: "stream", failures: 0, settings, random: () => 0.5, ...of, end: { code: 1, signal: null, ranMs: 10, ...end } });

test("pauses double up to the longest, a fifth more or less", () => {
  const pauses = [0, 1, 2, 3, 4, 5, 6, 7, 8].map((failures) => verdict({ failures }, {}));
  expect(pauses.map((v) => (v.next === "again" ? v.delayMs / 1000 : v.next))).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  expect(verdict({ random: () => 0 }, {})).toMatchObject({ delayMs: 800 });
  expect(verdict({ random: () => 0.999 }, {})).toMatchObject({ delayMs: expect.closeTo(1200, -1) });
});

test("failures in a row are given up; a run of a minute was a recovery", () => {
  expect(verdict({ failures: 9 }, {})).toEqual({ next: "given_up", why: "it failed 10 times in a row" });
  expect(verdict({ failures: 9 }, { ranMs: 60_000 })).toMatchObject({ next: "again", failures: 1 });
  expect(verdict({ settings: { ...settings, MANAGER_GIVE_UP_AFTER: 1 } }, {})).toEqual({ next: "given_up", why: "it failed" });
});

test("a service that ends is started again, however it ended; wrong settings are not tried twice", () => {
  expect(verdict({}, { code: 0 })).toMatchObject({ next: "again" });
  expect(verdict({}, { code: null, signal: "SIGKILL" })).toMatchObject({ next: "again" });
  expect(verdict({ kind: "scheduler" }, { code: null, error: "spawn EAGAIN" })).toMatchObject({ next: "again" });
  expect(verdict({}, { code: 2 })).toEqual({ next: "given_up", why: "its usage or settings are wrong" });
});

test("a crawl that comes to its end is done; one that does not is resumed a number of times in all", () => {
  expect(verdict({ kind: "crawl" }, { code: 0 })).toEqual({ next: "done" });
  expect(verdict({ kind: "crawl", failures: 3 }, { code: null, signal: "SIGKILL", ranMs: 3_600_000 })).toMatchObject({
    next: "again",
    failures: 4,
  });
  expect(verdict({ kind: "crawl", failures: 9 }, { ranMs: 3_600_000 })).toEqual({ next: "given_up", why: "it failed 10 times" });
});
