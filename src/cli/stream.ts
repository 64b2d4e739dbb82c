import { setFlagsFromString } from "node:v8";
import type { Command } from "commander";
import { observeProcess } from "../app/metrics-observe.ts";
import { streamSamples } from "../app/metrics-stream.ts";
import { runStream, type LaneStatus, type StreamRun } from "../app/run-stream.ts";
import { listStreams } from "../app/stream-list.ts";
import { sumOf, type LaneLedger } from "../core/stream-ledger.ts";
import { createInterrupt } from "./interrupt.ts";
import { note, print, toJson } from "./output.ts";
import { addSetOption, openSession } from "./session.ts";
import { count, duration, paint, table } from "./terminal.ts";

interface Options {
  set?: string[];
  json?: boolean;
  untilEnd?: boolean;
  fresh?: boolean;
}

const EXAMPLES = `
Examples:
  arachne stream run bds_listings                until SIGTERM or Ctrl-C
  arachne stream run bds_listings --until-end    what is there now, then stop
  arachne stream list
  arachne deadletters list                       what was set aside, and why

The next run goes on where this one stopped, or was killed.`;

export default function (command: Command): void {
  command.addHelpText("after", EXAMPLES);
  addSetOption(command.command("run").description("read a topic into the stream's sinks").exitOverride())
    .argument("<stream>", "name of a file in streams/, without .ts")
    .option("--until-end", "stop when what is there has been read")
    .option("--fresh", "of a stream with windows: put its checkpoint aside, and begin where the topic begins")
    .option("--json", "print the ledger as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(run);
  addSetOption(command.command("list").description("the streams of this project").exitOverride())
    .option("--json", "a list of streams, with what each has yet to read")
    .action(list);
}

/**
 * V8 lets a heap grow to four times what is in use before it looks for garbage. A stream's batches are that garbage: at three times a process takes
 * 60 MB less, for about no time; at twice another 40 MB, for a tenth of its time.
 */
const HEAP_GROWTH = "--heap-growing-percent=200";

/** Between two log lines about how it goes. */
const PROGRESS_MS = 30_000;

async function run(stream: string, options: Options): Promise<void> {
  setFlagsFromString(HEAP_GROWTH);
  const { project, settings, log, now } = await openSession(options);
  await project.load("streams", stream); // before anybody is told of it
  const interrupt = createInterrupt(log);
  let lanes = (): readonly LaneStatus[] => [];
  const samples = streamSamples(stream);
  await using _observed = observeProcess({
    kind: "stream",
    name: stream,
    project,
    settings,
    log,
    now,
    samples: () => samples(lanes()),
    details: () => ({ lanes: lanes() }),
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const result = await runStream({
      project,
      stream,
      settings,
      log,
      now,
      signal: interrupt.signal,
      untilEnd: options.untilEnd === true,
      fresh: options.fresh === true,
      onStart(status) {
        lanes = status;
        timer = setInterval(() => status().forEach((lane) => log.info(progress(lane))), PROGRESS_MS);
      },
    });
    await print(`${options.json === true ? toJson({ stream, ...result }) : report(stream, result)}\n`);
    if (result.remainder.length > 0) process.exitCode = 1;
  } finally {
    clearInterval(timer);
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode ??= code;
    interrupt.dispose();
  }
}

function progress({ name, ledger: l, breaker }: LaneStatus): string {
  const done = `${count(l.read)} read, ${count(l.written + l.folded)} written, ${count(sumOf(l.dead))} dead`;
  return `${name}: ${done}${breaker === "closed" ? "" : `, breaker ${breaker}`}`;
}

function report(stream: string, { topic, lanes, remainder, elapsedMs }: StreamRun): string {
  return [
    `${stream}: ${topic}, ${duration(elapsedMs)}`,
    ...lanes.map((lane) => `\n${table([lane.name, "count"], ledgerRows(lane.ledger))}${troubles(lane)}`),
    "",
    remainder.length === 0
      ? "the ledger closes: nothing is unaccounted for"
      : paint.red(`THE LEDGER DOES NOT CLOSE: ${remainder.join("; ")}`),
  ].join("\n");
}

function ledgerRows({ read, folded, written, kept, dropped, dead }: LaneLedger): [string, number][] {
  const reasons = (counts: Readonly<Record<string, number>>): [string, number][] =>
    Object.entries(counts).map(([reason, n]) => [`  ${reason}`, n]);
  return [
    ["read", read],
    ...(folded > 0 ? [["into windows", folded] as [string, number]] : []),
    ["written", written],
    ["kept (nothing newer)", kept],
    ["dropped", sumOf(dropped)],
    ...reasons(dropped),
    ["dead letters", sumOf(dead)],
    ...reasons(dead),
  ];
}

function troubles({ opened, failed }: LaneStatus): string {
  if (failed === 0) return "";
  return `\n${count(failed)} ${failed === 1 ? "try" : "tries"} failed and were repeated; the breaker opened ${count(opened)} times`;
}

async function list(_: Options, command: Command): Promise<void> {
  const options = command.optsWithGlobals<Options>();
  const { project, settings, log, now } = await openSession(options);
  const { streams, broken } = await listStreams(project, { settings, log, now, signal: new AbortController().signal });
  if (options.json === true) await print(`${toJson(streams, 2)}\n`);
  else if (streams.length === 0) await print("No streams.\n");
  else
    await print(
      `${table(
        ["stream", "topic", "sink", "to read", "description"],
        streams.flatMap((s) =>
          s.groups.map(({ sink, lag }, i) => [i === 0 ? s.name : "", i === 0 ? s.topic : "", sink, lag, i === 0 ? s.description : ""]),
        ),
      )}\n`,
    );
  for (const { name, error } of broken) note(`${paint.red("error")} ${name}: ${error}`);
  if (broken.length > 0) process.exitCode = 1;
}
