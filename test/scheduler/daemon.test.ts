import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDaemonProject, gone } from "./daemon-project.ts";

// Berlin, an ordinary night: 02:00 is 01:00 UTC. What is due then is on time for a minute.
const BEFORE_TWO = "2026-02-10T00:30:00";
const TWO = "2026-02-10T01:00:05";

test("a night: two jobs want one output at 02:00 and wait for each other, a failed one is tried again, those after it follow", async () => {
  const project = createDaemonProject({
    daily: 'schedule: "0 2 * * *", run: async (c) => { mark("daily"); await wait("go", c.signal); return done; }',
    hourly: 'schedule: "0 * * * *", run: async () => { if (there("failed")) return done; mark("failed"); throw new Error("not today"); }',
    report: 'after: ["daily", "hourly"], run: async (c) => { mark("report", c.date); return done; }',
  });
  await project.plannedUpTo(BEFORE_TWO);
  const scheduler = project.scheduler(TWO);
  await project.reached("daily", "running");
  await project.reached("hourly", "running");
  expect(project.history.list({ job: "report", limit: 9 })).toEqual([]);
  project.touch("go");
  await project.reached("report", "succeeded");
  scheduler.kill("SIGTERM");
  const { code, stderr } = await scheduler.ended;
  expect(code).toBe(143);

  const told = project.told();
  expect(told.toSorted()).toEqual([
    "daily 2026-02-10 01:00 schedule succeeded",
    "hourly 2026-02-10 01:00 retry succeeded",
    "hourly 2026-02-10 01:00 schedule failed",
    "report 2026-02-10 01:00 after succeeded",
  ]);
  expect(told.at(-1)).toMatch(/^report/);
  const [report] = project.history.list({ job: "report", limit: 1 });
  expect(report).toMatchObject({ rowsIn: 3, rowsOut: 2, rejected: 1, error: null });
  expect(readFileSync(report!.logFile!, "utf8")).toMatch(/^report for 2026-02-10: done in /m);
  expect(readFileSync(join(project.dir, "report"), "utf8")).toBe("2026-02-10");
  for (const line of [
    /the scheduler has started, times are Europe\/Berlin's\n/,
    /daily runs next at 2026-02-11 02:00 schedule=0 2 \* \* \*\n/,
    /report runs after daily and hourly\n/,
    /daily for 2026-02-10 starts run=\d+ log=/,
    /error hourly for 2026-02-10: failed run=\d+ seconds=\S+ error=not today log=\S+ next=2026-02-10 03:00\n/,
    /warn hourly for 2026-02-10 is tried again at 2026-02-10 02:00 \(1 of 2\) error=not today\n/,
    /daily for 2026-02-10 succeeded run=\d+ seconds=\S+ rowsIn=3 rowsOut=2 rejected=1 next=2026-02-11 02:00\n/,
    /the scheduler has stopped\n/,
  ])
    expect(stderr).toMatch(line);
  expect(existsSync(join(project.dir, "data/state/runs"))).toBe(true);
});

test("a job that is out of tries blocks those after it, which say so", async () => {
  const project = createDaemonProject({
    daily: 'schedule: "0 2 * * *", retries: 1, run: () => Promise.reject(new Error("never"))',
    report: 'after: ["daily"], run: () => Promise.resolve(done)',
  });
  await project.plannedUpTo(BEFORE_TWO);
  const scheduler = project.scheduler(TWO);
  const blocked = await project.reached("report", "blocked");
  expect(blocked.error).toMatch(/^daily has not succeeded for 2026-02-10: /);
  scheduler.kill("SIGINT");
  const { code, stderr } = await scheduler.ended;
  expect(code).toBe(130);
  expect(stderr).toMatch(/error daily for 2026-02-10 has failed: no try left after 2 error=never\n/);
  expect(stderr).toMatch(/error report for 2026-02-10 is blocked: daily has not succeeded\n/);
});

