import { relative } from "node:path";
import type { Command } from "commander";
import { listPublished, OUTPUT, rollBack } from "../app/rollback.ts";
import { note, outputWidth, print } from "./output.ts";
import { rowsTable } from "./result-table.ts";
import { addSetOption, openSession } from "./session.ts";

interface Options {
  list?: boolean;
  set?: string[];
}

const EXAMPLES = `
Examples:
  arachne rollback                              what is published, and what was before
  arachne rollback batdongsan_stats_province    its readers see the version before
  arachne rollback output                       so does OUTPUT_PATH

Stop the schedule first (arachne scheduler): the next run of a job publishes
anew. Each name goes back by itself, in one step; a run goes on from what
\`output\` shows then, and its output takes the place of either.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("[name]", `an index or table of the serving store, or ${OUTPUT}`)
    .option("--list", "what is published and its former versions; the same as without a name")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(name: string | undefined, { list = false, set }: Options): Promise<void> {
  const { project, settings, log, now } = await openSession({ set });
  const c = { settings, log, now, signal: new AbortController().signal };
  if (name === undefined || list) {
    const { published, outputPath, servingPlace } = await listPublished(c, project.root);
    if (published.length === 0) return note("nothing is published yet: run a job first (npm run batch)");
    const rows = published.map((p) => [p.name, bare(p.name, p.current), p.what, p.former.length]);
    await print(`${rowsTable(["name", "current", "what", "can go back to"], rows, outputWidth())}\n`);
    const short = (place: string): string => (place.includes("://") ? place : relative(project.root, place));
    note(`${OUTPUT} is ${short(outputPath)}; the others are in ${short(servingPlace)}`);
    return;
  }
  const { from, to } = await rollBack(name, c, project.root);
  await print(`${rowsTable(["name", "current", "was"], [[name, bare(name, to), bare(name, from)]], outputWidth())}\n`);
}

/** A version's own part of its name. */
function bare(name: string, version: string): string {
  return version.startsWith(name) ? version.slice(name.length + 1) : version;
}
