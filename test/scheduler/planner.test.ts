import { expect, test } from "vitest";
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
