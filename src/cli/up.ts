import { relative } from "node:path";
import { Argument, Option, type Command } from "commander";
import { environmentSettings } from "../app/manager-environment.ts";
import { MANAGER, MODES, planManaged, type ManagedSpec, type Mode } from "../app/manager-plan.ts";
import { openControl, type Control } from "../app/manager-table.ts";
import { supervise } from "../app/supervise.ts";
import { CriticalError, SettingsError } from "../core/errors.ts";
import { note } from "./output.ts";
import { addSetOption, collect, openSession, type Session } from "./session.ts";
import { parseArgs } from "./spider-args.ts";
import { foregroundLines } from "./up-lines.ts";
import { createStop } from "./up-stop.ts";
import { arachne, refuseOtherEnvironment, waitForManaged } from "./up-wait.ts";

interface Options {
  set?: string[];
  arg?: string[];
  detach?: boolean;
  json?: boolean;
  supervise?: boolean;
}

const EXAMPLES = `
Examples:
  arachne up streaming            every stream, until Ctrl-C
  arachne up hybrid -d            streams and the scheduler, in the background
  arachne up crawler bds_spider -d
  arachne up -d                   what was given up, or lost its manager
  arachne status                  what runs
  arachne logs -f                 what it says
  arachne down                    stops all of it

One that fails is started again, after a pause that grows; one that fails
MANAGER_GIVE_UP_AFTER times in a row is given up. \`up\` again tries it anew.`;

export default function (command: Command): void {
  addSetOption(command)
    .addArgument(new Argument("[mode]", "batch is the scheduler; hybrid: streaming and batch").choices(MODES))
    .argument("[spider...]", "of mode crawler: files in crawlers/, without .ts")
    .option("-a, --arg <name=value>", "of mode crawler: argument for the spider (repeatable)", collect)
    .option("-d, --detach", "in the background: ends when all of it runs, or failed to")
    .option("--json", "with -d: one JSON object: supervisor, processes")
    .addOption(new Option("--supervise").hideHelp()) // the process in the background
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(mode: Mode | undefined, spiders: string[], options: Options): Promise<void> {
  const session = await openSession(options);
  const { settings, now } = session;
  using control = openControl({ settings, now });
  if (options.supervise === true) return await inBackground(session, control); // before the table is closed
  if (options.json === true && options.detach !== true)
    throw new SettingsError("json_detached", "up: --json goes with -d: in the foreground the processes' own lines are printed");
  const { set = [], detach = false, json = false } = options;
  const specs = mode === undefined ? wantedAlready(control, options) : await planned(mode, spiders, session, options);
  const names = specs.map((spec) => spec.name);
  refuseOtherEnvironment(session, control);
  const others = control.ask(specs);
  try {
    if (!detach && control.supervisor() === undefined && (await inForeground(names, session, control))) return;
    const before = control.supervisor();
    if (!detach && before !== undefined) note(`the manager runs already, process ${before.identity.pid}: it is asked for what is missing`);
    await waitForManaged(names, { session, control, set, json, others });
  } catch (error) {
    // Nobody is there to do it: who is started for something else must not do it then.
    if (control.supervisor() === undefined) control.unwant(names);
    throw error;
  }
}

function planned(mode: Mode, spiders: string[], { project, resolved }: Session, { set = [], arg = [] }: Options): Promise<ManagedSpec[]> {
  parseArgs(arg);
  return planManaged({ project, resolved, mode, spiders, spiderArgs: arg, set });
}

/** What is to run as it was asked for last, whatever has become of it. */
function wantedAlready(control: Control, { set, arg }: Options): ManagedSpec[] {
  const specs = control.rows().filter((row) => row.wanted && row.state !== "done");
  if (specs.length === 0 || set !== undefined || arg !== undefined)
    throw new SettingsError("no_mode", `up: say what to run: ${MODES.join(", ")}`);
  return specs;
}

/** false: another supervisor was quicker. */
async function inForeground(names: readonly string[], { project, resolved, settings, now }: Session, control: Control): Promise<boolean> {
  const lines = foregroundLines([...names, MANAGER]);
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
    const givenUp = control.rows().some((row) => names.includes(row.name) && row.wanted && row.state === "given_up");
    process.exitCode = stop.exitCode() ?? (givenUp ? 1 : 0);
    return true;
  } catch (error) {
    if (!isLocked(error)) throw error;
    if (!stop.signal.aborted) return false;
    if (control.supervisor() === undefined) control.unwant(names);
    process.exitCode = stop.exitCode() ?? 0;
    return true;
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
