import type { Command } from "commander";
import { observeProcess } from "../app/metrics-observe.ts";
import { systemClock } from "../scheduler/clock.ts";
import { runScheduler } from "../scheduler/daemon.ts";
import { createInterrupt } from "./interrupt.ts";
import { addSetOption, openSession } from "./session.ts";

const EXAMPLES = `
Examples:
  arachne scheduler
  arachne scheduler -s SCHEDULER_TIMEZONE=Europe/Berlin
  arachne scheduler -s 'JOB_SCHEDULES={"bds_batch":"30 1 * * *"}'
  arachne jobs                                        what runs next

Stays in the foreground; SIGTERM or Ctrl-C starts nothing new and gives what
runs JOB_STOP_SECONDS. Each run is a process with its own log in LOG_DIR.`;

export default function (command: Command): void {
  addSetOption(command).addHelpText("after", EXAMPLES).action(run);
}

async function run({ set = [] }: { set?: string[] }): Promise<void> {
  const { project, resolved, settings, log, now } = await openSession({ set });
  const interrupt = createInterrupt(log);
  await using _observed = observeProcess({ kind: "scheduler", name: "scheduler", project, settings, log, now });
  const arachne = [process.execPath, ...process.execArgv, process.argv[1]!];
  try {
    await runScheduler({
      project,
      resolved,
      log,
      clock: systemClock,
      signal: interrupt.signal,
      command: ({ job, date, id }) => [
        ...arachne,
        "job",
        "run",
        job,
        "--date",
        date,
        "--wait",
        "--queued",
        String(id),
        ...set.flatMap((assignment) => ["-s", assignment]),
      ],
    });
  } finally {
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode = code;
    interrupt.dispose();
  }
}
