import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Command } from "commander";
import { ACTIVE, type Managed } from "../app/manager-rows.ts";
import { readManaged } from "../app/manager-table.ts";
import { SettingsError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { note } from "./output.ts";
import { openSession } from "./session.ts";
import { paint } from "./terminal.ts";

const EXAMPLES = `
Examples:
  arachne menu            on a terminal; also: npm start

Without a terminal, in the order of its entries: up streaming -d, up batch -d,
batch, up hybrid -d, up crawler SPIDER -d, health, down.`;

export default function (command: Command): void {
  command.addHelpText("after", EXAMPLES).action(run);
}

interface Entry {
  name: string;
  description: string;
  /** What follows `arachne`; undefined: leave. A function may ask for more; undefined then: back to the menu. */
  args?: readonly string[] | ((spiders: readonly string[]) => Promise<readonly string[] | undefined>);
}

const ENTRIES: readonly Entry[] = [
  { name: "Start streaming", description: "every stream, in the background", args: ["up", "streaming", "-d"] },
  { name: "Start batch (scheduled)", description: "the scheduler, in the background", args: ["up", "batch", "-d"] },
  { name: "Run batch now", description: "the batch job, here, and its statistics", args: ["batch"] },
  { name: "Start both (hybrid)", description: "streams and the scheduler, in the background", args: ["up", "hybrid", "-d"] },
  { name: "Crawler only", description: "one spider, in the background, to its end", args: crawler },
  { name: "Health", description: "services, lag, jobs, disk, dead letters", args: ["health"] },
  { name: "Stop all", description: "everything that runs in the background", args: ["down"] },
  { name: "Exit", description: "what runs in the background goes on" },
];

/** What was chosen is said by the command that follows. */
const ONCE = { clearPromptOnDone: true };

async function run(): Promise<void> {
  const { project, settings } = await openSession({});
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new SettingsError(
      "no_terminal",
      "menu: needs a terminal. Without one: `arachne up streaming|batch|hybrid|crawler -d`, `arachne batch`, `arachne health`, `arachne down`",
    );
  const { select } = await import("@inquirer/prompts");
  try {
    for (;;) {
      const entry = await select(
        {
          message: `Arachne (${summary(readManaged(settings).processes)})`,
          choices: ENTRIES.map((each) => ({ value: each, name: each.name, description: each.description })),
          pageSize: ENTRIES.length,
          loop: false,
          theme: { indexMode: "number" },
        },
        ONCE,
      );
      if (entry.args === undefined) break;
      const args = typeof entry.args === "function" ? await entry.args(project.names("crawlers")) : entry.args;
      if (args !== undefined) await runHere(args);
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === "ExitPromptError")) throw error;
    process.exitCode = 130;
  }
  sayWhatRuns(settings);
}

async function crawler(spiders: readonly string[]): Promise<readonly string[] | undefined> {
  if (spiders.length < 2) return ["up", "crawler", "-d"];
  const { select } = await import("@inquirer/prompts");
  const back = "back";
  const spider = await select(
    {
      message: "Which spider?",
      choices: [...spiders.map((name) => ({ value: name })), { value: back, name: "(back to the menu)" }],
      pageSize: 12,
      loop: false,
      theme: { indexMode: "number" },
    },
    ONCE,
  );
  return spider === back ? undefined : ["up", "crawler", spider, "-d"];
}

/** As if it had been typed, and with the terminal: Ctrl-C is the command's, and brings the menu back. */
async function runHere(args: readonly string[]): Promise<void> {
  note(`${paint.dim("$")} arachne ${args.join(" ")}`);
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  try {
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], { stdio: "inherit" });
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    if (code !== 0) note(paint.yellow(`(it ended with ${signal ?? `exit code ${code}`})`));
  } finally {
    process.off("SIGINT", ignore);
  }
  note("");
}

/** In one line: what runs, and what does not although it should. */
function summary(processes: readonly Managed[]): string {
  const named = (what: string, of: (process: Managed) => boolean): string[] => {
    const names = processes.filter(of).map((process) => process.name);
    return names.length === 0 ? [] : [`${what}: ${names.join(", ")}`];
  };
  const parts = [
    ...named("running", (p) => ACTIVE.has(p.state) && p.state !== "waiting"),
    ...named("failing", (p) => p.state === "waiting"),
    ...named("given up", (p) => p.wanted && p.state === "given_up"),
    ...named("without a manager", (p) => p.state === "lost"),
    ...named("done", (p) => p.wanted && p.state === "done"),
  ];
  return parts.length === 0 ? "nothing runs" : parts.join("; ");
}

function sayWhatRuns(settings: Settings): void {
  const running = readManaged(settings).processes.filter((p) => ACTIVE.has(p.state));
  note(
    running.length === 0
      ? "nothing runs in the background"
      : `${running.map((p) => p.name).join(", ")} ${running.length === 1 ? "goes" : "go"} on in the background: arachne status, arachne down`,
  );
}
