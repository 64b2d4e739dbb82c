import { join, resolve } from "node:path";
import type { Context } from "../core/context.ts";
import { dayIn, endOfDay, parseDay, type Day } from "../core/day.ts";
import { ArachneError, SettingsError } from "../core/errors.ts";
import type { Job, JobContext, JobResult } from "../core/job.ts";
import type { ServingWriter } from "../core/serving.ts";
import { waitForLock } from "../storage/lock.ts";
import { beginVersion, type NewVersion } from "../storage/versions.ts";
import { explainReadError } from "./batch-input.ts";
import { readFormer, type Former, type RunRecord } from "./former.ts";
import { openEngine } from "./open-engine.ts";
import type { Project } from "./project.ts";
import { openGate, type Gate, type GateOptions } from "./quality.ts";
import { jobInputs } from "./run-job-inputs.ts";

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
  /** Called when that wait is over and the work for this date begins: a run's time limit counts from here. */
  onStart?: (date: Day) => void;
}

export interface OpenJob {
  readonly job: Job;
  readonly date: Day;
  readonly former: Former | undefined;
  /** Of an earlier date than what is published: only slices may be written. */
  readonly earlier: boolean;
  readonly outputPath: string;
  readonly version: NewVersion;
  readonly gate: Gate;
  build(serving: ServingWriter): Promise<JobResult>;
  /** What run.json says when it has been built. */
  record(result: JobResult): RunRecord;
}

/**
 * Everything that a job's run needs, until `work` has ended: the lock on its output, what is published, a new version to write to. What
 * `work` has not published is thrown away.
 * @throws CriticalError `locked`; SettingsError `bad_date`, `future_date`; ArachneError `clock_behind`, `run_record`
 */
export async function withJob<R>(r: JobRequest, onFailure: GateOptions["onFailure"], work: (open: OpenJob) => Promise<R>): Promise<R> {
  const { project, settings, now, signal, log } = r;
  const job = await project.load("jobs", r.job);
  dateOf(r.date, settings.SCHEDULER_TIMEZONE, now()); // what is wrong with it is said at once
  const outputPath = resolve(project.root, settings.OUTPUT_PATH);
  const lock = await waitForLock(join(`${outputPath}.versions`, ".lock"), `a job that writes ${settings.OUTPUT_PATH}`, {
    now,
    signal,
    seconds: r.lockWaitSeconds ?? 0,
    onWait: () => log.info(`waiting for another job that writes ${settings.OUTPUT_PATH}`),
  }).catch((error: unknown) => {
    signal.throwIfAborted(); // stopped while it waited
    throw error;
  });
  try {
    // Not before the wait: the job that was waited for may have started later than this process, and midnight may have passed.
    const startedAt = now();
    const { date, asOf } = dateOf(r.date, settings.SCHEDULER_TIMEZONE, startedAt);
    r.onStart?.(date);
    const former = readFormer(outputPath);
    if (asOf === undefined) refuseClockBehind(former, startedAt);
    const earlier = asOf !== undefined && former !== undefined && date < former.date;
    const version = beginVersion(outputPath, startedAt);
    const inputs = jobInputs({ c: r, root: project.root, former, workDir: version.workDir, acceptChange: r.acceptChange === true });
    // An earlier day's rows are fewer than today's by their nature.
    const gate = openGate({ settings, log, former: earlier ? undefined : former?.record.profiles, onFailure });
    try {
      return await work({
        job,
        date,
        former,
        earlier,
        outputPath,
        version,
        gate,
        async build(serving) {
          await using engine = await openEngine({ settings, root: project.root, workDir: version.workDir, signal, log });
          const context: JobContext = {
            log,
            signal,
            now,
            settings,
            engine,
            date,
            asOf,
            former,
            outputDir: version.dir,
            serving,
            input: (view, item, which = "all", topic) => inputs.open(engine, view, item, which, topic),
            checkCount: (view, rows) => inputs.checkCount(engine, view, rows),
            verify: (view, item, by, checks) => gate.verify(engine, view, item, by, checks),
          };
          try {
            return await job.run(context);
          } catch (error) {
            throw explainReadError(error, inputs.files(), project.root);
          }
        },
        record: (result) => ({
          job: r.job,
          date,
          startedAt: startedAt.toISOString(),
          ...inputs.record(),
          complete: (result.later ?? 0) === 0,
          served: false,
          profiles: gate.profiles(),
        }),
      });
    } finally {
      version.discard();
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
