import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { PlannedJob } from "../../src/app/job-plan.ts";
import { openRunHistory, type RunHistory } from "../../src/app/run-history.ts";
import type { Run, RunState } from "../../src/app/run-history-rows.ts";
import type { Logger } from "../../src/core/context.ts";
import { parseSchedule } from "../../src/core/schedule.ts";
import { plan } from "../../src/scheduler/planner.ts";
import type { Planning } from "../../src/scheduler/planning.ts";

/** A planner with a clock to turn; what it gives to run is run by `end`, or not at all. */
export interface World {
  history: RunHistory;
  /** What the planner knows from its next look on. */
  jobs: readonly PlannedJob[];
  zone: string;
  at(time: string): void;
  /** One look of the planner. @returns what it starts, as `job date` */
  look(): string[];
  /** The runs that were started last end so. */
  end(outcomes: Readonly<Record<string, Exclude<RunState, "queued" | "running">>>): void;
  /** `job date HH:MM trigger state`, oldest first; the time is the cron time in UTC. */
  told(): string[];
  logged: string[];
  planning(): Planning;
}

export function createWorld(jobs: readonly PlannedJob[], zone = "UTC"): World {
  const dir = mkdtempSync(join(tmpdir(), "arachne-plan-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  let now = new Date(0);
  const history = openRunHistory({ settings: { STATE_DIR: dir }, now: () => now });
  onTestFinished(() => history[Symbol.dispose]());
  const logged: string[] = [];
  const write = (message: string): void => void logged.push(message);
  const log: Logger = { debug: write, info: write, warn: write, error: write };
  let started: Run[] = [];
  const planning = (): Planning => ({
    jobs: world.jobs,
    history,
    now,
    zone: world.zone,
    log,
    random: () => 0.5,
    retryBackoffSeconds: 60,
    started: new Set(started.map((r) => r.id)),
  });
  const world: World = {
    history,
    jobs,
    zone,
    logged,
    planning,
    at: (time) => void (now = new Date(`${time}Z`)),
    look() {
      const ready = plan(planning());
      started.push(...ready.map((r) => r.run));
      return ready.map(({ run }) => `${run.job} ${run.date}`);
    },
    end(outcomes) {
      for (const run of started) {
        const state = outcomes[run.job];
        if (state === undefined) continue;
        const followUp =
          state === "failed" || state === "timed_out" || state === "lost" ? "retry" : state === "stopped" ? "catch_up" : null;
        history.claim(run.id)?.end({ state, followUp });
      }
      started = started.filter((run) => outcomes[run.job] === undefined);
    },
    told: () =>
      history
        .list({ limit: 10_000 })
        .reverse()
        .map((r) => `${r.job} ${r.date} ${r.scheduledFor?.slice(11, 16) ?? "-"} ${r.trigger} ${r.state}`),
  };
  return world;
}

export function job(name: string, cron: string | undefined, more: Partial<PlannedJob> = {}, zone = "UTC"): PlannedJob {
  return {
    name,
    description: "",
    schedule: cron === undefined ? undefined : parseSchedule(cron, zone, { job: name, source: "test" }),
    after: [],
    catchUp: "latest",
    retries: 2,
    timeoutSeconds: 0,
    ...more,
  };
}
