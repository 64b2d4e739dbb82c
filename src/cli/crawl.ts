import type { Command } from "commander";
import { crawl, type CrawlResult, type CrawlStatus } from "../app/crawl.ts";
import { crawlFeeds } from "../app/crawl-feeds.ts";
import { crawlSamples } from "../app/metrics-crawl.ts";
import { observeProcess } from "../app/metrics-observe.ts";
import { createInterrupt } from "./interrupt.ts";
import { collect, openSession } from "./session.ts";
import { parseArgs } from "./spider-args.ts";
import { count, createStatusLine, duration, table } from "./terminal.ts";

interface Options {
  arg?: string[];
  set?: string[];
  fresh?: boolean;
  json?: boolean;
  output?: string;
  overwriteOutput?: string;
}

const EXAMPLES = `
Examples:
  arachne crawl bds_spider                                the demo site
  arachne crawl bds_spider -s BDS_START_URL=https://batdongsan.com.vn/ban
  arachne crawl bds_spider -s CLOSESPIDER_PAGECOUNT=100   the first pages only
  arachne crawl bds_spider -s BATCH_FILE_FORMAT=parquet
  arachne crawl bds_spider -O listings.csv                in one file as well

An unfinished crawl is resumed; --fresh gives it up and starts over.`;

export default function (command: Command): void {
  command
    .argument("<spider>", "name of a file in crawlers/, without .ts")
    .option("-a, --arg <name=value>", "argument for the spider (repeatable)", collect)
    .option("-s, --set <NAME=VALUE>", "setting for this run (repeatable)", collect)
    .option("-o, --output <file>", "append the items to one file: .json .jsonl .csv .parquet")
    .option("-O, --overwrite-output <file>", "the same, replacing the file")
    .option("--fresh", "forget an unfinished crawl and start over")
    .option("--json", "print the ledger as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(spiderName: string, options: Options): Promise<void> {
  const status = createStatusLine(process.stderr);
  const { project, resolved, settings, log, now } = await openSession({
    spider: spiderName,
    set: options.set,
    write(line) {
      status.clear();
      process.stderr.write(`${line}\n`);
    },
  });
  const extra = crawlFeeds({ append: options.output, overwrite: options.overwriteOutput });
  const interrupt = createInterrupt(log);
  let progress: (() => CrawlStatus) | undefined;
  const samples = crawlSamples();
  await using _observed = observeProcess({
    kind: "crawl",
    name: spiderName,
    project,
    settings,
    log,
    now,
    samples: () => (progress === undefined ? [] : samples(progress())),
    details: () => ({ ...progress?.() }),
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const result = await crawl({
      project,
      spider: spiderName,
      args: parseArgs(options.arg ?? []),
      fresh: options.fresh === true,
      resolved,
      extra,
      log,
      signal: interrupt.signal,
      now,
      onStart(read) {
        progress = read;
        timer = startProgress(
          read,
          (line) => status.draw(line),
          (line) => log.info(line),
        );
      },
    });
    clearInterval(timer);
    status.clear();
    process.stdout.write(options.json === true ? `${JSON.stringify(toJson(spiderName, result))}\n` : `${report(spiderName, result)}\n`);
    process.exitCode = exitCode(result, interrupt.exitCode());
  } finally {
    clearInterval(timer);
    status.clear();
    interrupt.dispose();
  }
}

/** A status line twice a second on a terminal; elsewhere a log line every half minute. */
function startProgress(read: () => CrawlStatus, draw: (line: string) => void, log: (line: string) => void): NodeJS.Timeout {
  const began = performance.now();
  let before = { at: began, pages: read().parsed };
  let ticks = 0;
  return setInterval(() => {
    const s = read();
    const at = performance.now();
    const rate = ((s.parsed - before.pages) / (at - before.at)) * 1000;
    const line = `${count(s.parsed)} pages (${rate.toFixed(0)}/s), ${count(s.stored)} items, ${count(s.pending)} to go, ${count(s.failed)} failed, ${duration(at - began)}`;
    draw(line);
    if (++ticks % 2 === 0) before = { at, pages: s.parsed };
    if (!process.stderr.isTTY && ticks % 60 === 0) log(line);
  }, 500);
}

function exitCode(result: CrawlResult, interrupted: number | undefined): number {
  if (interrupted !== undefined && result.state === "interrupted") return interrupted;
  const { ledger } = result;
  return ledger.remainder.length > 0 || (ledger.parsed === 0 && Object.keys(ledger.failed).length > 0) ? 1 : 0;
}

function toJson(spider: string, { crawl, ledger, state, reason, elapsedMs }: CrawlResult): object {
  return {
    spider,
    crawl: crawl.id,
    startedAt: crawl.startedAt,
    origin: crawl.origin,
    state,
    reason: reason ?? null,
    seconds: elapsedMs / 1000,
    ...ledger,
  };
}

function report(spider: string, { crawl, ledger: l, state, reason, elapsedMs }: CrawlResult): string {
  const failed = Object.values(l.failed).reduce((a, b) => a + b, 0);
  const dropped = Object.values(l.dropped).reduce((a, b) => a + b, 0);
  const rows: [string, number][] = [
    ["pages parsed", l.parsed],
    ...failures("pages failed", failed, l.failed),
    ...(l.pending > 0 ? [["pages not asked yet", l.pending] as [string, number]] : []),
    ["items emitted", l.emitted],
    ...(l.partial > 0 ? [["  of a fallback (partial)", l.partial] as [string, number]] : []),
    ...failures("items dropped", dropped, l.dropped),
    ["items stored", l.stored],
    ...Object.entries(l.delivered).map(([name, n]): [string, number] => [`  ${name}`, n]),
  ];
  const filtered = reasons(l.filtered);
  const head = `${spider}, crawl ${crawl.id} (${crawl.origin}): ${state}${reason === undefined ? "" : ` by ${reason}`} in ${duration(elapsedMs)}`;
  const notes = [
    l.retried > 0 ? `${count(l.retried)} ${l.retried === 1 ? "try was" : "tries were"} repeated` : "",
    l.redirectedToKnown > 0 ? `${count(l.redirectedToKnown)} pages redirected to one already had` : "",
    filtered === "" ? "" : `links not followed: ${filtered}`,
    state === "interrupted" ? "run the same command again to go on" : "",
    l.remainder.length === 0 ? "the ledger closes: nothing is unaccounted for" : `THE LEDGER DOES NOT CLOSE: ${l.remainder.join("; ")}`,
  ].filter((note) => note !== "");
  return [head, "", table(["what", "count"], rows), "", ...notes].join("\n");
}

/** A total and, below it, its reasons. */
function failures(name: string, total: number, byReason: Readonly<Record<string, number>>): [string, number][] {
  return [[name, total], ...Object.entries(byReason).map(([reason, n]): [string, number] => [`  ${reason}`, n])];
}

function reasons(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([reason, n]) => `${reason} ${count(n)}`)
    .join(", ");
}
