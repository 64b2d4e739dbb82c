import { stringify } from "csv-stringify/sync";
import { Option, type Command } from "commander";
import { queryViews, servedElsewhere } from "../app/query-views.ts";
import { query, type QueryAnswer } from "../app/query.ts";
import { guarded } from "../feeds/csv.ts";
import { createInterrupt } from "./interrupt.ts";
import { note, outputWidth, print, toJson } from "./output.ts";
import { rowsTable } from "./result-table.ts";
import { addSetOption, openSession } from "./session.ts";
import { wrap } from "./terminal-text.ts";
import { count } from "./terminal.ts";

interface Options {
  format: "table" | "json" | "csv";
  set?: string[];
}

const EXAMPLES = `
Examples:
  arachne query                               what there is to be asked about
  arachne query "SELECT province, listings FROM stats_province LIMIT 5"
  arachne query "FROM batch_input" --format csv > all.csv
  arachne query "SELECT count(*) AS n FROM topic_batdongsan" --format json

DuckDB's SQL, reading only. A table shows the first rows; json and csv give all.`;

/** What a table shows: more is not read by anybody, and would have to be held to find its width. */
const TABLE_ROWS = 200;

export default function (command: Command): void {
  addSetOption(command)
    .argument("[sql]", "one SELECT; without it, the names that it can use")
    .addOption(new Option("--format <format>", "how the rows are printed").choices(["table", "json", "csv"]).default("table"))
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(sql: string | undefined, { format, set }: Options): Promise<void> {
  const { project, settings, log } = await openSession({ set });
  if (sql === undefined) {
    await printViews(queryViews({ settings, root: project.root }));
    const elsewhere = servedElsewhere(settings);
    return elsewhere === undefined ? undefined : note(elsewhere);
  }
  const interrupt = createInterrupt(log);
  try {
    await using answer = await query(sql, { settings, root: project.root, signal: interrupt.signal });
    await PRINTERS[format](answer);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode = code;
    interrupt.dispose();
  }
}

async function printViews(views: readonly { name: string; description: string }[]): Promise<void> {
  if (views.length === 0) return note("no data yet: run a crawl first");
  for (const { name, description } of views)
    await print(
      `${name}\n${wrap(description, 76, "")
        .map((line) => `    ${line}\n`)
        .join("")}`,
    );
}

const PRINTERS: Record<Options["format"], (answer: QueryAnswer) => Promise<void>> = {
  async table({ columns, rows }) {
    const names = columns.map((c) => c.name);
    const shown: unknown[][] = [];
    let more = false;
    for await (const chunk of rows) {
      const room = TABLE_ROWS - shown.length;
      shown.push(...chunk.slice(0, room).map((row) => names.map((name) => row[name])));
      more = chunk.length > room;
      if (more) break;
    }
    await print(`${rowsTable(names, shown, outputWidth())}\n`);
    note(
      more
        ? `the first ${count(TABLE_ROWS)} rows; --format csv or json prints all`
        : `${count(shown.length)} row${shown.length === 1 ? "" : "s"}`,
    );
  },

  /** A list, one row a line: an ordinary JSON file that line tools can read too. */
  async json({ rows }) {
    let before = "[\n";
    for await (const chunk of rows) {
      if (chunk.length === 0) continue;
      await print(before + chunk.map((row) => toJson(row)).join(",\n"));
      before = ",\n";
    }
    await print(before === "[\n" ? "[]\n" : "\n]\n");
  },

  async csv({ columns, rows }) {
    const names = columns.map((c) => c.name);
    await print(stringify([names]));
    const cast = { string: guarded, bigint: String, boolean: String, object: (value: object) => toJson(value) };
    for await (const chunk of rows)
      await print(
        stringify(
          chunk.map((row) => names.map((name) => row[name])),
          { cast },
        ),
      );
  },
};
