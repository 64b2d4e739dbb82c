import type { Context } from "../core/context.ts";
import { describeError, RejectedError } from "../core/errors.ts";
import type { Breaker } from "../core/stream-breaker.ts";
import type { Refusal, SinkWriter, StreamEntry, Written } from "../core/stream.ts";
import { persistently } from "./stream-retry.ts";

export interface WriteOptions {
  name: string;
  breaker: Breaker;
  context: Pick<Context, "signal" | "log">;
}

/** Writes entries however long it takes; where the sink rejects a batch, halves find the one that it rejects. @throws Stopped */
export async function writeEntries(writer: SinkWriter, entries: readonly StreamEntry[], options: WriteOptions): Promise<Written> {
  if (entries.length === 0) return { written: 0, kept: 0, refused: [] };
  const { name, breaker, context } = options;
  const attempt = async (): Promise<Written | RejectedError> => {
    try {
      return await writer.write(entries);
    } catch (error) {
      // The sink answered: it is well, and only the batch is not.
      if (error instanceof RejectedError) return error;
      throw error;
    }
  };
  const outcome = await persistently(name, breaker, context, attempt);
  if (!(outcome instanceof RejectedError)) return outcome;
  if (entries.length === 1) return { written: 0, kept: 0, refused: [{ entry: 0, reason: outcome.code, detail: describeError(outcome) }] };
  const middle = entries.length >> 1;
  const first = await writeEntries(writer, entries.slice(0, middle), options);
  const second = await writeEntries(writer, entries.slice(middle), options);
  return {
    written: first.written + second.written,
    kept: first.kept + second.kept,
    refused: [...first.refused, ...second.refused.map((r): Refusal => ({ ...r, entry: r.entry + middle }))],
  };
}
