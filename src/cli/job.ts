import type { Command } from "commander";
import { observeProcess } from "../app/metrics-observe.ts";
import { killSeconds } from "../app/schedule-status.ts";
import { isStop, recordQueuedRun, recordRun } from "../app/record-run.ts";
import { openRunHistory } from "../app/run-history.ts";
import { ownProcess, scheduledProcess } from "./job-process.ts";
import { jobJson, jobReport } from "./job-report.ts";
import { print } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";

interface Options {
  date?: string;
  wait?: boolean;
  acceptChange?: boolean;
  json?: boolean;
  set?: string[];
  queued?: string;
}

const EXAMPLES = `
Examples:
  arachne job run bds_batch
  arachne job run bds_stats --date 2026-11-01      as of the end of that day
  arachne job run bds_batch --wait                 until another job is done
  arachne job run bds_batch --json | jq .rowsOut

Every run stands in the history: arachne jobs history.`;

export default function (command: Command): void {
  const run = command.command("run").description("run a job, and write the run down");
  addSetOption(run)
    .argument("<job>", "name of a file in jobs/, without .ts")
    .option("--date <date>", "the day that it is for, YYYY-MM-DD; default: today")
    .option("--wait", "wait (JOB_LOCK_WAIT_SECONDS) for a job with the same output")
    .option("--accept-change", "publish although the quality gate would refuse it")
    .option("--json", "counts and tables as one JSON object, with all digits")
    .addHelpText("after", EXAMPLES)
    .exitOverride()
    .action(runOne);
  // What the scheduler's worker calls: the run is in the history already.
  run.addOption(run.createOption("--queued <id>").hideHelp());
  command.addHelpText("after", EXAMPLES);
}

async function runOne(job: string, options: Options): Promise<void> {
  const { project, settings, log, now } = await openSession(options);
  await project.load("jobs", job); // before anything is opened for it
  const own = options.queued === undefined ? ownProcess(log) : scheduledProcess(log, killSeconds(settings));
  await using _observed = observeProcess({ kind: "job", name: job, project, settings, log, now });
  try {
    using history = openRunHistory({ settings, now });
    const request = {
      project,
      job,
      date: options.date,
      acceptChange: options.acceptChange === true,
      lockWaitSeconds: options.wait === true ? settings.JOB_LOCK_WAIT_SECONDS : 0,
      settings,
      log,
      now,
      signal: own.signal,
      onStart: () => own.working(),
      history,
    };
    const done =
      options.queued === undefined
        ? await recordRun({ ...request, trigger: "manual" })
        : await recordQueuedRun(Number(options.queued), request);
    await print(options.json === true ? jobJson(job, done) : jobReport(job, done, project.root));
  } catch (error) {
    // What was asked to stop has not failed: the former output stands.
    if (!isStop(error, own.signal)) throw error;
    process.exitCode = own.exitCode() ?? 1;
  } finally {
    own.dispose();
  }
}
