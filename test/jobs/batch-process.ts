import { describeError } from "../../src/core/errors.ts";
import { openProject } from "../../src/app/project.ts";
import { runJob } from "../../src/app/run-job.ts";
import { resolveSettings } from "../../src/app/settings.ts";

/** The job (BATCH_TEST_JOB, else bds_batch) as a process runs it: an error is one line, and exit code 1. */
export async function batchJob(commandLine: readonly string[]): Promise<void> {
  const project = await openProject(process.cwd());
  const { settings } = resolveSettings({ root: project.root, project: project.settings, env: {}, commandLine });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  try {
    await runJob({
      project,
      job: process.env["BATCH_TEST_JOB"] ?? "bds_batch",
      log,
      signal: new AbortController().signal,
      now: () => new Date(),
      settings,
    });
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
