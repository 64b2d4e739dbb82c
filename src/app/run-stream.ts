import type { Context } from "../core/context.ts";
import type { PipelineContext } from "../core/pipeline.ts";
import { remainderOf } from "../core/stream-ledger.ts";
import { checkStream, placesOf } from "../core/stream.ts";
import type { Topic } from "../core/topic.ts";
import { openDeadLetters } from "./dead-letters.ts";
import type { Project } from "./project.ts";
import { statusOf, type Lane, type LaneStatus } from "./stream-lane.ts";
import { createReader } from "./stream-reader.ts";
import { persistently, sinkBreaker, Stopped } from "./stream-retry.ts";
import { sinkLanes } from "./stream-sink-lanes.ts";
import { windowLanes } from "./stream-window-lanes.ts";
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

export type { LaneStatus };

export interface StreamRun {
  readonly topic: string;
  readonly lanes: readonly LaneStatus[];
  /** What the ledger does not account for: must be empty. */
  readonly remainder: readonly string[];
  readonly elapsedMs: number;
}

/**
 * Runs a stream until its signal is aborted, or until it has read what is there. Each sink reads the topic by itself; what has been
 * committed when it stops, or dies, is done, and the next run goes on behind it.
 * @throws what stopped a sink for good; the others have ended their batches then
 */
export async function runStream(request: StreamRequest): Promise<StreamRun> {
  const { project, stream: name, log, now, settings, untilEnd = false, fresh = false } = request;
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
  const topic = await openAtLast(name, topicName, base);
  if (topic === undefined) return { topic: topicName, lanes: [], remainder: [], elapsedMs: performance.now() - started };
  const letters = openDeadLetters(topicName, name, base);
  const opened: typeof stages = [];
  let lanes: readonly Lane[] = [];
  try {
    for (const stage of stages) {
      await stage[1].open?.(context);
      opened.push(stage);
    }
    const reader = createReader(name, stream, stages, context);
    const options = { name, stream, group, topic, reader, letters, untilEnd };
    const sinkContext = { ...base, root: project.root };
    lanes =
      stream.window === undefined
        ? sinkLanes(options, sinkContext)
        : windowLanes({ ...options, window: stream.window, fresh }, sinkContext);
    const status = (): LaneStatus[] => lanes.map(statusOf);
    request.onStart?.(status);
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
    const done = status();
    return {
      topic: topicName,
      lanes: done,
      remainder: done.filter(({ ledger }) => remainderOf(ledger) !== 0).map((l) => `${l.name}: ${remainderOf(l.ledger)}`),
      elapsedMs: performance.now() - started,
    };
  } finally {
    fatal.abort();
    for (const lane of lanes) lane.close?.();
    for (const [, stage] of opened.reverse()) await stage.close?.(context);
    await letters[Symbol.asyncDispose]();
    await topic.close();
  }
}

/** However long that takes; undefined: the run was stopped first. */
async function openAtLast(stream: string, name: string, c: Context): Promise<Topic | undefined> {
  try {
    return await persistently(`${stream}: topic ${name}`, sinkBreaker(stream, c), c, () => openTopic(name, c));
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}
