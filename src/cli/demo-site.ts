import { once } from "node:events";
import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import { findDemo } from "../app/demo.ts";
import { createInterrupt } from "./interrupt.ts";
import { note, print } from "./output.ts";
import { openSession } from "./session.ts";

const EXAMPLES = `
Examples:
  arachne demo-site
  arachne demo-site bds_spider --port 8123

Spiders, fetch, parse and shell need no running site: they start it themselves.`;

export default function (command: Command): void {
  command
    .argument("[spider]", "whose demo site; not needed where only one spider has one")
    .option("--port <port>", "port on 127.0.0.1; default: a free one", toPort)
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function toPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new InvalidArgumentError("a port is a number from 1 to 65535.");
  return port;
}

async function run(spiderName: string | undefined, { port }: { port?: number }): Promise<void> {
  const { project, log } = await openSession({});
  const { name, demo } = await findDemo(project, spiderName);
  const interrupt = createInterrupt(log);
  const site = await demo.serve(port === undefined ? {} : { port });
  try {
    note(`demo site of ${name}, to spiders http://${demo.host}${demo.start}; Ctrl-C stops it`);
    await print(`http://127.0.0.1:${site.port}${demo.start}\n`);
    if (!interrupt.signal.aborted) await once(interrupt.signal, "abort");
  } finally {
    await site.close();
    interrupt.dispose();
  }
  // Ctrl-C is how this command is meant to end.
  process.exitCode = 0;
}
