import type { Context } from "../core/context.ts";
import type { Breaker } from "../core/stream-breaker.ts";
import { TransientError } from "../core/errors.ts";
import { addTally, type Tally } from "../core/stream-ledger.ts";
import type { Stream } from "../core/stream.ts";
import type { ConsumeOptions, StoredMessage, Topic } from "../core/topic.ts";
import { failpoint } from "../storage/failpoint.ts";
import { microBatches, type BatchBounds } from "./stream-batches.ts";
import { persistently, Stopped } from "./stream-retry.ts";

export interface ConsumeLoop {
  /** For messages: `stream.sink`. */
  name: string;
  topic: Topic;
  group: string;
  from: NonNullable<Stream["from"]>;
  bounds: BatchBounds;
  /** Stop when what is there at the start has been read. */
  untilEnd: boolean;
  /** See `ConsumeOptions`. */
  resume?: ConsumeOptions["resume"];
  resumeTime?: ConsumeOptions["resumeTime"];
  breaker: Breaker;
  context: Pick<Context, "signal" | "log">;
  /** Makes a batch durable; after that it is committed and counted. @param check see `MessageBatch.check` */
  handle(messages: readonly StoredMessage[], check: () => Promise<void>): Promise<Tally>;
  /** The run's counts. */
  total: Tally;
}

const POLL_MS = 200;

/**
 * Reads a topic in micro-batches until the signal, or its end. Every message is handled before its batch is committed; where the topic
 * itself fails for a while, it is begun again at what was committed. True: nothing was left in the end.
 */
export async function consumeLoop(loop: ConsumeLoop): Promise<boolean> {
  const { name, breaker, context } = loop;
  try {
    return await persistently(`${name}: topic`, breaker, context, () => consumeOnce(loop));
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  }
}

async function consumeOnce(loop: ConsumeLoop): Promise<boolean> {
  const { name, topic, group, from, bounds, resume, resumeTime, context, total } = loop;
  const ended = new AbortController();
  const { signal } = ended;
  let inHand = false;
  let enough = false;
  /** What is in hand is still committed: a consumer that is told to end has left its group by then. */
  const end = (): void => {
    enough = true;
    if (!inHand) ended.abort();
  };
  let nothingLeft = false;
  let failure: unknown;
  const watched = (loop.untilEnd ? watchEnd(loop, ended.signal) : Promise.resolve("stopped" as const))
    .then((why) => {
      nothingLeft = why === "nothing left";
      if (why !== "stopped") end();
    })
    .catch((error: unknown) => {
      failure = error;
      ended.abort();
    });
  const consumer = topic.consume({
    group,
    from,
    maxMessages: bounds.messages,
    maxBytes: bounds.bytes,
    ...(resume === undefined ? {} : { resume }),
    ...(resumeTime === undefined ? {} : { resumeTime }),
    signal,
  });
  context.signal.addEventListener("abort", end, { once: true });
  if (context.signal.aborted) end();
  try {
    for await (const batch of microBatches(consumer, bounds)) {
      if (signal.aborted) break;
      inHand = true;
      try {
        const tally = await loop.handle(batch.messages, () => batch.check());
        failpoint("stream_before_commit");
        await batch.commit();
        failpoint("stream_after_commit");
        addTally(total, tally);
      } catch (error) {
        if (!isLost(error)) {
          ended.abort(); // before the consumer is left: else it would wait for its next message first
          throw error;
        }
        context.log.warn(`${name}: another process has taken over: ${batch.messages.length} messages go to it again`);
      }
      inHand = false;
      if (enough) ended.abort();
    }
  } finally {
    context.signal.removeEventListener("abort", end);
    ended.abort();
    await watched;
  }
  if (failure !== undefined) throw failure;
  return nothingLeft;
}

function isLost(error: unknown): boolean {
  return error instanceof TransientError && error.code === "lease_lost";
}

/** Waits until the group has nothing left, or as much was read as there was at the start: of a topic that others write all the time. */
async function watchEnd(
  { topic, group, total, context }: ConsumeLoop,
  ended: AbortSignal,
): Promise<"nothing left" | "read enough" | "stopped"> {
  const lag = (): Promise<number | undefined> =>
    topic.lag(group).catch((error: unknown) => {
      if (error instanceof TransientError) return undefined; // asked again soon
      throw error;
    });
  const before = total.read;
  let there: number | undefined;
  while (!ended.aborted && !context.signal.aborted) {
    const enough = there !== undefined && total.read - before >= there;
    const left = await lag();
    if (left === 0) return "nothing left";
    if (enough) return "read enough";
    there ??= left;
    await new Promise((next) => setTimeout(next, POLL_MS));
  }
  return "stopped";
}
