import type { Day } from "../core/day.ts";
import { describeError } from "../core/errors.ts";
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
export async function runJob(request: JobRequest): Promise<JobRun> {
  const { project, settings, log, acceptChange = false } = request;
  const started = performance.now();
  return withJob(request, acceptChange ? "pass" : "stop", async (open) => {
    const { date, earlier, version, outputPath } = open;
    if (earlier) log.info(`${date} is earlier than what is published (${open.former?.date}): only slices are written`);
    const leaves = (open.job.output ?? "version") === "version";
    await using serving = await openServing(request, project.root);
    const result = await open.build(earlier ? slicesAlone(serving) : serving);
    const published = !earlier && result.unchanged !== true;
    const own = leaves && published ? version : undefined;
    const record = open.record(result);
    if (own !== undefined) await writeRecord(own.dir, record);
    failpoint("job_before_publish");
    await publish(own, serving, { acceptChange, keep: settings.OUTPUT_VERSIONS });
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

async function publish(own: NewVersion | undefined, serving: Serving, options: { acceptChange: boolean; keep: number }): Promise<void> {
  own?.publish();
  try {
    await serving.publish({ acceptChange: options.acceptChange });
  } catch (error) {
    own?.withdraw(); // what the store refuses must not stand in the folder either
    throw error;
  }
  failpoint("job_before_prune");
  own?.prune(options.keep);
}

/** For a run of an earlier date than the published one's: what readers see as the present stays. */
function slicesAlone(serving: Serving): ServingWriter {
  return {
    inspect: (aliases) => serving.inspect(aliases),
    buildTable: () => Promise.resolve(),
    upsert: () => Promise.resolve({ written: 0, kept: 0 }),
    replaceSlice: (slice) => serving.replaceSlice(slice),
  };
}
