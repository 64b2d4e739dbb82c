import { Option, type Command } from "commander";
import { defaultJob } from "../app/default-job.ts";
import { observeProcess } from "../app/metrics-observe.ts";
import { openRunHistory } from "../app/run-history.ts";
import { isStop, recordRun } from "../app/record-run.ts";
import { SettingsError } from "../core/errors.ts";
import { createInterrupt } from "./interrupt.ts";
import { jobJson, jobReport } from "./job-report.ts";
import { print } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";

interface Options {
  set?: string[];
  json?: boolean;
  date?: string;
  acceptChange?: boolean;
}

const EXAMPLES = `
Examples:
  arachne batch                                 BATCH_JOB, or the only job
  arachne batch bds_batch -s SOURCE_TYPE=csv -s SOURCE_PATH='old/*.csv'
  arachne batch bds_batch -s SOURCE_TYPE=kafka_replay -s SOURCE_FROM=2026-11-01
  arachne batch --json | jq .rejected
  arachne batch --accept-change                 what the quality gate refused

SOURCE_FROM and SOURCE_TO bound a topic's replay: earliest, latest, a day, a
time with its zone, or offsets (0:1200,1:1180). What is published besides stays,
unless --accept-change is given.

Its output takes the place of the former one as a whole, or not at all.
\`arachne query\` looks into it; \`arachne job run\` runs a job for another date.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("[job]", "name of a file in jobs/, without .ts")
    .option("--accept-change", "publish although the quality gate would refuse it")
    .option("--json", "counts and tables as one JSON object, with all digits")
    .addOption(new Option("--date <date>").hideHelp()) // what people try
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(name: string | undefined, options: Options): Promise<void> {
  const { project, settings, log, now } = await openSession(options);
  const job = name ?? defaultJob(project, settings);
  await project.load("jobs", job); // before anything is opened for it
  if (options.date !== undefined)
    throw new SettingsError("no_date", `batch: runs for today: \`arachne job run ${job} --date ${options.date}\` runs it for another day`);
  const interrupt = createInterrupt(log);
  await using _observed = observeProcess({ kind: "job", name: job, project, settings, log, now });
  try {
    using history = openRunHistory({ settings, now });
    const { signal } = interrupt;
    const done = await recordRun({
      project,
      job,
      settings,
      log,
      now,
      signal,
      history,
      trigger: "manual",
      acceptChange: options.acceptChange === true,
    });
    await print(options.json === true ? jobJson(job, done) : jobReport(job, done, project.root));
  } catch (error) {
    // What was asked to stop has not failed: the former output stands.
    if (!isStop(error, interrupt.signal)) throw error;
    process.exitCode = interrupt.exitCode() ?? 1;
  } finally {
    interrupt.dispose();
  }
}
