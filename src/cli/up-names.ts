import type { Managed } from "../app/manager-rows.ts";
import { SettingsError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";

/** Those of the managed processes that a command was given by name. @throws SettingsError for one that is not known */
export function processesNamed(command: string, names: readonly string[], processes: readonly Managed[]): Managed[] {
  const known = processes.map((row) => row.name);
  return names.map((name) => {
    const row = processes.find((each) => each.name === name);
    if (row === undefined)
      throw new SettingsError(
        "unknown_process",
        `${command}: ${JSON.stringify(name)} has not been started by \`arachne up\`. ${suggest(name, known) ?? `Known: ${known.join(", ") || "none"}`}`,
      );
    return row;
  });
}
