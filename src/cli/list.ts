import type { Command } from "commander";
import { inventory, type Inventory } from "../app/inventory.ts";
import { note, print } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { clip, wrap } from "./terminal-text.ts";
import { paint, table } from "./terminal.ts";

const EXAMPLES = `
Examples:
  arachne list
  arachne list --json | jq -r '.spiders[].name'`;

export default function (command: Command): void {
  addSetOption(command)
    .option("--json", "one JSON object: spiders, pipelines, streams, jobs, broken")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(options: { set?: string[]; json?: boolean }): Promise<void> {
  const { project, settings, log, now } = await openSession(options);
  const found = await inventory(project, { settings, log, now, signal: new AbortController().signal, args: {} });
  await print(options.json === true ? `${JSON.stringify(found, undefined, 2)}\n` : toText(found));
  for (const { name, error } of found.broken) note(`${paint.red("error")} ${name}: ${error}`);
  if (found.broken.length > 0) process.exitCode = 1;
}

const COLUMNS = 80;

function toText({ spiders, pipelines, streams, jobs }: Inventory): string {
  return [
    section("spider", spiders, ["item", "start", "description"], (s) => [
      s.name,
      s.item,
      clip(s.start.replace(/^https?:\/\//, ""), 22),
      s.description,
    ]),
    section("pipeline", pipelines, ["order", "kind"], (p) => [
      p.name,
      p.order === null ? "not in ITEM_PIPELINES" : String(p.order),
      p.kind,
    ]),
    section("stream", streams, ["topic", "description"], (s) => [s.name, s.topic, s.description]),
    section("job", jobs, ["schedule", "description"], (j) => [j.name, j.schedule ?? "by hand", j.description]),
  ].join("\n");
}

/** A table whose last column is wrapped into what the others leave of the line. */
function section<E>(name: string, entries: readonly E[], columns: readonly string[], row: (entry: E) => readonly string[]): string {
  if (entries.length === 0) return `No ${name}s.\n`;
  const rows = entries.map(row);
  const names = [name, ...columns];
  const before = names.slice(0, -1).reduce((sum, title, i) => sum + Math.max(title.length, ...rows.map((r) => r[i]!.length)) + 2, 0);
  const lines = rows.flatMap((r) =>
    wrap(r.at(-1)!, Math.max(20, COLUMNS - before), "").map((line, i) => [...r.slice(0, -1).map((cell) => (i === 0 ? cell : "")), line]),
  );
  return `${table(names, lines)}\n`;
}
