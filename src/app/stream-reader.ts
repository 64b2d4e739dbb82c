import type { PipelineContext } from "../core/pipeline.ts";
import { Drop } from "../core/pipeline.ts";
import { isAddressed } from "../core/stream-dead.ts";
import { decoder, Poison } from "../core/stream-decode.ts";
import { countIn, newTally, type Tally } from "../core/stream-ledger.ts";
import { runStages, type Stages } from "../core/stream-stages.ts";
import type { Stream, StreamEntry } from "../core/stream.ts";
import type { StoredMessage } from "../core/topic.ts";
import type { SetAside } from "./dead-letters.ts";

/** Messages that passed decoding, validation and stages, in order; the others are counted or set aside. */
export interface Passed {
  entries: StreamEntry[];
  /** Of the entries, in the same order. */
  messages: StoredMessage[];
  aside: SetAside[];
  tally: Tally;
}

export interface Reader {
  read(messages: readonly StoredMessage[], sink: string | undefined): Promise<Passed>;
}

const NO_HEADERS = {};

/** Decode, validate, stages: alike for every sink. */
export function createReader(name: string, stream: Stream, stages: Stages, c: PipelineContext): Reader {
  const decode = decoder(stream.item, c.settings.STREAM_MAX_MESSAGE_BYTES);
  return {
    async read(messages, sink) {
      const tally = newTally(messages.length);
      const aside: SetAside[] = [];
      const setAside = (message: StoredMessage, poison: Poison): void => {
        aside.push({ message, poison });
        countIn(tally.dead, poison.reason);
      };
      const items: object[] = [];
      const from: StoredMessage[] = [];
      for (const message of messages) {
        if (!isAddressed(message, name, sink)) {
          countIn(tally.dropped, "replayed to another");
          continue;
        }
        const item = decode(message);
        if (item instanceof Poison) setAside(message, item);
        else {
          items.push(item);
          from.push(message);
        }
      }
      const entries: StreamEntry[] = [];
      const passed: StoredMessage[] = [];
      const results = stages.length === 0 ? items : await runStages(stages, items, c);
      results.forEach((result, i) => {
        const message = from[i]!;
        if (result instanceof Drop) countIn(tally.dropped, result.reason);
        else if (result instanceof Poison) setAside(message, result);
        else {
          const { partition = 0, offset, timestamp, headers = NO_HEADERS } = message;
          entries.push({ item: result, headers, partition, offset, time: timestamp });
          passed.push(message);
        }
      });
      return { entries, messages: passed, aside, tally };
    },
  };
}
