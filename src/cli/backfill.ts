import { Option, type Command } from "commander";
import { planBackfill, type BackfillDay, type Reprocess } from "../app/backfill.ts";
import { isStop, recordRun } from "../app/record-run.ts";
import { openRunHistory } from "../app/run-history.ts";
import { dayIn } from "../core/day.ts";
import { describeError } from "../core/errors.ts";
import { createInterrupt } from "./interrupt.ts";
import { note, print, toJson } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { count, paint, table } from "./terminal.ts";

interface Options {
  from: string;
  to: string;
  dryRun?: boolean;
  reprocess?: Reprocess;
  json?: boolean;
  set?: string[];
}

const EXAMPLES = `
Examples:
  arachne backfill bds_stats --from 2026-11-01 --to 2026-11-20 --dry-run
  arachne backfill bds_stats --from 2026-11-01 --to 2026-11-20
  arachne backfill bds_stats --from 2026-11-01 --to 2026-11-20 --reprocess all

One run a day, first to last, each as of the end of its day. Days that have
succeeded are left out. The first failure ends it: what is wrong with one day
is mostly wrong with all. The same command goes on from there.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("<job>", "name of a file in jobs/, without .ts")
    .requiredOption("--from <date>", "the first day, YYYY-MM-DD")
    .requiredOption("--to <date>", "the last day")
    .option("--dry-run", "print the plan, run nothing")
    .addOption(new Option("--reprocess <which>", "run days again: those that failed (no others), or all").choices(["failed", "all"]))
    .option("--json", "the days and what came of them as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

interface DoneDay extends BackfillDay {
  result?: { state: "succeeded" | "failed"; rowsIn?: number; rowsOut?: number; error?: string };
}

async function run(job: string, { from, to, reprocess, dryRun, json, set }: Options): Promise<void> {
  const { project, settings, log, now } = await openSession({ set });
  await project.load("jobs", job);
  const interrupt = createInterrupt(log);
  try {
    using history = openRunHistory({ settings, now });
    history.settleLost();
    const days: DoneDay[] = planBackfill({ history, job, from, to, today: dayIn(settings.SCHEDULER_TIMEZONE, now()), reprocess });
    const wanted = days.filter((day) => day.run);
    if (json !== true) await print(`${planTable(days)}\n`);
    note(`${count(wanted.length)} of ${count(days.length)} days to run`);
    for (const [i, day] of wanted.entries()) {
      if (dryRun === true || interrupt.signal.aborted) break;
      const request = { project, job, date: day.date, settings, log, now, signal: interrupt.signal, history };
      try {
        const { result } = await recordRun({ ...request, trigger: "backfill", lockWaitSeconds: settings.JOB_LOCK_WAIT_SECONDS });
        day.result = { state: "succeeded", rowsIn: result.rowsIn, rowsOut: result.rowsOut };
        log.info(`${day.date} done, ${i + 1} of ${wanted.length}`, { rowsIn: result.rowsIn, rowsOut: result.rowsOut });
      } catch (error) {
        if (isStop(error, interrupt.signal)) break;
        day.result = { state: "failed", error: describeError(error) };
        note(`${paint.red("error")} ${day.date}: ${describeError(error)}`);
        note(`stopped there: ${count(i)} of ${count(wanted.length)} days done; run the same command to go on`);
        process.exitCode = 1;
        break;
      }
    }
    if (json === true) await print(`${toJson({ job, from, to, days })}\n`);
  } finally {
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode ??= code;
    interrupt.dispose();
  }
}

function planTable(days: readonly BackfillDay[]): string {
  return table(
    ["date", "so far", "what"],
    days.map(({ date, last, run }) => [date, last?.replace("_", " ") ?? "never run", run ? "run" : "leave"]),
  );
}
