import { setTimeout as sleep } from "node:timers/promises";
import { InvalidArgumentError, type Command } from "commander";
import { followLog } from "../app/log-follow.ts";
import { logFiles } from "../app/log-files.ts";
import { lastLines } from "../app/log-tail.ts";
import { MANAGER } from "../app/manager-plan.ts";
import { readManaged } from "../app/manager-table.ts";
import { logPath } from "../app/supervise-logs.ts";
import { SettingsError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import { note } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { foregroundLines } from "./up-lines.ts";

interface Options {
  set?: string[];
  follow?: boolean;
  lines: number;
}

const EXAMPLES = `
Examples:
  arachne logs                      the last lines of each process
  arachne logs -f                   and what follows, until Ctrl-C
  arachne logs -n 500 bds_listings
  arachne logs manager              what the manager says itself

Runs of jobs have their own logs: arachne jobs history names them.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("[name...]", "as in `arachne status`; default: all")
    .option("-f, --follow", "go on with what is written, over rotations too")
    .option("-n, --lines <n>", "so many of the last lines of each", toCount, 100)
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function toCount(text: string): number {
  const lines = Number(text);
  if (!Number.isInteger(lines) || lines < 0) throw new InvalidArgumentError("a number of lines is a whole number from 0.");
  return lines;
}

const POLL_MS = 250;

async function run(given: string[], options: Options): Promise<void> {
  const { settings } = await openSession(options);
  const known = [...readManaged(settings).processes.map((row) => row.name), MANAGER];
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new SettingsError(
      "unknown_log",
      `logs: ${JSON.stringify(unknown)} has not been started by \`arachne up\`. ${suggest(unknown, known) ?? `Known: ${known.join(", ")}`}`,
    );
  const names = given.length === 0 ? known : [...new Set(given)];
  const paths = new Map(names.map((name) => [name, logPath(settings, name)]));
  if (options.follow !== true && ![...paths.values()].some((path) => logFiles(path).length > 0))
    return note("no log yet: `arachne up` writes them");
  const lines = foregroundLines(names);
  const followers = names.map((name) => {
    const path = paths.get(name)!;
    const follower = followLog(path, (text) => lines.print(name, text));
    // Up to where it goes on from: nothing comes twice, nothing is left out.
    const last = lastLines(path, options.lines, follower.position());
    if (last.length > 0) lines.print(name, last.join("\n"));
    return follower;
  });
  while (options.follow === true) {
    for (const follower of followers) follower.poll();
    await sleep(POLL_MS);
  }
  for (const follower of followers) follower.close();
}
