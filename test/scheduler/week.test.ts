import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openProject } from "../../src/app/project.ts";
import { openRunHistory } from "../../src/app/run-history.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import type { Logger } from "../../src/core/context.ts";
import type { Clock } from "../../src/scheduler/clock.ts";
import { runScheduler } from "../../src/scheduler/daemon.ts";
import { createProject } from "../cli/project.ts";

const STRIDE = 30 * 60_000;
const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * A clock that goes as fast as it can: while something runs it stands, else it leaps to what the scheduler waits for (in strides of half an hour
 * where that is nothing). It stops at `until`.
 */
function leapingClock(from: string, open: () => number) {
  let now = Date.parse(`${from}Z`);
  let end: { at: number; reached: () => void } | undefined;
  const clock: Clock = {
    now: () => new Date(now),
    wait: (ms, signal) =>
      new Promise((done) => {
        const onAbort = (): void => done();
        if (signal.aborted) return done();
        signal.addEventListener("abort", onAbort, { once: true });
        if (open() > 0) return;
        const next = ms < 30_000 ? now + ms : Math.floor(now / STRIDE + 1) * STRIDE;
        if (end !== undefined && next > end.at) return end.reached();
        now = next;
        signal.removeEventListener("abort", onAbort);
        setImmediate(done);
      }),
  };
  return {
    clock,
    /** A scheduler of the project, from now to a time; what it has started then has ended. */
    async goOn(until: string, run: (signal: AbortSignal) => Promise<void>): Promise<void> {
      const stop = new AbortController();
      end = { at: Date.parse(`${until}Z`), reached: () => stop.abort() };
      await run(stop.signal);
    },
  };
}

async function simulate({
  zone,
  jobs,
  from,
  restarts,
  to,
}: {
  zone: string;
  jobs: Record<string, string>;
  from: string;
  restarts: string[];
  to: string;
}) {
  const source = (cron: string): string =>
    `import { defineJob } from "arachne";\nexport default defineJob({ schedule: ${JSON.stringify(cron)}, run: () => Promise.reject(new Error("not here")) });\n`;
  const files = Object.fromEntries(Object.entries(jobs).map(([name, cron]) => [`jobs/${name}.ts`, source(cron)]));
  const { dir } = createProject(files);
  const project = await openProject(dir);
  const resolved = resolveSettings({ root: dir, project: project.settings, env: { SCHEDULER_TIMEZONE: zone } });
  const history = openRunHistory({ settings: resolved.settings, now: () => new Date() });
  onTestFinished(() => history[Symbol.dispose]());
  const time = leapingClock(from, () => history.inState("queued").length + history.inState("running").length);
  for (const until of [...restarts, to])
    await time.goOn(until, (signal) =>
      runScheduler({
        project,
        resolved,
        log: silent,
        clock: time.clock,
        signal,
        command: ({ id }) => [
          process.execPath,
          join(import.meta.dirname, "light-run.mjs"),
          join(resolved.settings.STATE_DIR, "jobs.db"),
          String(id),
        ],
      }),
    );
  const runs = history.list({ limit: 10_000 }).reverse();
  expect(new Set(runs.map((r) => `${r.trigger} ${r.attempt} ${r.state} ${r.rowsIn}`))).toEqual(new Set(["schedule 1 succeeded 3"]));
  return (job: string): string[] => runs.filter((r) => r.job === job).map((r) => `${r.scheduledFor?.slice(0, 16)} ${r.date}`);
}

/** Every hour of a period, in UTC, with the date that each is on `offset` hours east. */
function hours(from: string, n: number, offset: (at: number) => number): string[] {
  return Array.from({ length: n }, (_, i) => {
    const at = Date.parse(`${from}Z`) + i * 3_600_000;
    return `${new Date(at).toISOString().slice(0, 16)} ${new Date(at + offset(at) * 3_600_000).toISOString().slice(0, 10)}`;
  });
}

test(
  "a week in Ho Chi Minh City, with two restarts: 7 daily, 168 hourly runs and a weekly one, each on its local day",
  { timeout: 300_000 },
  async () => {
    const runs = await simulate({
      zone: "Asia/Ho_Chi_Minh",
      jobs: { daily: "0 2 * * *", hourly: "0 * * * *", weekly: "0 3 * * 0" },
      from: "2026-05-03T16:45:00", // Sunday 23:45 there
      restarts: ["2026-05-06T04:10:00", "2026-05-09T19:20:00"],
      to: "2026-05-10T16:45:00",
    });
    expect(runs("daily")).toEqual([3, 4, 5, 6, 7, 8, 9].map((day) => `2026-05-0${day}T19:00 2026-05-${String(day + 1).padStart(2, "0")}`));
    expect(runs("hourly")).toEqual(hours("2026-05-03T17:00", 168, () => 7));
    expect(runs("weekly")).toEqual(["2026-05-09T20:00 2026-05-10"]);
  },
);

test("the weekend in which Berlin's clocks go forward, and the one in which they go back", { timeout: 300_000 }, async () => {
  const jobs = { night: "30 2 * * *", hourly: "0 * * * *" };
  const spring = await simulate({
    zone: "Europe/Berlin",
    jobs,
    from: "2026-03-28T22:30:00",
    restarts: ["2026-03-29T00:40:00"],
    to: "2026-03-30T01:30:00",
  });
  // 02:30 on the 29th is leapt over: it runs at 03:00, which is 01:00 UTC.
  expect(spring("night")).toEqual(["2026-03-29T01:00 2026-03-29", "2026-03-30T00:30 2026-03-30"]);
  expect(spring("hourly")).toEqual(hours("2026-03-28T23:00", 27, (at) => (at < Date.UTC(2026, 2, 29, 1) ? 1 : 2)));

  const autumn = await simulate({
    zone: "Europe/Berlin",
    jobs,
    from: "2026-10-24T21:30:00",
    restarts: ["2026-10-25T00:40:00"],
    to: "2026-10-26T02:15:00",
  });
  // 02:30 comes twice on the 25th: it runs at the first, 00:30 UTC.
  expect(autumn("night")).toEqual(["2026-10-25T00:30 2026-10-25", "2026-10-26T01:30 2026-10-26"]);
  expect(autumn("hourly")).toEqual(hours("2026-10-24T22:00", 29, (at) => (at < Date.UTC(2026, 9, 25, 1) ? 2 : 1)));
});
