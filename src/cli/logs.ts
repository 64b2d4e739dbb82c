import { setTimeout as sleep } from "node:timers/promises";
import { InvalidArgumentError, type Command } from "commander";
import { followLog, type Follower } from "../app/log-follow.ts";
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
/** Of these rounds, one in so many looks whether `up` has added a process. */
const LOOK_EVERY = 4;

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
  if (options.follow !== true && !names.some((name) => logFiles(logPath(settings, name)).length > 0))
    return note("no log yet: `arachne up` writes them");
  const lines = foregroundLines(names);
  const followers = new Map<string, Follower>();
  function open(name: string): void {
    const path = logPath(settings, name);
    const follower = followLog(path, (text) => lines.print(name, text));
    followers.set(name, follower);
    // Up to where it goes on from: nothing comes twice, nothing is left out.
    const last = lastLines(path, options.lines, follower.position());
    if (last.length > 0) lines.print(name, last.join("\n"));
  }
  names.forEach(open);
  for (let round = 1; options.follow === true; round++) {
    await sleep(POLL_MS);
    for (const follower of followers.values()) follower.poll();
    if (given.length > 0 || round % LOOK_EVERY > 0) continue;
    for (const { name } of readManaged(settings).processes) if (!followers.has(name)) open(name);
  }
  for (const follower of followers.values()) follower.close();
}
