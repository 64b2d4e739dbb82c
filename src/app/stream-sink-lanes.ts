import { isForOneSink } from "../core/stream-dead.ts";
import { Poison } from "../core/stream-decode.ts";
import { countIn, newTally, type Tally } from "../core/stream-ledger.ts";
import type { SinkWriter } from "../core/stream.ts";
import type { StoredMessage } from "../core/topic.ts";
import { failpoint } from "../storage/failpoint.ts";
import type { SetAside } from "./dead-letters.ts";
import { boundsOf } from "./stream-bounds.ts";
import { consumeLoop } from "./stream-consume.ts";
import { openSink, setAside, type Lane, type LaneContext, type LaneOptions } from "./stream-lane.ts";
import { sinkBreaker } from "./stream-retry.ts";
import { writeEntries } from "./stream-write.ts";

/**
 * A lane for each sink, with a consumer group of its own. Every lane meets the same poison; the first dead-letters it for all: none is
 * lost, as that lane's group does not move before.
 */
export function sinkLanes(options: LaneOptions, c: LaneContext): Lane[] {
  return Object.keys(options.stream.into).map((sink, i) => sinkLane(options, sink, i === 0, c));
}

function sinkLane(options: LaneOptions, sink: string, leads: boolean, c: LaneContext): Lane {
  const { stream, topic, reader, letters, untilEnd } = options;
  const name = `${options.name}.${sink}`;
  const group = `${options.group}.${sink}`;
  const breaker = sinkBreaker(name, c);
  const total = newTally(0);

  /** What a micro-batch comes to in the sink: written, and what could not be is dead-lettered. It may then be committed. */
  async function handle(messages: readonly StoredMessage[], check: () => Promise<void>, writer: SinkWriter): Promise<Tally> {
    const { entries, messages: passed, aside, tally } = await reader.read(messages, sink);
    failpoint("stream_decoded");
    const { written, kept, refused } = await writeEntries(writer, entries, { name, breaker, context: c });
    failpoint("stream_written");
    tally.written += written;
    tally.kept += kept;
    // What was put back for this sink alone no other lane will set aside, should it be poison by now.
    const own = aside.map((each): SetAside => (isForOneSink(each.message, options.name, sink) ? { ...each, sink } : each));
    const all = leads ? own : own.filter((each) => each.sink !== undefined);
    for (const { entry, reason, detail } of refused) {
      all.push({ message: passed[entry]!, poison: new Poison("sink", reason, detail ?? reason), sink });
      countIn(tally.dead, reason);
    }
    // A sink tells what it has already; the dead letters of two who send them at once would stand there twice.
    await setAside(all, { name, consumer: group, of: messages.length, letters, breaker, context: c, check });
    failpoint("stream_dead");
    return tally;
  }

  return {
    name,
    group,
    total,
    breaker,
    async run() {
      const writer = await openSink(options, sink, breaker, c);
      if (writer === undefined) return;
      await using _ = writer;
      const bounds = boundsOf(stream.trigger, c.settings);
      const from = stream.from ?? "earliest";
      await consumeLoop({
        name,
        topic,
        group,
        from,
        bounds,
        untilEnd,
        resume(partition) {
          letters.begin(group, partition);
          return undefined; // the group's own offset
        },
        breaker,
        context: c,
        handle: (messages, check) => handle(messages, check, writer),
        total,
      });
    },
  };
}
