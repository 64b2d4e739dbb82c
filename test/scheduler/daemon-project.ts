import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { planJobs } from "../../src/app/job-plan.ts";
import { openProject } from "../../src/app/project.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { openRunHistory, type RunHistory } from "../../src/app/run-history.ts";
import type { Run } from "../../src/app/run-history-rows.ts";
import { createProject, start, type Running, type TestProject } from "../cli/project.ts";

const ZONE = "Europe/Berlin";

export interface DaemonProject extends TestProject {
  history: RunHistory;
  /** As if a scheduler had been at work until then (in UTC): what was due after it is owed. */
  plannedUpTo(time: string): Promise<void>;
  /** The real daemon, its clock and its runs' showing `clock` (in UTC) when it starts. */
  scheduler(clock: string, settings?: Readonly<Record<string, string>>): Running;
  /** Resolves when there is such a run. */
  reached(job: string, state: Run["state"], attempt?: number): Promise<Run>;
  /** Lets jobs that wait for it go on. */
  touch(file: string): void;
  /** Resolves with what a file says, when it is there. */
  file(name: string): Promise<string>;
  told(): string[];
}

/** A project whose scheduler is a process; `jobs`: parts of a job's object literal, with `run` using `wait(file, c.signal)` and `mark(file)`. */
export function createDaemonProject(jobs: Readonly<Record<string, string>>): DaemonProject {
  const project = createProject(Object.fromEntries(Object.entries(jobs).map(([name, body]) => [`jobs/${name}.ts`, jobFile(body)])));
  const history = openRunHistory({ settings: { STATE_DIR: join(project.dir, "data/state") }, now: () => new Date() });
  onTestFinished(() => history[Symbol.dispose]());
  return {
    ...project,
    history,
    async plannedUpTo(time) {
      const opened = await openProject(project.dir);
      const resolved = resolveSettings({ root: project.dir, project: opened.settings, env: { SCHEDULER_TIMEZONE: ZONE } });
      for (const { name, schedule, after } of await planJobs(opened, resolved))
        history.setPlanned(name, { cron: schedule?.cron ?? `after ${after.join(", ")}`, zone: ZONE, until: `${time}.000Z` });
    },
    scheduler: (clock, settings = {}) =>
      start(project.dir, ["scheduler"], {
        env: {
          NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, "shifted-clock.mjs")).href}`,
          SHIFT_MS: String(Date.parse(`${clock}Z`) - Date.now()),
          SCHEDULER_TIMEZONE: ZONE,
          JOB_RETRY_BACKOFF_SECONDS: "0.1",
          JOB_STOP_SECONDS: "1",
          ...settings,
        },
      }),
    reached: (job, state, attempt) =>
      until(() => history.list({ job, limit: 100 }).find((r) => r.state === state && (attempt === undefined || r.attempt === attempt))),
    touch: (file) => writeFileSync(join(project.dir, file), ""),
    file: (name) => until(() => (existsSync(join(project.dir, name)) ? readFileSync(join(project.dir, name), "utf8") : undefined)),
    told: () =>
      history
        .list({ limit: 1000 })
        .reverse()
        .map((r) => `${r.job} ${r.date} ${r.scheduledFor?.slice(11, 16) ?? "-"} ${r.trigger} ${r.state}`),
  };
}

/** Waits for a state, however long it takes; the test's own limit ends it. */
async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(20);
  }
}

/** Resolves when no such process is there any more. */
export async function gone(pid: number): Promise<void> {
  await until(() => {
    try {
      process.kill(pid, 0);
      return readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ") ? true : undefined; // ended, and not yet collected by its parent
    } catch {
      return true;
    }
  });
}

function jobFile(body: string): string {
  return `import { existsSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { defineJob } from "arachne";
const mark = (file: string, text = "") => writeFileSync(file, text);
const there = (file: string) => existsSync(file);
async function wait(file: string, signal?: AbortSignal) { while (!existsSync(file)) await sleep(20, undefined, { signal }); }
const done = { rowsIn: 3, rowsOut: 2, rejected: { bad: 1 }, duplicates: 0, tables: [] };
void [mark, there, wait, done, spawn];
export default defineJob({ ${body} });
`;
}
