import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { resolveSettings } from "../../src/app/settings.ts";
import { runJob, type JobRun } from "../../src/app/run-job.ts";
import { thingsJob, type JobPlace } from "./job-place.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** `mergeThings` as a process of its own, which kills itself at a failpoint. Resolves with the signal that ended it. */
export function runKilled(place: JobPlace, point: string): Promise<string | null> {
  const script = `
    import { mergeThings } from ${JSON.stringify(join(import.meta.dirname, "job-process.ts"))};
    await mergeThings(process.argv[1], process.argv.slice(2));`;
  const args = ["--import", "tsx", "--input-type=module", "-e", script, place.dir, ...place.assignments];
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, ARACHNE_FAILPOINT: `${point}:1` }, stdio: "ignore" });
  return new Promise((done) => child.on("close", (_, signal) => done(signal)));
}

/** `thingsJob` over new files. */
export function mergeThings(root: string, commandLine: readonly string[]): Promise<JobRun> {
  const { settings } = resolveSettings({ root, project: { values: {} }, env: {}, commandLine });
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const project = { root, settings: { values: {} }, names: () => ["things"], load: () => Promise.resolve(thingsJob("new") as never) };
  return runJob({ project, job: "things", log, signal: new AbortController().signal, now: () => new Date(), settings });
}
