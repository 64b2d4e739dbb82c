import type { Command } from "commander";
import { requeue } from "../app/requeue.ts";
import { note, print } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { count } from "./terminal.ts";

interface Options {
  failed?: boolean;
  reason?: string;
  set?: string[];
  json?: boolean;
}

const EXAMPLES = `
Examples:
  arachne requeue --failed bds_spider                      all that failed
  arachne requeue --failed bds_spider --reason http_503    as the ledger says it
  arachne crawl bds_spider                                 goes on with them`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("<spider>", "name of a file in crawlers/, without .ts")
    .option("--failed", "the requests that failed: the default")
    .option("--reason <reason>", "only those that failed for this reason")
    .option("--json", "crawl, requeued and left as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(spider: string, options: Options): Promise<void> {
  const { project, settings, now } = await openSession({ spider, set: options.set });
  const result = requeue({ project, spider, settings, reason: options.reason, now });
  const total = sum(result.requeued);
  if (options.json === true) return print(`${JSON.stringify(result)}\n`);
  if (total === 0) return note(`crawl ${result.crawl} of ${spider} has no failed requests: nothing to put back`);
  const left = sum(result.left);
  await print(
    `${count(total)} failed request${total === 1 ? "" : "s"} of crawl ${result.crawl} put back (${reasons(result.requeued)})${left > 0 ? `, ${count(left)} left (${reasons(result.left)})` : ""}\n`,
  );
  note(`Go on with:  arachne crawl ${spider}`);
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([reason, n]) => `${reason} ${count(n)}`)
    .join(", ");
