import { join, resolve } from "node:path";
import type { Context } from "../core/context.ts";
import type { JobContext, JobResult } from "../core/job.ts";
import { openDuckDbEngine } from "../engines/duckdb.ts";
import { openEmbeddedServing } from "../sinks/embedded-serving.ts";
import { failpoint } from "../storage/failpoint.ts";
import { acquireLock } from "../storage/lock.ts";
import { beginVersion } from "../storage/versions.ts";
import { checkRowCount, explainReadError, findBatchInput, openBatchInput, type BatchInput } from "./batch-input.ts";
import type { Project } from "./project.ts";

export interface JobRequest extends Context {
  project: Project;
  /** Name of a file in jobs/. */
  job: string;
}

export interface JobRun {
  result: JobResult;
  /** Absolute paths of what was published. */
  outputPath: string;
  servingPath: string;
  elapsedMs: number;
}

/**
 * Runs a job: its output takes the place of the former version as a whole, then the serving store's aliases move. A crash before
 * the first leaves everything as it was; between the two the serving store is one run behind, which the next run mends.
 * @throws SettingsError and ArachneError: nothing was published
 */
export async function runJob({ project, job: name, log, signal, now, settings }: JobRequest): Promise<JobRun> {
  const started = performance.now();
  const job = await project.load("jobs", name);
  const outputPath = resolve(project.root, settings.OUTPUT_PATH);
  const servingPath = resolve(project.root, settings.SERVING_PATH);
  const lock = acquireLock(join(`${outputPath}.versions`, ".lock"), `a job that writes ${settings.OUTPUT_PATH}`, now());
  try {
    const version = beginVersion(outputPath, now());
    try {
      const tempDir = settings.DUCKDB_TEMP_DIR === undefined ? version.workDir : resolve(project.root, settings.DUCKDB_TEMP_DIR);
      await using serving = openEmbeddedServing({ path: servingPath, now });
      const result = await withEngine(async (engine) => {
        const inputs = new Map<string, BatchInput>();
        const context: JobContext = {
          log,
          signal,
          now,
          settings,
          engine,
          serving,
          outputDir: version.dir,
          async input(view, item) {
            const input = findBatchInput(settings, project.root, item);
            inputs.set(view, input);
            if (input.others.length > 0) log.info(`left out ${input.others.length} files of other items`);
            log.info("reading", {
              files: input.files.length,
              rows: input.rows ?? "unknown",
              origins: input.origins.join(",") || "unknown",
            });
            await openBatchInput(engine, view, input, item);
            return input;
          },
          checkCount: async (view, rows) => {
            const input = inputs.get(view);
            if (input !== undefined) await checkRowCount(engine, view, input, rows, project.root);
          },
        };
        try {
          return await job.run(context);
        } catch (error) {
          throw explainReadError(
            error,
            [...inputs.values()].flatMap((i) => i.files),
            project.root,
          );
        }
      });
      failpoint("job_before_publish");
      version.publish(settings.OUTPUT_VERSIONS);
      await serving.publish();
      return { result, outputPath, servingPath, elapsedMs: performance.now() - started };

      async function withEngine<R>(work: (engine: JobContext["engine"]) => Promise<R>): Promise<R> {
        await using engine = await openDuckDbEngine({
          memoryLimit: settings.DUCKDB_MEMORY_LIMIT,
          tempDir: join(tempDir, "duckdb"),
          signal,
        });
        return await work(engine);
      }
    } catch (error) {
      version.discard();
      throw error;
    }
  } finally {
    lock.release();
  }
}
