import type { Context } from "../core/context.ts";
import { TransientError } from "../core/errors.ts";
import { addTally, type Tally } from "../core/stream-ledger.ts";
import type { Stream } from "../core/stream.ts";
import type { StoredMessage, Topic } from "../core/topic.ts";
import { failpoint } from "../storage/failpoint.ts";
import { microBatches, type BatchBounds } from "./stream-batches.ts";
import { Stopped } from "./stream-retry.ts";

export interface ConsumeLoop {
  /** For messages: `stream.sink`. */
  name: string;
  topic: Topic;
  group: string;
  from: NonNullable<Stream["from"]>;
  bounds: BatchBounds;
  /** Stop when what is there at the start has been read. */
  untilEnd: boolean;
  /** See `ConsumeOptions.resume`. */
  resume?: (partition: number) => number | undefined;
  context: Pick<Context, "signal" | "log">;
  /** Makes a batch durable; after that it is committed and counted. */
  handle(messages: readonly StoredMessage[]): Promise<Tally>;
  /** The run's counts. */
  total: Tally;
}

const POLL_MS = 200;

/** Reads a topic in micro-batches until the signal, or its end. Every message is handled before its batch is committed. */
export async function consumeLoop(loop: ConsumeLoop): Promise<void> {
  const { name, topic, group, from, bounds, resume, context, total } = loop;
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const consumer = topic.consume({
    group,
    from,
    maxMessages: bounds.messages,
    maxBytes: bounds.bytes,
    ...(resume === undefined ? {} : { resume }),
    signal,
  });
  let failure: unknown;
  const end = loop.untilEnd ? watchEnd(loop, ended) : Promise.resolve();
  const watched = end.catch((error: unknown) => {
    failure = error;
    ended.abort();
  });
  try {
    for await (const batch of microBatches(consumer, bounds)) {
      if (signal.aborted) break;
      try {
        const tally = await loop.handle(batch.messages);
        failpoint("stream_before_commit");
        await batch.commit();
        failpoint("stream_after_commit");
        addTally(total, tally);
      } catch (error) {
        if (error instanceof Stopped) break;
        if (!(error instanceof TransientError) || error.code !== "lease_lost") throw error;
        context.log.warn(`${name}: another process has taken over: ${batch.messages.length} messages go to it again`);
      }
    }
  } catch (error) {
    ended.abort(); // before the consumer is left: else it would wait for its next message first
    throw error;
  } finally {
    ended.abort();
    await watched;
  }
  if (failure !== undefined) throw failure;
}

/** Ends the consumer when its group has nothing left, or as much was read as there was at the start. */
async function watchEnd({ topic, group, total, context }: ConsumeLoop, ended: AbortController): Promise<void> {
  const before = total.read;
  const there = await topic.lag(group);
  const poll = async (): Promise<boolean> => total.read - before >= there || (await topic.lag(group)) === 0;
  while (!ended.signal.aborted && !context.signal.aborted) {
    if (await poll()) return ended.abort();
    await new Promise((next) => setTimeout(next, POLL_MS));
  }
}