test("a run that takes too long is ended with all that it started, even when nobody listens", async () => {
  const project = createDaemonProject({
    stuck: `schedule: "0 2 * * *", retries: 0, timeoutSeconds: 1, run: async () => {
      process.removeAllListeners("SIGTERM").on("SIGTERM", () => undefined);
      const child = spawn("bash", ["-c", "trap '' TERM; echo; sleep 1000 & wait"], { stdio: ["ignore", "pipe", "ignore"] });
      child.stdout.once("data", () => mark("grandchild", String(child.pid)));
      return await new Promise(() => {});
    }`,
    polite: 'schedule: "0 2 * * *", retries: 0, timeoutSeconds: 1, run: async (c) => { await wait("never", c.signal); return done; }',
  });
  await project.plannedUpTo(BEFORE_TWO);
  const scheduler = project.scheduler(TWO);
  const stuck = await project.reached("stuck", "timed_out");
  const polite = await project.reached("polite", "timed_out");
  expect(stuck.error).toBe("it took too long, and had to be killed");
  expect(polite.error).toBe("it took longer than its time limit");
  await gone(Number(await project.file("grandchild")));
  await gone(stuck.pid!);
  scheduler.kill("SIGTERM");
  expect((await scheduler.ended).code).toBe(143);
});

test("of two schedulers of one project the second says who is there, and ends", async () => {
  const project = createDaemonProject({ daily: 'schedule: "0 2 * * *", run: () => Promise.resolve(done)' });
  await project.plannedUpTo(BEFORE_TWO);
  const first = project.scheduler(TWO);
  await project.reached("daily", "succeeded");
  const second = await project.scheduler(TWO).ended;
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toMatch(/error the scheduler is already running \(process \d+ since \S+\): wait for it or stop it\n$/);
  first.kill("SIGTERM");
  await first.ended;
});

test("SIGTERM starts nothing new, and lets what runs come to its end; what that left behind ends with it", async () => {
  const project = createDaemonProject({
    slow: `schedule: "0 2 * * *", run: async (c) => {
      const child = spawn("sleep", ["1000"], { stdio: "ignore" });
      child.unref();
      mark("slow", String(child.pid));
      await wait("go", c.signal);
      return done;
    }`,
    late: 'after: ["slow"], run: () => Promise.resolve(done)',
  });
  await project.plannedUpTo(BEFORE_TWO);
  const scheduler = project.scheduler(TWO, { JOB_STOP_SECONDS: "600" });
  const leftBehind = Number(await project.file("slow"));
  scheduler.kill("SIGTERM");
  project.touch("go");
  const { code, stderr } = await scheduler.ended;
  await gone(leftBehind);
  expect(code).toBe(143);
  expect(stderr).toMatch(/waiting up to 600 s for 1 running job\n/);
  expect(project.told()).toEqual(["slow 2026-02-10 01:00 schedule succeeded"]);
});

test("what does not end in its time is stopped, and made up by the next scheduler", async () => {
  const project = createDaemonProject({
    slow: 'schedule: "0 2 * * *", retries: 0, run: async (c) => { mark("slow"); await wait("go", c.signal); return done; }',
  });
  await project.plannedUpTo(BEFORE_TWO);
  const first = project.scheduler(TWO);
  await project.file("slow");
  first.kill("SIGTERM");
  expect((await first.ended).code).toBe(143);
  expect(project.told()).toEqual(["slow 2026-02-10 01:00 schedule stopped"]);

  project.touch("go");
  const second = project.scheduler("2026-02-10T05:30:00");
  await project.reached("slow", "succeeded");
  second.kill("SIGTERM");
  await second.ended;
  expect(project.told()).toEqual(["slow 2026-02-10 01:00 schedule stopped", "slow 2026-02-10 01:00 catch_up succeeded"]);
});

