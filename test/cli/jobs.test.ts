import { expect, test } from "vitest";
import { createProject, start } from "./project.ts";

const job = (spec: string): string => `import { writeFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineJob } from "arachne";
const done = (c: { date: string }) => ({ rowsIn: 1200, rowsOut: 1000, rejected: { no_price: 150, no_link: 20 }, duplicates: 30, tables: [], notes: ["for " + c.date] });
void [writeFileSync, existsSync, sleep];
export default defineJob({ ${spec} });
`;

const FILES = {
  "jobs/listings.ts": job('description: "all listings", schedule: "0 2 * * *", run: (c) => Promise.resolve(done(c))'),
  "jobs/figures.ts": job('after: ["listings"], run: (c) => Promise.resolve(done(c))'),
  "jobs/fails.ts": job(
    'schedule: "0 3 * * 0", run: (c) => existsSync("mended") ? Promise.resolve(done(c)) : Promise.reject(new Error("the disk is full of " + "words ".repeat(20)))',
  ),
};

const today = (): string => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(new Date());
const days = (back: number): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(Date.now() - back * 86_400_000);

test("job run runs a job for a date and writes it down; jobs and history show it within 80 columns", async () => {
  const project = createProject(FILES);
  const before = await project.arachne("jobs");
  expect(
    before.stdout
      .split("\n")
      .slice(0, 5)
      .map((line) => line.trimEnd()),
  ).toEqual([
    "job       schedule        next run          last run  state",
    "--------  --------------  ----------------  --------  -----",
    expect.stringMatching(/^fails     0 3 \* \* 0       \d{4}-\d\d-\d\d 03:00$/),
    expect.stringMatching(/^listings  0 2 \* \* \*       \d{4}-\d\d-\d\d 02:00$/),
    "figures   after listings",
  ]);
  expect(before.stderr).toBe("times are Asia/Ho_Chi_Minh's; no scheduler runs: start it with  arachne scheduler\n");
  expect(await project.arachne("jobs", "history")).toEqual({ code: 0, stdout: "", stderr: "no run yet\n" });

  const { code, stdout } = await project.arachne("job", "run", "listings");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    new RegExp(
      `^for ${today()}\nlistings for ${today()}: done in \\S+ s\n1,200 rows = 1,000 kept \\+ 30 duplicates \\+ 170 rejected\n {9}150  no_price\n {10}20  no_link\nwritten: data/processed_batch \\(Parquet\\), data/serving\\.db \\(serving store\\)\n$`,
    ),
  );
  const earlier = await project.arachne("job", "run", "listings", "--date", days(3), "--json");
  expect(JSON.parse(earlier.stdout)).toMatchObject({ job: "listings", date: days(3), published: false, rowsIn: 1200 });
  const failed = await project.arachne("job", "run", "fails");
  expect(failed).toMatchObject({ code: 1, stdout: "" });
  expect(failed.stderr).toMatch(/^error the disk is full of words /);

  const history = await project.arachne("jobs", "history");
  expect(history.stdout.split("\n").slice(0, 9)).toEqual([
    "run  job       date        why     state      took   rows in  rows out",
    expect.stringMatching(/^[- ]+$/),
    expect.stringMatching(new RegExp(`^3    fails     ${today()}  manual  failed     \\d+\\.\\d s$`)),
    expect.stringMatching(new RegExp(`^2    listings  ${days(3)}  manual  succeeded  \\d+\\.\\d s    1,200     1,000$`)),
    expect.stringMatching(new RegExp(`^1    listings  ${today()}  manual  succeeded  \\d+\\.\\d s    1,200     1,000$`)),
    "",
    expect.stringMatching(/^3 {2}the disk is full of words/),
    expect.stringMatching(/^ {2}words/),
    "",
  ]);
  expect(history.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  const one = await project.arachne("jobs", "history", "listings", "--limit", "1", "--json");
  expect(JSON.parse(one.stdout)).toEqual([
    {
      id: 2,
      job: "listings",
      date: days(3),
      scheduledFor: null,
      trigger: "manual",
      attempt: 1,
      state: "succeeded",
      notBefore: null,
      started: expect.any(String),
      ended: expect.any(String),
      rowsIn: 1200,
      rowsOut: 1000,
      rejected: 170,
      error: null,
      followUp: null,
      logFile: null,
      pid: expect.any(Number),
    },
  ]);
  const jobs = JSON.parse((await project.arachne("jobs", "--json")).stdout) as { jobs: unknown[] };
  expect(jobs).toMatchObject({ zone: "Asia/Ho_Chi_Minh", schedulerRuns: false });
  expect(jobs.jobs[1]).toMatchObject({ name: "listings", description: "all listings", schedule: "0 2 * * *", after: [], last: { id: 2 } });
});

