import { resolveSettings } from "../../src/app/settings.ts";
import { runJob } from "../../src/app/run-job.ts";
import { thingsJob } from "./job-place.ts";

/** `thingsJob` over new files, as a process of its own runs it: ARACHNE_FAILPOINT may kill it. */
export async function mergeThings(root: string, commandLine: readonly string[]): Promise<void> {
  const { settings } = resolveSettings({ root, project: { values: {} }, env: {}, commandLine });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const project = { root, settings: { values: {} }, names: () => ["things"], load: () => Promise.resolve(thingsJob("new") as never) };
  await runJob({ project, job: "things", log, signal: new AbortController().signal, now: () => new Date(), settings });
}
