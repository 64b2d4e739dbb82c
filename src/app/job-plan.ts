import { SettingsError } from "../core/errors.ts";
import type { CatchUp, Job } from "../core/job.ts";
import { checkZone, parseSchedule, type Schedule } from "../core/schedule.ts";
import { suggest } from "../core/suggest.ts";
import type { Project } from "./project.ts";
import type { ResolvedSettings } from "./settings.ts";

/** A job as the scheduler sees it: what it says of itself, with the settings put in. */
export interface PlannedJob {
  readonly name: string;
  readonly description: string;
  /** undefined: it runs by hand, or when the jobs that it comes after have succeeded. */
  readonly schedule: Schedule | undefined;
  readonly after: readonly string[];
  readonly catchUp: CatchUp;
  readonly retries: number;
  /** 0: no limit. */
  readonly timeoutSeconds: number;
}

/** What JOB_SCHEDULES says to take a job off the schedule. */
const OFF = "off";

/**
 * All jobs of the project, each after those that it comes after.
 * @throws SettingsError for a schedule, a zone or a name that is wrong, and for jobs that wait for each other
 */
export async function planJobs(project: Project, resolved: ResolvedSettings): Promise<PlannedJob[]> {
  const { settings } = resolved;
  checkZone(settings.SCHEDULER_TIMEZONE, resolved.origin("SCHEDULER_TIMEZONE"));
  const names = project.names("jobs");
  const origin = `JOB_SCHEDULES, ${resolved.origin("JOB_SCHEDULES")}`;
  for (const name of Object.keys(settings.JOB_SCHEDULES))
    if (!names.includes(name))
      throw new SettingsError("unknown_jobs", `schedule of job ${name} (from ${origin}): there is no such job. ${known(name, names)}`);
  const jobs = await Promise.all(
    names.map(async (name): Promise<PlannedJob> => {
      const job = await project.load("jobs", name);
      return {
        name,
        description: job.description ?? "",
        schedule: scheduleOf(name, job),
        after: job.after ?? [],
        catchUp: job.catchUp ?? settings.JOB_CATCH_UP,
        retries: job.retries ?? settings.JOB_RETRIES,
        timeoutSeconds: job.timeoutSeconds ?? settings.JOB_TIMEOUT_SECONDS,
      };
    }),
  );
  return inOrder(jobs);

  function scheduleOf(name: string, job: Job): Schedule | undefined {
    const set = settings.JOB_SCHEDULES[name];
    const cron = set ?? job.schedule;
    if (cron === undefined || cron === OFF) return undefined;
    return parseSchedule(cron, settings.SCHEDULER_TIMEZONE, { job: name, source: set === undefined ? `jobs/${name}.ts` : origin });
  }
}

/** Upstream jobs first. @throws SettingsError for unknown ones and for cycles */
export function inOrder(jobs: readonly PlannedJob[]): PlannedJob[] {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const ordered = new Set<PlannedJob>();
  function visit(job: PlannedJob, path: readonly string[]): void {
    if (ordered.has(job)) return;
    const start = path.indexOf(job.name);
    if (start >= 0)
      throw new SettingsError(
        "job_cycle",
        `jobs: ${[...path.slice(start), job.name].join(" comes after ")}: they would wait for each other for ever: change \`after\` in one of them`,
      );
    for (const name of job.after) {
      const upstream = byName.get(name);
      if (upstream === undefined)
        throw new SettingsError(
          "unknown_upstream",
          `jobs: jobs/${job.name}.ts comes after ${JSON.stringify(name)}, which is no job. ${known(name, [...byName.keys()])}`,
        );
      visit(upstream, [...path, job.name]);
    }
    ordered.add(job);
  }
  for (const job of jobs) visit(job, []);
  return [...ordered];
}

function known(name: string, names: readonly string[]): string {
  return suggest(name, names) ?? `Known: ${names.join(", ") || "none"}`;
}
