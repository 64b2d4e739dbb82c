import { Command, CommanderError } from "commander";
import { describeError, ArachneError } from "../core/errors.ts";
import { endWithReader } from "./output.ts";
import { paint } from "./terminal.ts";
import { stopWithSupervisor } from "./up-child.ts";

/** One file a command; loaded only when it is the one that runs, so that `arachne list` does not wait for the engines. */
const COMMANDS: Record<string, { summary: string; load: () => Promise<{ default: (command: Command) => void }> }> = {
  crawl: { summary: "run a spider", load: () => import("./crawl.ts") },
  list: { summary: "spiders, pipelines, streams and jobs of this project", load: () => import("./list.ts") },
  genspider: { summary: "write a new spider's file", load: () => import("./genspider.ts") },
  parse: { summary: "print the items that a spider finds on a page", load: () => import("./parse.ts") },
  fetch: { summary: "download a page as a spider would", load: () => import("./fetch.ts") },
  shell: { summary: "try selectors on a page interactively", load: () => import("./shell.ts") },
  replay: { summary: "send the items of a file through the pipelines", load: () => import("./replay.ts") },
  requeue: { summary: "put failed requests of the last crawl back", load: () => import("./requeue.ts") },
  batch: { summary: "run the batch job", load: () => import("./batch.ts") },
  job: { summary: "run a job, for a date", load: () => import("./job.ts") },
  jobs: { summary: "jobs with their next and last runs; the history of runs", load: () => import("./jobs.ts") },
  backfill: { summary: "run a job for each day of a period", load: () => import("./backfill.ts") },
  scheduler: { summary: "start jobs when they are due", load: () => import("./scheduler.ts") },
  verify: { summary: "hold what a job would publish against what is published", load: () => import("./verify.ts") },
  rollback: { summary: "what is published; go back to the version before", load: () => import("./rollback.ts") },
  stream: { summary: "run a stream: from a topic into its sinks", load: () => import("./stream.ts") },
  deadletters: { summary: "what streams set aside: list, show, replay", load: () => import("./deadletters.ts") },
  reconcile: { summary: "hold what is served against what the batch makes of it", load: () => import("./reconcile.ts") },
  health: { summary: "services, lag, jobs, processes: what is well and what to do", load: () => import("./health.ts") },
  metrics: { summary: "what the project measures, for Prometheus", load: () => import("./metrics.ts") },
  up: { summary: "run streams, the scheduler, crawls: supervised", load: () => import("./up.ts") },
  down: { summary: "stop what `up` has started", load: () => import("./down.ts") },
  restart: { summary: "end what `up` has started, and start it again", load: () => import("./restart.ts") },
  status: { summary: "what `up` has started, and how it is", load: () => import("./status.ts") },
  logs: { summary: "what it says; -f follows", load: () => import("./logs.ts") },
  menu: { summary: "all of this from a menu", load: () => import("./menu.ts") },
  query: { summary: "SQL over batch files, results and stores", load: () => import("./query.ts") },
  settings: { summary: "every setting, its value and where it came from", load: () => import("./settings.ts") },
  "demo-site": { summary: "serve a spider's demo site", load: () => import("./demo-site.ts") },
};

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage or settings (nothing was started),
130 or 143 stopped by SIGINT or SIGTERM.`;

async function main(args: readonly string[]): Promise<void> {
  const program = new Command("arachne")
    .description("Scrapy for TypeScript: spiders, item pipelines, batch jobs and streams on one schema.")
    .version("0.1.0")
    .exitOverride()
    .addHelpText("after", EXIT_CODES);
  const wanted = args.find((a) => !a.startsWith("-")) === "help" ? args[1] : args.find((a) => !a.startsWith("-"));
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).summary(summary).description(summary).exitOverride();
    if (name === wanted) (await load()).default(command);
  }
  await program.parseAsync(args, { from: "user" });
}

endWithReader();
stopWithSupervisor();
try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`${paint.red("error")} ${describeError(error)}\n`);
    if (!(error instanceof ArachneError) && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
    process.exitCode = error instanceof ArachneError ? error.exitCode : 1;
  }
}
