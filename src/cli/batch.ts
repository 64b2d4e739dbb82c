import { relative } from "node:path";
import type { Command } from "commander";
import type { Project } from "../app/project.ts";
import { runJob, type JobRun } from "../app/run-job.ts";
import { SettingsError } from "../core/errors.ts";
import { createInterrupt } from "./interrupt.ts";
import { outputWidth, print, toJson } from "./output.ts";
import { resultTable } from "./result-table.ts";
import { addSetOption, openSession } from "./session.ts";
import { count, duration } from "./terminal.ts";

interface Options {
  set?: string[];
  json?: boolean;
}

const EXAMPLES = `
Examples:
  arachne batch                                      the project's only job
  arachne batch bds_batch -s SOURCE_TYPE=csv -s SOURCE_PATH='old/*.csv'
  arachne batch --json | jq .rejected

Its output takes the place of the former one as a whole, or not at all.
\`arachne query\` looks into it.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("[job]", "name of a file in jobs/, without .ts")
    .option("--json", "counts and tables as one JSON object, with all digits")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(name: string | undefined, options: Options): Promise<void> {
  const { project, settings, log, now } = await openSession(options);
  const job = name ?? onlyJob(project);
  const interrupt = createInterrupt(log);
  try {
    const done = await runJob({ project, job, settings, log, now, signal: interrupt.signal });
    await print(`${options.json === true ? toJson(toObject(job, done)) : report(job, done, project.root)}\n`);
  } catch (error) {
    // What was asked to stop has not failed: the former output stands.
    if (!interrupt.signal.aborted) throw error;
  } finally {
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode = code;
    interrupt.dispose();
  }
}

function onlyJob(project: Project): string {
  const names = project.names("jobs");
  if (names.length === 1) return names[0]!;
  throw new SettingsError(
    "no_job",
    names.length === 0 ? "batch: this project has no job: add a file to jobs/" : `batch: name the job: ${names.join(", ")}`,
  );
}

function toObject(job: string, { result, outputPath, servingPath, elapsedMs }: JobRun): object {
  return { job, ...result, outputPath, servingPath, seconds: elapsedMs / 1000 };
}

function report(job: string, { result: r, outputPath, servingPath, elapsedMs }: JobRun, root: string): string {
  const rejected = Object.entries(r.rejected).sort(([, a], [, b]) => b - a);
  const dropped = rejected.reduce((sum, [, n]) => sum + n, 0);
  const where = (path: string): string => relative(root, path) || path;
  return [
    ...r.tables.map((t) => `${resultTable(t, outputWidth())}\n`),
    `${job}: done in ${duration(elapsedMs)}`,
    `${count(r.rowsIn)} rows = ${count(r.rowsOut)} kept + ${count(r.duplicates)} duplicates + ${count(dropped)} rejected`,
    ...rejected.map(([reason, n]) => `  ${count(n).padStart(10)}  ${reason}`),
    `written: ${where(outputPath)} (Parquet), ${where(servingPath)} (serving store)`,
  ].join("\n");
}
