import type { PipelineContext } from "../core/pipeline.ts";
import { Drop } from "../core/pipeline.ts";
import { isAddressed } from "../core/stream-dead.ts";
import { decoder, Poison } from "../core/stream-decode.ts";
import { countIn, newTally, type Tally } from "../core/stream-ledger.ts";
import { runStages, type Stages } from "../core/stream-stages.ts";
import type { SinkWriter, Stream, StreamEntry } from "../core/stream.ts";
import type { StoredMessage } from "../core/topic.ts";
import { failpoint } from "../storage/failpoint.ts";
import type { DeadLetters, SetAside } from "./dead-letters.ts";
import { persistently } from "./stream-retry.ts";
import { writeEntries, type WriteOptions } from "./stream-write.ts";

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

export interface SinkLane {
  stream: string;
  sink: string;
  group: string;
  reader: Reader;
  writer: SinkWriter;
  letters: DeadLetters;
  /**
   * This lane sends the dead letters of what came as far as no sink. Every lane meets the same ones, so one does it for all: none is
   * lost, as its group's offset waits for them.
   */
  leads: boolean;
  write: WriteOptions;
}

/** What a micro-batch of messages comes to in one sink: written, and what could not be is dead-lettered. It may then be committed. */
export async function handleBatch(lane: SinkLane, messages: readonly StoredMessage[]): Promise<Tally> {
  const { stream, sink, write } = lane;
  const { entries, messages: passed, aside, tally } = await lane.reader.read(messages, sink);
  failpoint("stream_decoded");
  const { written, kept, refused } = await writeEntries(lane.writer, entries, write);
  failpoint("stream_written");
  tally.written += written;
  tally.kept += kept;
  const letters: SetAside[] = lane.leads ? aside : [];
  for (const { entry, reason, detail } of refused) {
    letters.push({ message: passed[entry]!, poison: new Poison("sink", reason, detail ?? reason), sink });
    countIn(tally.dead, reason);
  }
  if (letters.length > 0) {
    await persistently(`${stream}: dead letters`, write.breaker, write.context, () => lane.letters.send(letters, lane.group));
    write.context.log.warn(`${stream}.${sink}: set aside ${letters.length} of ${messages.length} messages`, {
      first: `${letters[0]!.poison.stage}: ${letters[0]!.poison.reason}: ${letters[0]!.poison.detail}`.slice(0, 300),
    });
  }
  failpoint("stream_dead");
  return tally;
}
