import type { Command } from "commander";
import { bringDown } from "../app/manager-down.ts";
import { ACTIVE, type Managed } from "../app/manager-rows.ts";
import { openControl, readManaged } from "../app/manager-table.ts";
import type { Settings } from "../core/settings.ts";
import { note, print } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { processesNamed } from "./up-names.ts";

const EXAMPLES = `
Examples:
  arachne down                  all that \`arachne up\` has started
  arachne down bds_listings

Each gets MANAGER_STOP_SECONDS to end well, the scheduler what its jobs need;
then it is ended. Returns when no process is left.`;

export default function (command: Command): void {
  addSetOption(command).argument("[name...]", "as in `arachne status`").addHelpText("after", EXAMPLES).action(run);
}

async function run(names: string[], options: { set?: string[] }): Promise<void> {
  const { settings, log, now } = await openSession(options);
  const { processes, supervisor } = readManaged(settings);
  const chosen = names.length === 0 ? processes : processesNamed("down", names, processes);
  const open = chosen.filter((row) => row.wanted || ACTIVE.has(row.state) || row.state === "lost");
  if (open.length === 0 && (supervisor === undefined || names.length > 0))
    return note(names.length === 0 ? "nothing is running" : `not running: ${names.join(", ")}`);
  using control = openControl({ settings, now });
  const runs = open.filter((row) => ACTIVE.has(row.state) || row.state === "lost");
  if (runs.length > 0) note(`stopping ${runs.map((row) => row.name).join(", ")}${patience(runs, settings)}`);
  const again = await bringDown({
    control,
    settings,
    names: open.map((row) => row.name),
    log,
    now,
    onEnd(row) {
      if (runs.some((other) => other.name === row.name)) void print(`${row.name} ${ended(row)}\n`);
    },
  });
  for (const name of again) note(`${name} has been started again meanwhile, by another \`arachne up\``);
  if (again.length > 0) process.exitCode = 1;
  else if (readManaged(settings).supervisor === undefined) note("nothing is left running");
}

/** What kept `down` from ending it well is told; exit code 143 is what a clean stop gives. */
function ended({ state, lastEnd }: Managed): string {
  if (state !== "stopped") return `is ${state.replace("_", " ")}`;
  return lastEnd === null || lastEnd === "exit code 143" ? "stopped" : `stopped: ${lastEnd}`;
}

function patience(rows: readonly Managed[], settings: Settings): string {
  return rows.some((row) => row.kind === "scheduler") ? ` (jobs that run get ${settings.JOB_STOP_SECONDS} s)` : "";
}
