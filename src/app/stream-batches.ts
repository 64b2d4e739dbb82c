import { setTimeout as sleep } from "node:timers/promises";
import type { MessageBatch, StoredMessage } from "../core/topic.ts";

export interface MicroBatch {
  readonly messages: readonly StoredMessage[];
  commit(): Promise<void>;
  /** See `MessageBatch.check`. */
  check(): Promise<void>;
}

export interface BatchBounds {
  messages: number;
  bytes: number;
  /** How long the first message may wait for others; 0: not at all. */
  ms: number;
}

/**
 * Gathers what a consumer gives into micro-batches. No more is taken from the consumer than the batch at hand and one more, so a slow
 * reader of these holds the consumer back.
 */
export async function* microBatches(source: AsyncIterable<MessageBatch>, bounds: BatchBounds): AsyncGenerator<MicroBatch> {
  const iterator = source[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<MessageBatch>> | undefined;
  try {
    for (;;) {
      const first = await (next ?? iterator.next());
      next = undefined;
      if (first.done === true) return;
      const batches = [first.value];
      let size = sizeOf(first.value);
      const full = (): boolean => size.messages >= bounds.messages || size.bytes >= bounds.bytes;
      let ended = false;
      if (bounds.ms > 0) {
        const timer = new AbortController();
        const due = sleep(bounds.ms, "due" as const, { signal: timer.signal }).catch(() => "due" as const);
        try {
          while (!full()) {
            next ??= iterator.next();
            const got = await Promise.race([next, due]);
            if (got === "due") break;
            ended = got.done === true;
            if (got.done === true) break;
            const more = sizeOf(got.value);
            const both = { messages: size.messages + more.messages, bytes: size.bytes + more.bytes };
            if (both.messages > bounds.messages || both.bytes > bounds.bytes) break; // it begins the next one
            next = undefined;
            batches.push(got.value);
            size = both;
          }
        } finally {
          timer.abort();
        }
      }
      // What was given to another while it waited here goes through that one; or has come to us a second time, behind the first.
      const ours = batches.filter((batch) => batch.lost?.() !== true);
      if (ours.length > 0)
        yield {
          messages: ours.length === 1 ? ours[0]!.messages : ours.flatMap((batch) => batch.messages),
          async commit() {
            // Also where one fails: others may be of partitions that are still ours.
            const failures: unknown[] = [];
            for (const batch of ours) await batch.commit().catch((error: unknown) => failures.push(error));
            if (failures.length > 0) throw failures[0];
          },
          async check() {
            for (const batch of ours) await batch.check?.();
          },
        };
      if (ended) return;
    }
  } finally {
    // Its own `return` waits for a `next` under way, which the consumer's signal ends.
    void next?.catch(() => undefined);
    await iterator.return?.();
  }
}

function sizeOf({ messages }: MessageBatch): { messages: number; bytes: number } {
  let bytes = 0;
  for (const message of messages) bytes += message.size ?? message.bytes?.byteLength ?? message.value.length;
  return { messages: messages.length, bytes };
}
