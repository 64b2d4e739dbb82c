import { resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { defaultReconciliation } from "../app/reconcile-name.ts";
import { reconcile, type Reconciled } from "../app/reconcile.ts";
import type { Difference } from "../core/reconcile.ts";
import { openWhole } from "../storage/whole-stream.ts";
import { createInterrupt } from "./interrupt.ts";
import { print, toJson } from "./output.ts";
import { reconcileReport } from "./reconcile-report.ts";
import { addSetOption, openSession } from "./session.ts";
import { createStatusLine } from "./terminal.ts";

interface Options {
  set?: string[];
  json?: boolean;
  output?: string;
  published?: boolean;
  wait: number;
  limit: number;
}

const EXAMPLES = `
Examples:
  arachne reconcile bds
  arachne reconcile bds --published              against what is published
  arachne reconcile bds --output differences.jsonl
  arachne reconcile bds --json | jq '.differences[].key'

Builds what the batch makes of the batch files, without publishing it, and
holds every document that is served against it, then the statistics of both.
Nothing is written to the store. Run it when no crawl is under way: what is
served at once stands in a batch file only later.
Exit codes: 0 no difference, 1 differences or failed, 2 wrong usage.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("[name]", "name of a file in reconcile/, without .ts")
    .option("--published", "compare with what is published, not with one built anew")
    .option("--wait <seconds>", "how long to wait for the stream, and for jobs", wholeNumber, 30)
    .option("--limit <n>", "how many differences are listed", wholeNumber, 20)
    .option("--output <file>", "all differences into a file, one JSON object a line")
    .option("--json", "counts and all differences as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (text === "" || !Number.isInteger(number) || number < 0) throw new InvalidArgumentError("it is a whole number from 0.");
  return number;
}

async function run(given: string | undefined, options: Options): Promise<void> {
  const { json = false, output, published = false, wait, limit, set } = options;
  const status = createStatusLine(process.stderr);
  const write = (line: string): void => {
    status.clear();
    process.stderr.write(`${line}\n`);
  };
  const { project, settings, log, now } = await openSession({ set, write });
  const name = given ?? defaultReconciliation(project);
  const interrupt = createInterrupt(log);
  const { signal } = interrupt;
  const file = output === undefined ? undefined : openWhole(resolve(output));
  const shown = json ? jsonOutput(name) : textOutput(name, limit);
  try {
    const done = await reconcile({
      project,
      name,
      settings,
      log,
      now,
      signal,
      published,
      waitSeconds: wait,
      onProgress: (what) => status.draw(what),
      async onDifference(difference) {
        file?.write(`${toJson(difference)}\n`);
        await shown.take(difference);
      },
    });
    status.clear();
    file?.commit();
    await shown.end(done);
    if (done.differences > 0) process.exitCode = 1;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    status.clear();
    file?.abort();
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode = code;
    interrupt.dispose();
  }
}

interface Shown {
  take(difference: Difference): void | Promise<void>;
  end(done: Reconciled): Promise<void>;
}

/** All differences, of which there may be more than memory holds: they are printed as they are found. */
function jsonOutput(name: string): Shown {
  let before = `{"name":${toJson(name)},"differences":[`;
  return {
    async take(difference) {
      await print(`${before}${toJson(difference)}`);
      before = ",\n";
    },
    async end({ differences, ...done }) {
      const none = before === ",\n" ? "" : before;
      await print(`${none}],${toJson({ differing: differences, ...done }).slice(1)}\n`);
    },
  };
}

function textOutput(name: string, limit: number): Shown {
  const first: Difference[] = [];
  return {
    take: (difference) => void (first.length < limit && first.push(difference)),
    end: (done) => print(reconcileReport(name, done, first, limit)),
  };
}
