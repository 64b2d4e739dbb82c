import { expect, test } from "vitest";
import { inOrder } from "../../src/app/job-plan.ts";
import { untilNext } from "../../src/scheduler/planner.ts";
import { skipStale } from "../../src/scheduler/ready-runs.ts";
import { createWorld, job } from "./world.ts";

test("a schedule that is new has missed nothing, and runs at its next time", () => {
  const w = createWorld([job("hourly", "0 * * * *")]);
  w.at("2026-05-04T10:30:00");
  expect(w.look()).toEqual([]);
  w.at("2026-05-04T11:00:00");
  expect(w.look()).toEqual(["hourly 2026-05-04"]);
  expect(w.look()).toEqual([]);
  w.end({ hourly: "succeeded" });
  expect(w.told()).toEqual(["hourly 2026-05-04 11:00 schedule succeeded"]);
});

test("a schedule that was changed starts anew: the old one's times are not its own", () => {
  const w = createWorld([job("j", "0 * * * *")]);
  w.at("2026-05-04T10:30:00");
  w.look();
  w.jobs = [job("j", "15 * * * *")];
  w.at("2026-05-04T14:30:00");
  expect(w.look()).toEqual([]);
  w.at("2026-05-04T15:15:00");
  expect(w.look()).toEqual(["j 2026-05-04"]);
});

test("a schedule that is read in another zone starts anew, too", () => {
  const w = createWorld([job("j", "0 2 * * *")]);
  w.at("2026-05-04T10:30:00");
  w.look();
  w.zone = "Asia/Ho_Chi_Minh";
  w.jobs = [job("j", "0 2 * * *", {}, w.zone)];
  w.at("2026-05-04T20:00:00"); // an hour after 02:00 there
  expect(w.look()).toEqual([]);
  w.at("2026-05-05T19:00:00");
  expect(w.look()).toEqual(["j 2026-05-06"]);
});

test("queued runs of a job that is gone are ended", () => {
  const w = createWorld([job("j", "0 * * * *"), job("k", "0 * * * *")]);
  w.history.queue({ job: "gone", date: "2026-05-04", scheduledFor: "2026-05-04T02:00:00.000Z", trigger: "schedule" });
  w.at("2026-05-04T02:30:00");
  expect(w.look()).toEqual([]);
  expect(w.told()).toEqual(["gone 2026-05-04 02:00 schedule skipped"]);
});

test.each([
  ["none", ["j 2026-05-04 15:00 schedule queued"], 4],
  ["latest", ["j 2026-05-04 15:00 schedule queued"], 4],
  ["all", [11, 12, 13, 14].map((h) => `j 2026-05-04 ${h}:00 catch_up queued`).concat("j 2026-05-04 15:00 schedule queued"), 0],
] as const)("missed runs up to one that is due now, by policy %s", (catchUp, told, missed) => {
  const w = createWorld([job("j", "0 * * * *", { catchUp })]);
  w.at("2026-05-04T10:30:00");
  w.look();
  w.at("2026-05-04T15:00:02");
  expect(w.look()).toEqual(["j 2026-05-04"]); // one at a time
  expect(w.told()).toEqual(told);
  expect(w.logged.join("\n")).toMatch(missed > 0 ? new RegExp(`j: ${missed} missed runs not made up`) : /^$/);
});

test.each([
  ["none", []],
  ["latest", ["j 2026-05-05 02:00 catch_up queued"]],
  ["all", ["j 2026-05-03 02:00 catch_up queued", "j 2026-05-04 02:00 catch_up queued", "j 2026-05-05 02:00 catch_up queued"]],
] as const)("missed runs after days of nothing, by policy %s", (catchUp, told) => {
  const w = createWorld([job("j", "0 2 * * *", { catchUp })]);
  w.at("2026-05-02T10:30:00");
  w.look();
  w.at("2026-05-05T15:20:00");
  w.look();
  expect(w.told()).toEqual(told);
  w.look();
  expect(w.told()).toEqual(told);
});

test("all missed runs are done one after the other, oldest first", () => {
  const w = createWorld([job("j", "0 2 * * *", { catchUp: "all" })]);
  w.at("2026-05-02T10:30:00");
  w.look();
  w.at("2026-05-05T15:20:00");
  for (const date of ["2026-05-03", "2026-05-04", "2026-05-05"]) {
    expect(w.look()).toEqual([`j ${date}`]);
    w.end({ j: "succeeded" });
  }
  expect(w.look()).toEqual([]);
});

