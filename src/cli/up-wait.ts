import { differences, environmentSettings } from "../app/manager-environment.ts";
import type { Control } from "../app/manager-table.ts";
import { startInBackground, untilSettled } from "../app/manager-up.ts";
import { SettingsError } from "../core/errors.ts";
import { note, print, toJson } from "./output.ts";
import type { Session } from "./session.ts";
import { paint } from "./terminal.ts";
import { failed, processJson, processTable, troubles } from "./up-report.ts";

/** How this `arachne` was called. */
export const arachne = (): string[] => [process.execPath, ...process.execArgv, process.argv[1]!];

/** Settings of this call's environment would reach nobody: who starts the processes has had its own since it began. */
export function refuseOtherEnvironment({ resolved }: Session, control: Control): void {
  const supervisor = control.supervisor();
  if (supervisor === undefined) return;
  const names = differences(supervisor.environment, environmentSettings(resolved, process.env));
  if (names.length > 0)
    throw new SettingsError(
      "other_environment",
      `up: the manager that runs (process ${supervisor.identity.pid}) has other values in its environment for ${names.join(", ")}: \`arachne down\` first, or use .env`,
    );
}

export interface Waiting {
  session: Session;
  control: Control;
  /** `-s` options, for a manager that has to be started. */
  set: readonly string[];
  json: boolean;
  /** Names of those that run with other settings than were asked for. */
  others: readonly string[];
}

/** Waits for what was asked for, which the manager does, in the background where there is none yet; tells how it is, with the exit code. */
export async function waitForManaged(names: readonly string[], { session, control, set, json, others }: Waiting): Promise<void> {
  const { project, settings, now } = session;
  const asked = new Map(control.rows().flatMap((row) => (names.includes(row.name) ? [[row.name, row.asked]] : [])));
  const options = set.flatMap((assignment) => ["-s", assignment]);
  const start = () => startInBackground([...arachne(), "up", "--supervise", ...options], { cwd: project.root, settings });
  const rows = await untilSettled({ control, settings, now, asked, start });
  if (json) await print(`${toJson(processJson(rows, control.supervisor()), 2)}\n`);
  else await print(`${processTable(rows, now())}\n`);
  for (const line of troubles(rows, settings)) note(line);
  for (const name of others)
    note(`${paint.yellow("warn")} ${name} runs with other settings than these: \`arachne down ${name}\`, then \`up\` again`);
  if (!json && rows.some((row) => !failed(row))) note("follow it: arachne logs -f    stop it: arachne down");
  process.exitCode = others.length > 0 || rows.some(failed) ? 1 : 0;
}
