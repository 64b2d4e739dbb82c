import type { Command } from "commander";
import { once } from "node:events";
import { createLagReader } from "../app/metrics-lag.ts";
import { serveMetrics } from "../app/metrics-serve.ts";
import { metricsText } from "../app/metrics-text.ts";
import { SettingsError } from "../core/errors.ts";
import { createInterrupt } from "./interrupt.ts";
import { print } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";

interface Options {
  set?: string[];
  serve?: boolean;
}

const EXAMPLES = `
Examples:
  arachne metrics                                 once, as text
  arachne metrics | grep lag
  arachne metrics --serve -s METRICS_PORT=9464    until Ctrl-C

A crawl, a stream, the scheduler and the manager serve them too where
METRICS_PORT is set: one process is enough, it tells of all.`;

export default function (command: Command): void {
  addSetOption(command)
    .option("--serve", "stay, and answer at http://127.0.0.1:METRICS_PORT/metrics")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { project, settings, log, now } = await openSession(options);
  if (options.serve !== true) {
    const lags = createLagReader({ project, settings, log, now, patienceMs: settings.HEALTH_TIMEOUT_SECONDS * 1000 });
    const { text } = await metricsText({ settings, now, lags });
    await print(text);
    return leave();
  }
  const port = settings.METRICS_PORT;
  if (port === undefined)
    throw new SettingsError("no_metrics_port", "metrics: --serve needs a port: set METRICS_PORT, as -s METRICS_PORT=9464");
  const interrupt = createInterrupt(log);
  try {
    await using server = await serveMetrics({ port, project, settings, log, now });
    log.info(`metrics: ${server.url}`);
    await once(interrupt.signal, "abort");
  } finally {
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode = code;
    interrupt.dispose();
  }
}

/** A service that hangs may hold a connection open for half a minute yet. */
function leave(): void {
  setTimeout(() => process.exit(), 200).unref();
}