test("a clock that goes back, by seconds or by months, fires nothing twice, and all that is due again later once", () => {
  const w = createWorld([job("j", "0 * * * *")]);
  const run = (time: string): string[] => {
    w.at(time);
    const started = w.look();
    w.end({ j: "succeeded" });
    return started;
  };
  run("2026-05-04T09:59:00");
  expect(run("2026-05-04T10:00:00")).toEqual(["j 2026-05-04"]);
  expect(run("2026-05-04T09:59:58")).toEqual([]); // set back by ntp
  expect(run("2026-05-04T10:00:01")).toEqual([]);
  expect(run("2026-05-04T11:00:00")).toEqual(["j 2026-05-04"]);
  expect(run("2026-10-04T11:30:00")).toEqual(["j 2026-10-04"]); // somebody set a wrong month
  expect(run("2026-05-04T11:10:00")).toEqual([]);
  expect(run("2026-05-04T12:00:00")).toEqual(["j 2026-05-04"]);
  expect(run("2026-05-04T13:00:00")).toEqual(["j 2026-05-04"]);
  expect(new Set(w.told()).size).toBe(w.told().length);
});

test("a failed run is tried again after pauses that double, then given up", () => {
  const w = createWorld([job("j", "0 2 * * *")]);
  w.at("2026-05-04T01:00:00");
  w.look();
  w.at("2026-05-04T02:00:00");
  w.look();
  w.end({ j: "failed" });
  expect(w.look()).toEqual([]); // a minute's pause
  expect(untilNext(w.planning())).toBe(30_000);
  w.at("2026-05-04T02:00:59");
  expect(w.look()).toEqual([]);
  expect(untilNext(w.planning())).toBe(1_000);
  w.at("2026-05-04T02:01:00");
  expect(w.look()).toEqual(["j 2026-05-04"]);
  w.end({ j: "timed_out" });
  expect(w.look()).toEqual([]);
  w.at("2026-05-04T02:02:59");
  expect(w.look()).toEqual([]);
  w.at("2026-05-04T02:03:00");
  expect(w.look()).toEqual(["j 2026-05-04"]);
  w.end({ j: "lost" });
  w.at("2026-05-04T03:03:00");
  expect(w.look()).toEqual([]);
  expect(w.told()).toEqual(["schedule failed", "retry timed_out", "retry lost"].map((s) => `j 2026-05-04 02:00 ${s}`));
  expect(w.logged.at(-1)).toMatch(/^j for 2026-05-04 has failed: no try left after 3$/);
});

test("a try that waits gives way to the job's next time", () => {
  const w = createWorld([job("j", "0 * * * *")]);
  w.at("2026-05-04T01:00:00");
  w.look();
  w.at("2026-05-04T02:00:00");
  w.look();
  w.at("2026-05-04T02:59:30");
  w.end({ j: "failed" });
  w.look();
  w.at("2026-05-04T03:00:00");
  expect(w.look()).toEqual(["j 2026-05-04"]);
  w.end({ j: "succeeded" });
  w.at("2026-05-04T03:10:00");
  expect(w.look()).toEqual([]);
  expect(w.told()).toEqual(["02:00 schedule failed", "02:00 retry skipped", "03:00 schedule succeeded"].map((s) => `j 2026-05-04 ${s}`));
});

test("times that come while the job still runs wait, and of several the latest", () => {
  const w = createWorld([job("j", "0 * * * *")]);
  w.at("2026-05-04T01:00:00");
  w.look();
  for (const hour of ["02", "03", "04"]) {
    w.at(`2026-05-04T${hour}:00:00`);
    expect(w.look()).toEqual(hour === "02" ? ["j 2026-05-04"] : []);
  }
  w.end({ j: "succeeded" });
  expect(w.look()).toEqual(["j 2026-05-04"]);
  expect(w.told()).toEqual(["02:00 schedule succeeded", "03:00 schedule skipped", "04:00 schedule queued"].map((s) => `j 2026-05-04 ${s}`));
});

test.each([
  ["none", []],
  ["latest", ["j 2026-05-04"]],
] as const)("a run that was stopped with the scheduler is made up as missed ones are: %s", (catchUp, started) => {
  const w = createWorld([job("j", "0 2 * * *", { catchUp, retries: 0 })]);
  w.at("2026-05-04T01:00:00");
  w.look();
  w.at("2026-05-04T02:00:00");
  w.look();
  w.end({ j: "stopped" });
  w.at("2026-05-04T08:00:00");
  expect(w.look()).toEqual(started);
});

test("what a former scheduler had decided on, and not started, is started", () => {
  const jobs = [job("all", "0 2 * * *"), job("none", "0 2 * * *", { catchUp: "none" })];
  const w = createWorld(jobs);
  for (const { name } of jobs)
    w.history.queue({ job: name, date: "2026-05-04", scheduledFor: "2026-05-04T02:00:00.000Z", trigger: "schedule" });
  w.at("2026-05-04T06:00:00");
  skipStale(w.planning());
  expect(w.look()).toEqual(["all 2026-05-04"]);
  expect(w.told()[1]).toBe("none 2026-05-04 02:00 schedule skipped");
});

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
