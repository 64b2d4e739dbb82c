import { join, resolve } from "node:path";
import type { Context } from "../core/context.ts";
import { dayIn, endOfDay, parseDay, type Day } from "../core/day.ts";
import { ArachneError, SettingsError } from "../core/errors.ts";
import type { JobContext, JobResult } from "../core/job.ts";
import type { Serving, ServingWriter } from "../core/serving.ts";
import { failpoint } from "../storage/failpoint.ts";
import { waitForLock } from "../storage/lock.ts";
import { beginVersion, type NewVersion } from "../storage/versions.ts";
import { explainReadError } from "./batch-input.ts";
import { readFormer, writeRecord, type Former } from "./former.ts";
import { jobInputs } from "./run-job-inputs.ts";
import { openEngine } from "./open-engine.ts";
import { openServing } from "./open-serving.ts";
import type { Project } from "./project.ts";

export interface JobRequest extends Context {
  project: Project;
  /** Name of a file in jobs/. */
  job: string;
  /** The run's date, YYYY-MM-DD in SCHEDULER_TIMEZONE; default: today. */
  date?: Day | undefined;
  /** Publish although the quality gate or the serving store would refuse what changed. */
  acceptChange?: boolean;
  /** How long to wait for another job that writes the same output; default: not at all. */
  lockWaitSeconds?: number;
}

export interface JobRun {
  result: JobResult;
  date: Day;
  /** false: the published output is of a later date, and stands; only slices were written. */
  published: boolean;
  /** Absolute; undefined for a job that leaves no output of its own there. */
  outputPath: string | undefined;
  servingPlace: string;
  elapsedMs: number;
}

/**
 * Runs a job: its output takes the place of the former version as a whole, then the serving store's aliases move. A crash before
 * the first leaves everything as it was; between the two the serving store is one run behind, which the next run mends.
 * @throws SettingsError and ArachneError: nothing was published
 */
export async function runJob(request: JobRequest): Promise<JobRun> {
  const { project, settings, now, signal, log } = request;
  const started = performance.now();
  const job = await project.load("jobs", request.job);
  const startedAt = now();
  const { date, asOf } = dateOf(request.date, settings.SCHEDULER_TIMEZONE, startedAt);
  const outputPath = resolve(project.root, settings.OUTPUT_PATH);
  const lock = await waitForLock(join(`${outputPath}.versions`, ".lock"), `a job that writes ${settings.OUTPUT_PATH}`, {
    now,
    signal,
    seconds: request.lockWaitSeconds ?? 0,
    onWait: () => log.info(`waiting for another job that writes ${settings.OUTPUT_PATH}`),
  });
  try {
    const former = readFormer(outputPath);
    if (asOf === undefined) refuseClockBehind(former, startedAt);
    const earlier = asOf !== undefined && former !== undefined && date < former.date;
    if (earlier) log.info(`${date} is earlier than what is published (${former.date}): only slices are written`);
    const version = beginVersion(outputPath, startedAt);
    try {
      await using serving = await openServing(request, project.root);
      const inputs = jobInputs({ settings, root: project.root, former, log });
      const result = await build(version, serving);
      const leaves = (job.output ?? "version") === "version";
      if (leaves && !earlier)
        await writeRecord(version.dir, {
          job: request.job,
          date,
          startedAt: startedAt.toISOString(),
          origins: inputs.origins(),
          taken: inputs.taken(),
          complete: (result.later ?? 0) === 0,
        });
      failpoint("job_before_publish");
      await publish(leaves && !earlier ? version : undefined, serving);
      return {
        result,
        date,
        published: !earlier,
        outputPath: leaves ? outputPath : undefined,
        servingPlace: serving.place,
        elapsedMs: performance.now() - started,
      };

      async function publish(own: NewVersion | undefined, store: Serving): Promise<void> {
        own?.publish();
        try {
          await store.publish({ acceptChange: request.acceptChange === true });
        } catch (error) {
          own?.withdraw(); // what the store refuses must not stand in the folder either
          throw error;
        }
        own?.prune(settings.OUTPUT_VERSIONS);
        if (own === undefined) version.discard();
      }

      async function build({ dir, workDir }: NewVersion, store: Serving): Promise<JobResult> {
        await using engine = await openEngine({ settings, root: project.root, workDir, signal });
        const context: JobContext = {
          log,
          signal,
          now,
          settings,
          engine,
          date,
          asOf,
          former,
          outputDir: dir,
          serving: earlier ? slicesAlone(store) : store,
          input: (view, item, which = "all") => inputs.open(engine, view, item, which),
          checkCount: (view, rows) => inputs.checkCount(engine, view, rows),
          verify: () => Promise.resolve(),
        };
        try {
          return await job.run(context);
        } catch (error) {
          throw explainReadError(error, inputs.files(), project.root);
        }
      }
    } catch (error) {
      version.discard();
      throw error;
    }
  } finally {
    lock.release();
  }
}

function dateOf(asked: string | undefined, zone: string, now: Date): { date: Day; asOf: Date | undefined } {
  const today = dayIn(zone, now);
  const date = asked === undefined ? today : parseDay(asked);
  if (date > today)
    throw new SettingsError("future_date", `date: ${date} has not begun in ${zone} (today is ${today}): name an earlier day`);
  return { date, asOf: date === today ? undefined : endOfDay(zone, date) };
}

/** A clock that went back would give today's output an older date than the one it replaces, and gaps between crawls that never were. */
function refuseClockBehind(former: Former | undefined, now: Date): void {
  if (former === undefined || now.toISOString() >= former.record.startedAt) return;
  throw new ArachneError(
    "clock_behind",
    `job: this machine's clock says ${now.toISOString()}, and what is published was made at ${former.record.startedAt}: set the clock; if it was wrong then, go back a version (arachne rollback output)`,
  );
}

/** For a run of an earlier date than the published one's: what readers see as the present stays. */
function slicesAlone(serving: Serving): ServingWriter {
  return {
    buildTable: () => Promise.resolve(),
    upsert: () => Promise.resolve({ written: 0, kept: 0 }),
    replaceSlice: (slice) => serving.replaceSlice(slice),
  };
}
