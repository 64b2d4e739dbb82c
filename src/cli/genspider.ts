import { relative } from "node:path";
import type { Command } from "commander";
import { newSpider } from "../app/new-spider.ts";
import { openProject } from "../app/project.ts";
import { note, print } from "./output.ts";

const EXAMPLES = `
Examples:
  arachne genspider quotes_spider https://quotes.toscrape.com/
  arachne crawl quotes_spider

The file is yours to change: docs/spiders.md shows how.`;

export default function (command: Command): void {
  command
    .argument("<name>", "snake_case; becomes crawlers/<name>.ts")
    .argument("<url>", "where it starts")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(name: string, url: string): Promise<void> {
  const file = relative(process.cwd(), newSpider(await openProject(process.cwd()), name, url));
  await print(`${file}\n`);
  note(`Try its selectors:  arachne shell ${url}\nRun it:             arachne crawl ${name}`);
}
