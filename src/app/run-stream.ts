import type { Context } from "../core/context.ts";
import type { PipelineContext } from "../core/pipeline.ts";
import type { Breaker } from "../core/stream-breaker.ts";
import { ledgerOf, newTally, remainderOf, type LaneLedger, type Tally } from "../core/stream-ledger.ts";
import { checkStream, placesOf, type SinkContext, type SinkWriter, type Stream } from "../core/stream.ts";
import type { Topic } from "../core/topic.ts";
import { openDeadLetters, type DeadLetters } from "./dead-letters.ts";
import type { Project } from "./project.ts";
import { boundsOf } from "./stream-bounds.ts";
import { consumeLoop } from "./stream-consume.ts";
import { createReader, handleBatch, type Reader } from "./stream-lane.ts";
import { persistently, sinkBreaker, Stopped } from "./stream-retry.ts";
import { openTopic } from "./topics.ts";

export interface StreamRequest extends Context {
  project: Project;
  /** Name of a file in streams/. */
  stream: string;
  /** Stop when what is there has been read. */
  untilEnd?: boolean;
  /** Of a stream with windows: put its checkpoint aside, and begin where the topic begins. */
  fresh?: boolean;
  /** Called once, when it runs. */
  onStart?: (status: () => readonly LaneStatus[]) => void;
}

/** A consumer group of the stream: a sink's. */
export interface LaneStatus {
  readonly name: string;
  readonly group: string;
  readonly ledger: LaneLedger;
  readonly breaker: Breaker["state"];
  /** Times that its breaker has opened, and tries that failed. */
  readonly opened: number;
  readonly failed: number;
}

export interface StreamRun {
  readonly topic: string;
  readonly lanes: readonly LaneStatus[];
  /** What the ledger does not account for: must be empty. */
  readonly remainder: readonly string[];
  readonly elapsedMs: number;
}

interface Lane {
  name: string;
  group: string;
  total: Tally;
  breaker: Breaker;
  run(): Promise<void>;
}

/**
 * Runs a stream until its signal is aborted, or until it has read what is there. Each sink reads the topic by itself; what has been
 * committed when it stops, or dies, is done, and the next run goes on behind it.
 * @throws what stopped a sink for good; the others have ended their batches then
 */
export async function runStream(request: StreamRequest): Promise<StreamRun> {
  const { project, stream: name, log, now, settings, untilEnd = false } = request;
  const started = performance.now();
  const stream = await project.load("streams", name);
  checkStream(name, stream);
  const { topic: topicName, group } = placesOf(name, stream, request);
  const fatal = new AbortController();
  const signal = AbortSignal.any([request.signal, fatal.signal]);
  const base: Context = { log, now, settings, signal };
  const stages = Object.entries(stream.stages ?? {});
  const context: PipelineContext = {
    ...base,
    spider: name,
    item: stream.item,
    crawl: { id: 0, startedAt: now() },
    origin: `topic ${topicName}`,
  };
  const topic = await openTopic(topicName, base);
  const letters = openDeadLetters(topicName, name, base);
  const opened: typeof stages = [];
  try {
    for (const stage of stages) {
      await stage[1].open?.(context);
      opened.push(stage);
    }
    const reader = createReader(name, stream, stages, context);
    const lanes = Object.keys(stream.into).map((sink, i) =>
      sinkLane({ name, sink, stream, group, topic, reader, letters, untilEnd, leads: i === 0 }, { ...base, root: project.root }),
    );
    request.onStart?.(() => lanes.map(statusOf));
    log.info(`${name}: reading ${topicName} into ${Object.keys(stream.into).join(", ")}`);
    const ends = await Promise.allSettled(
      lanes.map((lane) =>
        lane.run().catch((error: unknown) => {
          fatal.abort();
          throw error;
        }),
      ),
    );
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    const status = lanes.map(statusOf);
    return {
      topic: topicName,
      lanes: status,
      remainder: status.filter(({ ledger }) => remainderOf(ledger) !== 0).map((l) => `${l.name}: ${remainderOf(l.ledger)}`),
      elapsedMs: performance.now() - started,
    };
  } finally {
    fatal.abort();
    for (const [, stage] of opened.reverse()) await stage.close?.(context);
    await letters[Symbol.asyncDispose]();
    await topic.close();
  }
}

function statusOf({ name, group, total, breaker: { state, opened, failed } }: Lane): LaneStatus {
  return { name, group, ledger: ledgerOf(total), breaker: state, opened, failed };
}

interface LaneOptions {
  name: string;
  sink: string;
  stream: Stream;
  group: string;
  topic: Topic;
  reader: Reader;
  letters: DeadLetters;
  untilEnd: boolean;
  leads: boolean;
}

function sinkLane(o: LaneOptions, c: Omit<SinkContext, "stream" | "sink">): Lane {
  const name = `${o.name}.${o.sink}`;
  const group = `${o.group}.${o.sink}`;
  const breaker = sinkBreaker(name, c);
  const total = newTally(0);
  return {
    name,
    group,
    total,
    breaker,
    async run() {
      const writer = await openSink(o, breaker, { ...c, stream: o.name, sink: o.sink });
      if (writer === undefined) return;
      await using _ = writer;
      const lane = {
        stream: o.name,
        sink: o.sink,
        group,
        reader: o.reader,
        writer,
        letters: o.letters,
        leads: o.leads,
        write: { name, breaker, context: c },
      };
      await consumeLoop({
        name,
        topic: o.topic,
        group,
        from: o.stream.from ?? "earliest",
        bounds: boundsOf(o.stream.trigger, c.settings),
        untilEnd: o.untilEnd,
        context: c,
        handle: (messages) => handleBatch(lane, messages),
        total,
      });
    },
  };
}

/** However long that takes; undefined: the run was stopped first. */
async function openSink({ stream, sink }: LaneOptions, breaker: Breaker, c: SinkContext): Promise<SinkWriter | undefined> {
  try {
    return await persistently(`${c.stream}.${sink}`, breaker, c, () => stream.into[sink]!.open(c));
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}
