import { InvalidArgumentError, type Command } from "commander";
import { planJobs } from "../app/job-plan.ts";
import { openRunHistory } from "../app/run-history.ts";
import type { Run } from "../app/run-history-rows.ts";
import { jobStatus, schedulerRuns, type JobStatus } from "../app/schedule-status.ts";
import { localTime } from "../core/schedule-zone.ts";
import { note, outputWidth, print, toJson } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { wrap } from "./terminal-text.ts";
import { count, duration, table } from "./terminal.ts";

interface Options {
  json?: boolean;
  set?: string[];
  limit: number;
}

const EXAMPLES = `
Examples:
  arachne jobs                                 next run, last run, its state
  arachne jobs history                         the last runs, newest first
  arachne jobs history bds_batch --limit 5
  arachne jobs history --json | jq '.[] | select(.state == "failed")'`;

export default function (command: Command): void {
  addSetOption(command)
    .option("--json", "one JSON object: zone, schedulerRuns, jobs")
    .addHelpText("after", EXAMPLES)
    .action((options: Options) => showJobs(options));
  const history = command.command("history").description("the runs of jobs, newest first").exitOverride();
  addSetOption(history)
    .argument("[job]", "only this job's")
    .option("--limit <n>", "at most so many", toLimit, 20)
    .option("--json", "a list of runs, one JSON object each")
    .addHelpText("after", EXAMPLES)
    // Both commands know --json and --set: commander gives them to the outer one.
    .action((job: string | undefined, _: Options, inner: Command) => showHistory(job, inner.optsWithGlobals<Options>()));
}

function toLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError("a limit is a whole number from 1.");
  return limit;
}

async function showJobs(options: Options): Promise<void> {
  const { project, resolved, settings, now } = await openSession(options);
  const jobs = await planJobs(project, resolved);
  using history = openRunHistory({ settings, now });
  const status = jobStatus(jobs, history, now());
  const running = schedulerRuns(settings, now());
  const zone = settings.SCHEDULER_TIMEZONE;
  if (options.json === true) return print(`${toJson({ zone, schedulerRuns: running, jobs: status }, 2)}\n`);
  if (status.length === 0) return note("this project has no job: add a file to jobs/");
  await print(
    `${table(
      ["job", "schedule", "next run", "last run", "state"],
      status.map((s) => statusRow(s, zone)),
    )}\n`,
  );
  note(`times are ${zone}'s${running ? "" : "; no scheduler runs: start it with  arachne scheduler"}`);
}

function statusRow({ name, schedule, after, next, last }: JobStatus, zone: string): (string | null)[] {
  const when = schedule ?? (after.length > 0 ? `after ${after.join(", ")}` : "by hand");
  return [name, when, next && localTime(new Date(next), zone), last && lastTime(last, zone), last && last.state.replace("_", " ")];
}

function lastTime({ started, ended, scheduledFor }: Run, zone: string): string | null {
  const at = started ?? ended ?? scheduledFor;
  return at === null ? null : localTime(new Date(at), zone);
}

async function showHistory(job: string | undefined, options: Options): Promise<void> {
  const { project, settings, now } = await openSession(options);
  if (job !== undefined) await project.load("jobs", job);
  using history = openRunHistory({ settings, now });
  history.settleLost();
  const runs = history.list({ job, limit: options.limit });
  if (options.json === true) return print(`${toJson(runs, 2)}\n`);
  if (runs.length === 0) return note("no run yet");
  await print(`${table(["run", "job", "date", "why", "state", "took", "rows in", "rows out"], runs.map(historyRow))}\n`);
  for (const run of runs.filter((r) => r.error !== null)) await print(`\n${explain(run)}\n`);
}

function historyRow(r: Run): (string | number | null)[] {
  const took = r.started === null || r.ended === null ? null : duration(Date.parse(r.ended) - Date.parse(r.started));
  const state = r.state.replace("_", " ");
  return [String(r.id), r.job, r.date, r.trigger.replace("_", " "), state, took, r.rowsIn, r.rowsOut];
}

function explain(run: Run): string {
  const lines = [`${count(run.id)}  ${run.error ?? ""}`, ...(run.logFile === null ? [] : [`log: ${run.logFile}`])];
  return lines.flatMap((line) => wrap(line, outputWidth(), "  ")).join("\n");
}