test("kill -9 of the scheduler: its run ends by itself, with what it started, and the next scheduler goes on from there", async () => {
  const project = createDaemonProject({
    slow: `schedule: "0 2 * * *", run: async (c) => {
      const child = spawn("sleep", ["1000"], { stdio: "ignore" });
      mark("grandchild", String(child.pid));
      await wait("go", c.signal);
      return done;
    }`,
  });
  await project.plannedUpTo(BEFORE_TWO);
  const first = project.scheduler(TWO);
  const grandchild = Number(await project.file("grandchild"));
  first.kill("SIGKILL");
  const stopped = await project.reached("slow", "stopped");
  expect(stopped.error).toBe("the scheduler is gone");
  await gone(stopped.pid!);
  await gone(grandchild);

  project.touch("go");
  const second = project.scheduler("2026-02-10T01:10:00");
  await project.reached("slow", "succeeded", 2);
  second.kill("SIGTERM");
  await second.ended;
});

test("kill -9 of the scheduler and of its run: the run is lost, and tried again", async () => {
  const project = createDaemonProject({
    slow: 'schedule: "0 2 * * *", run: async (c) => { mark("slow"); await wait("go", c.signal); return done; }',
  });
  await project.plannedUpTo(BEFORE_TWO);
  const first = project.scheduler(TWO);
  const { pid } = await project.reached("slow", "running");
  await project.file("slow");
  process.kill(-pid!, "SIGSTOP"); // as a machine that goes down: it has no time to see that the scheduler has gone
  first.kill("SIGKILL");
  process.kill(-pid!, "SIGKILL");
  await gone(pid!);
  const shown = await project.arachne("jobs", "history", "--json", "-s", "SCHEDULER_TIMEZONE=Europe/Berlin");
  expect(JSON.parse(shown.stdout)).toMatchObject([{ job: "slow", state: "lost", attempt: 1 }]);

  project.touch("go");
  const second = project.scheduler("2026-02-10T01:10:00");
  await project.reached("slow", "succeeded", 2);
  second.kill("SIGTERM");
  await second.ended;
  expect(project.told()).toEqual(["slow 2026-02-10 01:00 schedule lost", "slow 2026-02-10 01:00 retry succeeded"]);
});

test("a run's process that dies under the scheduler's eyes is lost, and one that cannot begin has failed with its log named", async () => {
  const project = createDaemonProject({
    dies: 'schedule: "0 2 * * *", retries: 0, run: () => { process.kill(process.pid, "SIGKILL"); return Promise.resolve(done); }',
    // Well when the scheduler looks at it, and not any more when it is to run.
    breaks:
      'schedule: process.argv.includes("job") ? (() => { throw new Error("broken since"); })() : "0 2 * * *", retries: 0, run: () => Promise.resolve(done)',
  });
  await project.plannedUpTo(BEFORE_TWO);
  const scheduler = project.scheduler(TWO);
  expect((await project.reached("dies", "lost")).error).toBe("its process ended without a word (SIGKILL)");
  const failed = await project.reached("breaks", "failed");
  expect(failed.error).toMatch(/^its process ended before it began \(exit code 2\): see \S+\.log$/);
  expect(readFileSync(failed.logFile!, "utf8")).toMatch(/cannot load .*broken since/);
  scheduler.kill("SIGTERM");
  await scheduler.ended;
});

test("jobs that cannot be planned are refused at the start", async () => {
  const project = createDaemonProject({
    a: 'after: ["b"], run: () => Promise.resolve(done)',
    b: 'after: ["a"], run: () => Promise.resolve(done)',
  });
  const cycle = await project.scheduler(TWO).ended;
  expect(cycle).toMatchObject({ code: 2, stdout: "" });
  expect(cycle.stderr).toMatch(/error jobs: a comes after b comes after a: /);
  project.write(
    "jobs/b.ts",
    'import { defineJob } from "arachne";\nexport default defineJob({ schedule: "every day", run: () => Promise.reject(new Error()) });\n',
  );
  const bad = await project.scheduler(TWO).ended;
  expect(bad.stderr).toMatch(/error schedule of job b: "every day" \(from jobs\/b\.ts\) is not valid: /);
  const unknown = await project.scheduler(TWO, { JOB_SCHEDULES: '{"c":"0 2 * * *"}' }).ended;
  expect(unknown.stderr).toMatch(/error schedule of job c \(from JOB_SCHEDULES, environment\): there is no such job\. Did you mean a\?\n/);
  expect([bad.code, unknown.code]).toEqual([2, 2]);
});
