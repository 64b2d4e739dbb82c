import type { Command } from "commander";
import { loadChain } from "../app/crawl.ts";
import { openPage } from "../app/open-page.ts";
import { parsePage, type ParsedPage } from "../app/parse-page.ts";
import { openTransforms } from "../app/transform-items.ts";
import type { Transformed } from "../core/chain.ts";
import type { PipelineContext } from "../core/pipeline.ts";
import type { SpiderContext } from "../core/spider.ts";
import { createInterrupt } from "./interrupt.ts";
import { note, print } from "./output.ts";
import { addSetOption, collect, openSession } from "./session.ts";
import { parseArgs } from "./spider-args.ts";
import { count } from "./terminal.ts";

interface Options {
  spider: string;
  callback: string;
  url?: string;
  pipelines?: boolean;
  browser?: boolean;
  arg?: string[];
  set?: string[];
}

const EXAMPLES = `
Examples:
  arachne parse demo --spider bds_spider
  arachne parse saved.html --spider bds_spider
  arachne parse saved.html --spider bds_spider --url https://example.com/p1
  arachne parse https://example.com/p1 --spider bds_spider --pipelines

Items go to standard output, one JSON object a line. Of an index page they are
what its cards say (partial); a crawl would follow them and complete each.
A saved page's URL is read from its canonical link where --url is not given.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("<page>", "http(s) URL, demo, demo:/path or a saved page")
    .requiredOption("--spider <spider>", "whose callback reads the page")
    .option("--callback <name>", "which one", "parse")
    .option("--url <url>", "where a saved page is from")
    .option("--pipelines", "run the transforms and the schema's check on the items")
    .option("-a, --arg <name=value>", "argument for the spider (repeatable)", collect)
    .option("--browser", "render the page with Chromium")
    .option("--no-browser", "plain HTTP, whatever the spider says")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(target: string, options: Options): Promise<void> {
  const session = await openSession(options);
  const { project, settings, log, now } = session;
  const spider = session.spider!;
  const interrupt = createInterrupt(log);
  try {
    const { signal } = interrupt;
    const page = await openPage(target, { ...session, signal, browser: options.browser, url: options.url });
    const context: SpiderContext & PipelineContext = {
      log,
      now,
      signal,
      settings,
      args: parseArgs(options.arg ?? []),
      spider: options.spider,
      item: spider.item,
      crawl: { id: 0, startedAt: now() },
      origin: new URL(page.url).host,
    };
    const parsed = await parsePage(spider, page, options.callback, context);
    if (options.pipelines !== true) await printItems(parsed.items);
    else {
      const { transforms } = await loadChain(project, settings);
      const transformer = await openTransforms(transforms, spider.item, context, true);
      try {
        await printTransformed(await transformer.apply(parsed.items));
      } finally {
        await transformer.close();
      }
    }
    noteFollows(parsed);
  } finally {
    interrupt.dispose();
  }
}

async function printItems(items: readonly object[]): Promise<void> {
  for (const item of items) await print(`${JSON.stringify(item)}\n`);
}

async function printTransformed({ items, dropped }: Transformed): Promise<void> {
  await printItems(items);
  for (const { reason, detail, item } of dropped)
    note(`dropped: ${reason}${detail === undefined ? "" : ` (${detail})`}: ${JSON.stringify(item)}`);
  if (dropped.length > 0) note(`${count(items.length)} items cleaned, ${count(dropped.length)} dropped`);
}

function noteFollows({ items, follows }: ParsedPage): void {
  const entries = Object.entries(follows);
  const total = entries.reduce((sum, [, n]) => sum + n, 0);
  if (total > 0)
    note(
      `${count(items.length)} items; a crawl would follow ${count(total)} links (${entries.map(([name, n]) => `${name} ${count(n)}`).join(", ")})`,
    );
}
