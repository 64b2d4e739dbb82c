import type { Command } from "commander";
import { lookAtHealth, type Health, type HealthRow, type HealthState } from "../app/health.ts";
import { printable } from "../core/printable.ts";
import { outputWidth, print, toJson } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { inks } from "./terminal.ts";
import { wrap } from "./terminal-text.ts";

interface Options {
  set?: string[];
  json?: boolean;
}

const EXAMPLES = `
Examples:
  arachne health
  arachne health --json | jq -r '.rows[] | select(.state != "ok") | .check'
  arachne health -s HEALTH_TIMEOUT_SECONDS=2

Exit code 1 when something is down; what is only worth a look is a warning.`;

export default function (command: Command): void {
  addSetOption(command).option("--json", "one JSON object: state, at, rows").addHelpText("after", EXAMPLES).action(run);
}

async function run(options: Options): Promise<void> {
  // What clients say meanwhile is in the rows: a broker that is down is told once.
  const { project, resolved, log, now } = await openSession({ set: options.set, write: () => undefined });
  const health = await lookAtHealth({ project, resolved, log, now });
  await print(options.json === true ? `${toJson(health, 2)}\n` : healthText(health));
  process.exitCode = health.state === "down" ? 1 : 0;
  // A service that hangs may hold a connection open for half a minute yet.
  setTimeout(() => process.exit(), 200).unref();
}

/** Lines for people: as wide as the terminal, coloured on one. */
export function healthText({ state, rows }: Health): string {
  const names = Math.min(26, Math.max(...rows.map(({ check }) => check.length)));
  const lines = rows.flatMap((row) => rowLines(row, names));
  const count = (wanted: HealthState): number => rows.filter((row) => row.state === wanted).length;
  const end = state === "ok" ? "all is well" : `${count("down")} down, ${count("warn")} to look at, ${count("ok")} well`;
  return `${[...lines, "", end].join("\n")}\n`;
}

function rowLines({ check, state, found, todo }: HealthRow, names: number): string[] {
  const paint = { ok: out.green, warn: out.yellow, down: out.red }[state];
  const before = `${state.padEnd(4)}  ${check.padEnd(names)}  `;
  const indent = " ".repeat(8 + names);
  const width = Math.max(20, outputWidth() - indent.length);
  const text = [...wrap(printable(found), width, ""), ...(todo === null ? [] : wrap(`→ ${printable(todo)}`, width, "  "))];
  // A long name has the line to itself.
  const first = check.length > names ? [`${state.padEnd(4)}  ${check}`, `${indent}${text[0]}`] : [`${before}${text[0]}`];
  return [
    ...first.map((line, i) => (i === 0 ? paint(line.slice(0, 4)) + line.slice(4) : line)),
    ...text.slice(1).map((line) => indent + line),
  ];
}

const out = inks(process.stdout);
