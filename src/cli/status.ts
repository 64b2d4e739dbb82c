import type { Command } from "commander";
import { ACTIVE } from "../app/manager-rows.ts";
import { readManaged } from "../app/manager-table.ts";
import { note, print, toJson } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { processJson, processTable, troubles } from "./up-report.ts";

const EXAMPLES = `
Examples:
  arachne status
  arachne status --json | jq '.processes[] | select(.state != "running")'`;

export default function (command: Command): void {
  addSetOption(command).option("--json", "one JSON object: supervisor, processes").addHelpText("after", EXAMPLES).action(run);
}

async function run(options: { set?: string[]; json?: boolean }): Promise<void> {
  const { settings, now } = await openSession(options);
  const { processes, supervisor } = readManaged(settings);
  if (options.json === true) return print(`${toJson(processJson(processes, supervisor), 2)}\n`);
  if (processes.length > 0) await print(`${processTable(processes, now())}\n`);
  for (const line of troubles(
    processes.filter((row) => row.wanted),
    settings,
  ))
    note(line);
  if (!processes.some((row) => ACTIVE.has(row.state))) note("nothing runs: start it with  arachne up streaming|batch|hybrid|crawler");
}