test("backfill plans a run a day, stops at a failure and goes on from there when it is called again", async () => {
  const project = createProject(FILES);
  const period = ["--from", days(3), "--to", days(1)];
  const dry = await project.arachne("backfill", "fails", ...period, "--dry-run");
  expect(dry.stdout).toBe(
    `date        so far     what\n----------  ---------  ----\n${[3, 2, 1].map((n) => `${days(n)}  never run  run\n`).join("")}`,
  );
  expect(dry.stderr).toBe("3 of 3 days to run\n");
  expect((await project.arachne("jobs", "history")).stderr).toBe("no run yet\n");

  const first = await project.arachne("backfill", "fails", ...period, "--json");
  expect(first.code).toBe(1);
  expect(first.stderr).toMatch(/stopped there: 0 of 3 days done; run the same command to go on\n$/);
  expect(JSON.parse(first.stdout)).toMatchObject({
    days: [{ date: days(3), result: { state: "failed", error: /./ } }, { run: true }, { run: true }].map(({ result, ...day }) =>
      result === undefined ? day : { ...day, result: { state: result.state } },
    ),
  });

  const failed = await project.arachne("backfill", "fails", ...period, "--dry-run", "--reprocess", "failed");
  expect(failed.stdout.split("\n").slice(2, 5)).toEqual([
    `${days(3)}  failed     run`,
    `${days(2)}  never run  leave`,
    `${days(1)}  never run  leave`,
  ]);

  project.write("mended", "");
  const again = await project.arachne("backfill", "fails", ...period);
  expect(again.code).toBe(0);
  expect(again.stderr).toMatch(/ done, 3 of 3 rowsIn=1200 rowsOut=1000\n$/);
  const nothing = await project.arachne("backfill", "fails", ...period);
  expect(nothing.stdout).toMatch(new RegExp(`^${days(2)}  succeeded  leave$`, "m"));
  expect(nothing.stderr).toBe("0 of 3 days to run\n");
  const all = await project.arachne("backfill", "fails", ...period, "--dry-run", "--reprocess", "all");
  expect(all.stderr).toBe("3 of 3 days to run\n");
  const history = JSON.parse((await project.arachne("jobs", "history", "--json")).stdout) as {
    date: string;
    trigger: string;
    state: string;
  }[];
  expect(history.reverse().map((r) => `${r.date} ${r.trigger} ${r.state}`)).toEqual([
    `${days(3)} backfill failed`,
    ...[3, 2, 1].map((n) => `${days(n)} backfill succeeded`),
  ]);
});

test("a run by hand does not wait for another one's output unless it is told to", async () => {
  const project = createProject({
    "jobs/slow.ts": job(
      'run: async (c) => { writeFileSync("slow", ""); console.log("working"); while (!existsSync("go")) await sleep(20, undefined, { signal: c.signal }); return done(c); }',
    ),
    ...FILES,
  });
  const slow = start(project.dir, ["job", "run", "slow"]);
  await slow.said(/working/);
  const refused = await project.arachne("job", "run", "listings");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/^error a job that writes .* is already running \(process \d+ since \S+\): wait for it or stop it\n$/);
  const waiting = start(project.dir, ["job", "run", "listings", "--wait"]);
  slow.kill("SIGTERM");
  expect((await slow.ended).code).toBe(143);
  expect((await waiting.ended).code).toBe(0);
  const history = JSON.parse((await project.arachne("jobs", "history", "slow", "--json")).stdout) as unknown;
  expect(history).toMatchObject([{ state: "stopped", error: "stopped by a signal", trigger: "manual" }]);
});

test("bad input to job, jobs, backfill and scheduler is one line", async () => {
  const project = createProject(FILES);
  const cases: [args: string[], line: RegExp][] = [
    [["job", "run", "listing"], /^error job "listing" is not known: .*Did you mean listings\?\n$/],
    [["job", "run", "listings", "--date", "yesterday"], /^error date: "yesterday" is no day: write YYYY-MM-DD\n$/],
    [["job", "run", "listings", "--date", "2999-01-01"], /^error date: 2999-01-01 has not begun in Asia\/Ho_Chi_Minh [^\n]*\n$/],
    [["jobs", "history", "listing"], /^error job "listing" is not known: [^\n]*\n$/],
    [["jobs", "history", "--limit", "0"], /^error: option '--limit <n>' argument '0' is invalid\. [^\n]*\n$/],
    [
      ["jobs", "-s", "SCHEDULER_TIMEZONE=Asia/Hanoi"],
      /^error SCHEDULER_TIMEZONE="Asia\/Hanoi" \(from command line\) is not a time zone: [^\n]*\n$/,
    ],
    [["backfill", "listings"], /^error: required option '--from <date>' not specified\n$/],
    [["backfill", "listings", "--from", "2026-01-03", "--to", "2026-01-01"], /^error backfill: 2026-01-03 is after 2026-01-01: [^\n]*\n$/],
    [["backfill", "listings", "--from", "2026-01-03", "--to", "2999-01-01"], /^error backfill: 2999-01-01 has not come yet [^\n]*\n$/],
    [
      ["scheduler", "-s", 'JOB_SCHEDULES={"listings":"61 * * * *"}'],
      /^error schedule of job listings: "61 \* \* \* \*" \(from JOB_SCHEDULES, command line\) is not valid: [^\n]*\n$/,
    ],
  ];
  for (const [args, line] of cases)
    expect(await project.arachne(...args)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(line) });
});
