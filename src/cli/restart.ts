import type { Command } from "commander";
import { openControl, readManaged } from "../app/manager-table.ts";
import { SettingsError } from "../core/errors.ts";
import { note } from "./output.ts";
import { openSession } from "./session.ts";
import { processesNamed } from "./up-names.ts";
import { refuseOtherEnvironment, waitForManaged } from "./up-wait.ts";

const EXAMPLES = `
Examples:
  arachne restart bds_listings    after a change to its file or to settings.ts
  arachne restart                 all that is to run

Each is ended as by \`down\`, then started as \`up\` was asked to, in the
background. Returns when it runs, or failed to.`;

export default function (command: Command): void {
  command
    .argument("[name...]", "as in `arachne status`")
    .option("--json", "one JSON object: supervisor, processes")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(given: string[], { json = false }: { json?: boolean }): Promise<void> {
  const session = await openSession({});
  const { settings, now } = session;
  const { processes } = readManaged(settings);
  const chosen =
    given.length === 0 ? processes.filter((row) => row.wanted && row.state !== "done") : processesNamed("restart", given, processes);
  if (chosen.length === 0)
    throw new SettingsError("nothing_to_restart", "restart: nothing is to run: `arachne up streaming|batch|hybrid|crawler` starts it");
  const names = [...new Set(chosen.map((row) => row.name))];
  using control = openControl({ settings, now });
  refuseOtherEnvironment(session, control);
  note(`restarting ${names.join(", ")}`);
  control.askAnew(names);
  await waitForManaged(names, { session, control, set: [], json, others: [] });
}
