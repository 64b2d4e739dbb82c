import { expect, test } from "vitest";
import { inOrder } from "../../src/app/job-plan.ts";
import { createWorld, job } from "./world.ts";

test("a job that comes after others runs when all have succeeded for the same date", () => {
  const w = createWorld(
    inOrder([job("report", undefined, { after: ["daily", "early"] }), job("daily", "0 2 * * *"), job("early", "0 1 * * *")]),
  );
  w.at("2026-05-04T00:30:00");
  w.look();
  w.at("2026-05-04T01:00:00");
  w.look();
  w.end({ early: "succeeded" });
  expect(w.look()).toEqual([]);
  w.at("2026-05-04T02:00:00");
  expect(w.look()).toEqual(["daily 2026-05-04"]);
  expect(w.look()).toEqual([]);
  w.end({ daily: "succeeded" });
  expect(w.look()).toEqual(["report 2026-05-04"]);
  w.end({ report: "succeeded" });
  expect(w.look()).toEqual([]);
  expect(w.told().at(-1)).toBe("report 2026-05-04 02:00 after succeeded");
});

test("a job that comes after others owes each date a run, also when it is still at an earlier one", () => {
  const w = createWorld(inOrder([job("report", undefined, { after: ["a"] }), job("a", "0 2 * * *")]));
  w.at("2026-05-03T12:00:00");
  w.look();
  for (const day of ["04", "05", "06"]) {
    w.at(`2026-05-${day}T02:00:00`);
    w.look();
    w.end({ a: "succeeded" });
    w.look();
  }
  for (const day of ["05", "06"]) {
    w.end({ report: "succeeded" });
    expect(w.look()).toEqual([`report 2026-05-${day}`]);
  }
});

test("a job that is new has nothing to do with what the jobs that it comes after did before", () => {
  const a = job("a", "0 * * * *");
  const w = createWorld([a]);
  w.at("2026-05-04T00:30:00");
  w.look();
  w.at("2026-05-04T01:00:00");
  w.look();
  w.end({ a: "succeeded" });
  w.jobs = [a, job("new", undefined, { after: ["a"] })];
  w.at("2026-05-04T01:30:00");
  expect(w.look()).toEqual([]);
  expect(w.look()).toEqual([]);
  w.at("2026-05-04T02:00:00");
  expect(w.look()).toEqual(["a 2026-05-04"]);
  w.end({ a: "succeeded" });
  expect(w.look()).toEqual(["new 2026-05-04"]);
});

test("a failed upstream job blocks those that come after it, which follow when it has been done by hand", () => {
  const w = createWorld(
    inOrder([job("a", "0 2 * * *", { retries: 0 }), job("b", undefined, { after: ["a"] }), job("c", undefined, { after: ["b"] })]),
  );
  w.at("2026-05-04T00:30:00");
  w.look();
  w.at("2026-05-04T02:00:00");
  w.look();
  w.end({ a: "failed" });
  w.look();
  expect(w.told()).toEqual(["a 2026-05-04 02:00 schedule failed", "b 2026-05-04 02:00 after blocked", "c 2026-05-04 02:00 after blocked"]);
  expect(w.history.latest("b")?.error).toMatch(/^a has not succeeded for 2026-05-04: /);
  expect(w.history.latest("c")?.error).toMatch(/^b has not succeeded for 2026-05-04: /);
  w.look();
  expect(w.told()).toHaveLength(3);

  w.history.begin({ job: "a", date: "2026-05-04", trigger: "manual" }).end({ state: "succeeded" });
  expect(w.look()).toEqual(["b 2026-05-04"]);
  w.end({ b: "succeeded" });
  expect(w.look()).toEqual(["c 2026-05-04"]);
});

test("a job with a schedule waits at its time for those that it comes after", () => {
  const w = createWorld(inOrder([job("batch", "0 2 * * *", { retries: 0 }), job("cleanup", "0 2 * * *", { after: ["batch"] })]));
  w.at("2026-05-04T00:30:00");
  w.look();
  w.at("2026-05-04T02:00:00");
  expect(w.look()).toEqual(["batch 2026-05-04"]);
  w.end({ batch: "succeeded" });
  expect(w.look()).toEqual(["cleanup 2026-05-04"]);
  w.end({ cleanup: "succeeded" });

  w.at("2026-05-05T02:00:00");
  w.look();
  w.end({ batch: "failed" });
  expect(w.look()).toEqual([]);
  expect(w.told().at(-1)).toBe("cleanup 2026-05-05 02:00 schedule blocked");
  w.history.begin({ job: "batch", date: "2026-05-05", trigger: "manual" }).end({ state: "succeeded" });
  expect(w.look()).toEqual(["cleanup 2026-05-05"]);
});

test("backfills and runs by hand start nothing after them", () => {
  const w = createWorld(inOrder([job("a", "0 2 * * *"), job("b", undefined, { after: ["a"] })]));
  w.at("2026-05-04T00:30:00");
  w.look();
  w.history.begin({ job: "a", date: "2026-05-04", trigger: "manual" }).end({ state: "succeeded" });
  w.history.begin({ job: "a", date: "2026-05-01", trigger: "backfill" }).end({ state: "succeeded" });
  expect(w.look()).toEqual([]);
});

test("jobs that wait for each other, or for one that there is not, are refused by name", () => {
  const named = (name: string, ...after: string[]) => job(name, undefined, { after });
  expect(() => inOrder([named("a", "b"), named("b", "c"), named("c", "b")])).toThrow(/^jobs: b comes after c comes after b: /);
  expect(() => inOrder([named("a", "a")])).toThrow(/^jobs: a comes after a: /);
  expect(() => inOrder([named("bds_stats"), named("b", "bds_stat")])).toThrow(
    /^jobs: jobs\/b\.ts comes after "bds_stat", which is no job\. Did you mean bds_stats\?$/,
  );
  expect(inOrder([named("c", "b"), named("a"), named("b", "a")]).map((j) => j.name)).toEqual(["a", "b", "c"]);
});
