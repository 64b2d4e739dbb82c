import type { Logger } from "../core/context.ts";
import type { Day } from "../core/day.ts";
import { ArachneError, describeError } from "../core/errors.ts";
import type { JobResult } from "../core/job.ts";
import type { Serving, ServingWriter } from "../core/serving.ts";
import { failpoint } from "../storage/failpoint.ts";
import type { NewVersion } from "../storage/versions.ts";
import { writeRecord } from "./former.ts";
import { openServing } from "./open-serving.ts";
import { withJob, type JobRequest } from "./run-job-open.ts";

export type { JobRequest } from "./run-job-open.ts";

export interface JobRun {
  result: JobResult;
  date: Day;
  /** false: the published output stands. It is of a later date, and only slices were written; or nothing was to be done. */
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
export async function runJob(asked: JobRequest): Promise<JobRun> {
  const until = stopsUntilPublish(asked.signal);
  try {
    return await runUntil(until, { ...asked, signal: until.signal });
  } finally {
    until.dispose();
  }
}

function runUntil(until: PublishGuard, request: JobRequest): Promise<JobRun> {
  const { project, settings, log, acceptChange = false } = request;
  const started = performance.now();
  return withJob(request, acceptChange ? "pass" : "stop", async (open) => {
    const { date, earlier, version, outputPath, former } = open;
    const leaves = (open.job.output ?? "version") === "version";
    await using serving = await openServing(request, project.root, { acceptChange });
    const result = await open.build(
      earlier ? slicesAlone(serving, `${date} is earlier than what is published (${former?.date})`, log) : serving,
    );
    const published = !earlier && result.unchanged !== true;
    const own = leaves && published ? version : undefined;
    const record = open.record(result);
    if (own !== undefined) await writeRecord(own.dir, record);
    failpoint("job_before_publish");
    until.publishing();
    await publish(own, serving);
    failpoint("job_before_prune");
    prune(own, settings.OUTPUT_VERSIONS, log);
    if (own !== undefined)
      await writeRecord(outputPath, { ...record, served: true }).catch((error: unknown) =>
        log.warn("the output does not say that it is served: the next run serves it anew", { error: describeError(error) }),
      );
    return {
      result,
      date,
      published,
      outputPath: leaves ? outputPath : undefined,
      servingPlace: serving.place,
      elapsedMs: performance.now() - started,
    };
  });
}

async function publish(own: NewVersion | undefined, serving: Serving): Promise<void> {
  own?.publish();
  try {
    await serving.publish();
  } catch (error) {
    // What the store refuses must not stand in the folder either; where it may have moved, the next run mends it.
    if (!(error instanceof ArachneError && error.code === "serving_unknown")) own?.withdraw();
    throw error;
  }
}

/** The output is published: old versions that cannot be removed are no reason to call the run failed. */
function prune(own: NewVersion | undefined, keep: number, log: Logger): void {
  try {
    own?.prune(keep);
  } catch (error) {
    log.warn("old versions of the output cannot be removed: the next run tries again", { error: describeError(error) });
  }
}

interface PublishGuard {
  /** Aborted as the other is, until it publishes. */
  readonly signal: AbortSignal;
  /** The last moment to stop. @throws the signal's reason when it is aborted */
  publishing(): void;
  dispose(): void;
}

/** Cut off between the output's link and the serving store's names, a run would leave the two of different runs: that step is finished. */
function stopsUntilPublish(asked: AbortSignal): PublishGuard {
  const controller = new AbortController();
  const stop = (): void => controller.abort(asked.reason);
  if (asked.aborted) stop();
  else asked.addEventListener("abort", stop, { once: true });
  const dispose = (): void => asked.removeEventListener("abort", stop);
  return {
    signal: controller.signal,
    publishing() {
      controller.signal.throwIfAborted();
      dispose();
    },
    dispose,
  };
}

/** For a run of an earlier date than the published one's: what readers see as the present stays. */
function slicesAlone(serving: Serving, why: string, log: Logger): ServingWriter {
  return {
    inspect: (aliases) => serving.inspect(aliases),
    buildTable: () => Promise.resolve(),
    // None is written; but what the store would refuse, demo ones beside real ones, must not come into its slices either.
    upsert: (documents) => serving.upsert({ ...documents, documents: none() }),
    replaceSlice(slice) {
      log.info(`${why}: only that day's rows of ${slice.alias} are written`);
      return serving.replaceSlice(slice);
    },
  };
}

async function* none(): AsyncGenerator<never> {}
