import { resolve } from "node:path";
import type { Command } from "commander";
import { replayToDeliveries, type DeliverResult } from "../app/replay-deliver.ts";
import { planReplay } from "../app/replay-plan.ts";
import { refuseDeliveries, replayToLines, type LineWriter, type ReplayCounts, type ReplayRequest } from "../app/replay.ts";
import { compileRowMap } from "../app/row-map.ts";
import { openWhole } from "../storage/whole-stream.ts";
import { createInterrupt, type Interrupt } from "./interrupt.ts";
import { note, print } from "./output.ts";
import { collect, openSession, type Session } from "./session.ts";
import { count } from "./terminal.ts";

interface Options {
  spider?: string;
  item?: string;
  to?: string;
  map?: string[];
  set?: string[];
  header: boolean;
  out?: string;
  rejected?: string;
  fresh?: boolean;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  arachne replay old.jsonl              through the whole chain, deliveries too
  arachne replay old.csv --to clean     cleaned items on standard output
  arachne replay old.csv --to clean --set source=alonhadat.com.vn \\
      --map link=url --map price="{Giá} {Đơn vị}" --map title="Nhà {#}" \\
      --out clean.jsonl --rejected bad.jsonl

Files: .json, .jsonl, .csv or .parquet. A row's columns become the item's fields
of the same names; --map gives a field another column, or a template of text and
columns in braces ({#} is the row's number; details.price reaches into nested
data). Of several --map for one field the first that gives a value counts.
A replay that delivers is as safe as a crawl: after a crash the same command
goes on where it was.`;

export default function (command: Command): void {
  command
    .argument("<file...>", "files of items")
    .option("--spider <spider>", "with this spider's item and settings")
    .option("--item <name>", "the item by name, as `arachne list` shows it")
    .option("--to <pipeline>", "the last item pipeline to run; default: all of them")
    .option("--map <field=column>", "column or template for a field (repeatable)", collect)
    .option("-s, --set <name=value>", "a field's value in every row; UPPER_CASE: a setting (repeatable)", collect)
    .option("--no-header", "CSV files begin with a row: their columns are 1, 2, …")
    .option("--out <file>", "hand the items back as JSON lines, deliver nothing; -: standard output")
    .option("--rejected <file>", "dropped items as JSON lines, with their reasons")
    .option("--fresh", "forget a replay that was left unfinished")
    .option("--json", "the counts as one JSON object in place of the summary")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

const SETTING = /^[A-Z][A-Z0-9_]*=/;

async function run(files: string[], options: Options): Promise<void> {
  const { map: maps = [], set: sets = [], header } = options;
  const session = await openSession({ spider: options.spider, set: sets.filter((text) => SETTING.test(text)) });
  const map = compileRowMap(
    maps,
    sets.filter((text) => !SETTING.test(text)),
    header,
  );
  const plan = await planReplay({ ...session, item: options.item, to: options.to });
  if (options.out !== undefined && options.to !== undefined) refuseDeliveries(plan);
  const interrupt = createInterrupt(session.log);
  const request: ReplayRequest = {
    plan,
    files,
    map,
    settings: session.settings,
    log: session.log,
    signal: interrupt.signal,
    now: session.now,
  };
  const handBack = options.out !== undefined || plan.deliveries.length === 0;
  const rejected = openLines(options.rejected);
  const out = handBack ? openLines(options.out ?? "-") : undefined;
  try {
    const result =
      out === undefined
        ? await deliver(request, options, session, rejected?.write)
        : await replayToLines(request, { items: out.write, rejected: rejected?.write });
    if (interrupt.signal.aborted)
      return note(
        out === undefined ? `stopped after ${count(result.read)} rows; the same command goes on` : "stopped; nothing was written",
      );
    out?.commit();
    rejected?.commit();
    if (options.json !== true) note(summary(result));
    else if (out === undefined) await print(`${JSON.stringify(result)}\n`);
    else note(JSON.stringify(result));
    if (sum(result.dropped) + result.kept !== result.read) throw new Error(`replay: the counts do not add up: ${JSON.stringify(result)}`);
  } finally {
    out?.abort();
    rejected?.abort();
    finish(interrupt);
  }
}

function deliver(request: ReplayRequest, options: Options, { project }: Session, rejected: LineWriter | undefined): Promise<DeliverResult> {
  const asked = {
    files: request.files.map((file) => resolve(file)).join(" "),
    map: (options.map ?? []).map((text) => `--map ${text}`).join(" "),
    set: (options.set ?? []).map((text) => `--set ${text}`).join(" "),
    to: options.to === undefined ? "" : `--to ${options.to}`,
    ...(options.header ? {} : { header: "--no-header" }),
  };
  return replayToDeliveries({ ...request, project, asked, fresh: options.fresh === true, rejected });
}

/** Standard output for "-"; a file appears when all of it is there. */
function openLines(target: string | undefined): { write: LineWriter; commit(): void; abort(): void } | undefined {
  if (target === undefined) return undefined;
  return target === "-" ? { write: print, commit() {}, abort() {} } : openWhole(target);
}

function summary(result: ReplayCounts | DeliverResult): string {
  const { read, kept, dropped } = result;
  const reasons = Object.entries(dropped)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, n]) => `  ${count(n).padStart(10)}  ${reason}`);
  const delivered = "delivered" in result ? Object.entries(result.delivered).map(([name, n]) => `${count(n)} to ${name}`) : [];
  return [
    `${count(read)} read = ${count(kept)} cleaned + ${count(sum(dropped))} dropped`,
    ...reasons,
    ...(delivered.length > 0 ? [`delivered: ${delivered.join(", ")}`] : []),
  ].join("\n");
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

function finish(interrupt: Interrupt): void {
  const code = interrupt.exitCode();
  if (code !== undefined) process.exitCode = code;
  interrupt.dispose();
}
