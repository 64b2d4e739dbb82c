import { relative } from "node:path";
import { Argument, Option, type Command } from "commander";
import { differences, environmentSettings } from "../app/manager-environment.ts";
import { MANAGER, MODES, planManaged, type ManagedSpec, type Mode } from "../app/manager-plan.ts";
import { openControl, type Control } from "../app/manager-table.ts";
import { startInBackground, untilSettled } from "../app/manager-up.ts";
import { supervise } from "../app/supervise.ts";
import { CriticalError, SettingsError } from "../core/errors.ts";
import { note, print, toJson } from "./output.ts";
import { addSetOption, openSession, type Session } from "./session.ts";
import { paint } from "./terminal.ts";
import { foregroundLines } from "./up-lines.ts";
import { failed, processJson, processTable, troubles } from "./up-report.ts";
import { createStop } from "./up-stop.ts";

interface Options {
  set?: string[];
  detach?: boolean;
  json?: boolean;
  supervise?: boolean;
}

const EXAMPLES = `
Examples:
  arachne up streaming            every stream, until Ctrl-C
  arachne up hybrid -d            streams and the scheduler, in the background
  arachne up crawler bds_spider -d
  arachne status                  what runs
  arachne logs -f                 what it says
  arachne down                    stops all of it

One that fails is started again, after a pause that grows; one that fails
MANAGER_GIVE_UP_AFTER times in a row is given up. \`up\` again tries it anew.`;

export default function (command: Command): void {
  addSetOption(command)
    .addArgument(new Argument("[mode]", "batch is the scheduler; hybrid: streaming and batch").choices(MODES))
    .argument("[spider...]", "of mode crawler: files in crawlers/, without .ts")
    .option("-d, --detach", "in the background: ends when all of it runs, or failed to")
    .option("--json", "with -d: one JSON object: supervisor, processes")
    .addOption(new Option("--supervise").hideHelp()) // the process in the background
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(mode: Mode | undefined, spiders: string[], options: Options): Promise<void> {
  const session = await openSession(options);
  const { project, resolved, settings, now } = session;
  using control = openControl({ settings, now });
  if (options.supervise === true) return await inBackground(session, control); // before the table is closed
  if (mode === undefined) throw new SettingsError("no_mode", `up: say what to run: ${MODES.join(", ")}`);
  if (options.json === true && options.detach !== true)
    throw new SettingsError("json_detached", "up: --json goes with -d: in the foreground the processes' own lines are printed");
  const specs = await planManaged({ project, resolved, mode, spiders, set: options.set ?? [] });
  refuseOtherEnvironment(session, control);
  const others = control.ask(specs);
  if (options.detach !== true && control.supervisor() === undefined && (await inForeground(specs, session, control))) return;
  await waitFor(specs, { session, control, options, others });
}

/** Settings of this call's environment would reach nobody: who starts the processes has had its own since it began. */
function refuseOtherEnvironment({ resolved }: Session, control: Control): void {
  const supervisor = control.supervisor();
  if (supervisor === undefined) return;
  const names = differences(supervisor.environment, environmentSettings(resolved, process.env));
  if (names.length > 0)
    throw new SettingsError(
      "other_environment",
      `up: the manager that runs (process ${supervisor.identity.pid}) has other values in its environment for ${names.join(", ")}: \`arachne down\` first, or use .env`,
    );
}

const arachne = (): string[] => [process.execPath, ...process.execArgv, process.argv[1]!];

/** false: another supervisor was quicker. */
async function inForeground(
  specs: readonly ManagedSpec[],
  { project, resolved, settings, now }: Session,
  control: Control,
): Promise<boolean> {
  const lines = foregroundLines([...specs.map((spec) => spec.name), MANAGER]);
  const stop = createStop((text) => lines.note(text));
  process.stdout.removeAllListeners("error");
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stop.stop()); // the terminal, or `| head`, has gone
  try {
    await supervise({
      control,
      settings,
      arachne: arachne(),
      project,
      environment: environmentSettings(resolved, process.env),
      now,
      stop: stop.signal,
      force: stop.force,
      lockSeconds: 1,
      onStart: () => lines.note(`Ctrl-C stops all of it; logs are in ${relative(project.root, settings.LOG_DIR)}`),
      onLines: (name, text) => lines.print(name, text),
    });
    process.exitCode = stop.exitCode() ?? (control.rows().some((row) => row.wanted && row.state === "given_up") ? 1 : 0);
    return true;
  } catch (error) {
    if (!isLocked(error)) throw error;
    return false;
  } finally {
    stop.dispose();
  }
}

/** Without a word when another one was quicker: that does what was asked for. */
async function inBackground({ project, resolved, settings, now }: Session, control: Control): Promise<void> {
  const stop = createStop(() => undefined);
  try {
    await supervise({
      control,
      settings,
      arachne: arachne(),
      project,
      environment: environmentSettings(resolved, process.env),
      now,
      stop: stop.signal,
      force: stop.force,
      lockSeconds: 5,
    });
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
}

function isLocked(error: unknown): boolean {
  return error instanceof CriticalError && error.code === "locked";
}

interface Waiting {
  session: Session;
  control: Control;
  options: Options;
  /** Names of those that run with other settings than were asked for. */
  others: readonly string[];
}

async function waitFor(specs: readonly ManagedSpec[], { session, control, options, others }: Waiting): Promise<void> {
  const { project, settings, now } = session;
  const before = control.supervisor();
  const names = new Set(specs.map((spec) => spec.name));
  const asked = new Map(control.rows().flatMap((row) => (names.has(row.name) ? [[row.name, row.asked]] : [])));
  if (options.detach !== true && before !== undefined)
    note(`the manager runs already, process ${before.identity.pid}: it is asked for what is missing`);
  const set = (options.set ?? []).flatMap((assignment) => ["-s", assignment]);
  const rows = await untilSettled(control, asked, () =>
    startInBackground([...arachne(), "up", "--supervise", ...set], { cwd: project.root, settings }),
  );
  if (options.json === true) await print(`${toJson(processJson(rows, control.supervisor()), 2)}\n`);
  else await print(`${processTable(rows, now())}\n`);
  for (const line of troubles(rows, settings)) note(line);
  for (const name of others)
    note(`${paint.yellow("warn")} ${name} runs with other settings than these: \`arachne down ${name}\`, then \`up\` again`);
  if (options.json !== true && rows.some((row) => !failed(row))) note("follow it: arachne logs -f    stop it: arachne down");
  process.exitCode = others.length > 0 || rows.some(failed) ? 1 : 0;
}
