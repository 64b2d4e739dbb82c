import { setTimeout as sleep } from "node:timers/promises";
import { Poison } from "../core/stream-decode.ts";
import { addTally, countIn, newTally, type Tally } from "../core/stream-ledger.ts";
import type { SinkWriter } from "../core/stream.ts";
import type { StoredMessage } from "../core/topic.ts";
import type { Window } from "../core/window.ts";
import { failpoint } from "../storage/failpoint.ts";
import { acquireLock } from "../storage/lock.ts";
import type { SetAside } from "./dead-letters.ts";
import { boundsOf } from "./stream-bounds.ts";
import { checkpointPath, openCheckpoint, putAside } from "./stream-checkpoint.ts";
import { consumeLoop } from "./stream-consume.ts";
import { openFolder, type Reached } from "./stream-fold.ts";
import { openSink, setAside, type Lane, type LaneContext, type LaneOptions } from "./stream-lane.ts";
import { madeRows, toMessage, type MadeRow, type MadeRows } from "./stream-made.ts";
import { sinkBreaker, Stopped } from "./stream-retry.ts";
import { writeEntries } from "./stream-write.ts";

export interface WindowLaneOptions extends LaneOptions {
  window: Window;
  fresh: boolean;
}

/** Made rows are looked for at least so often: a replay puts some there from another process. */
const POLL_MS = 1000;
const MOST_ROWS = 1000;

/**
 * One lane that folds the topic's events into windows, and one for each sink that takes the rows these make. Between them stands the
 * checkpoint on disk, so a sink that is slow or down holds up nothing else. One process at a time: it has the windows of all partitions.
 * @throws CriticalError `locked`, `checkpoint_unusable`; SettingsError `checkpoint_other`
 */
export function windowLanes(options: WindowLaneOptions, c: LaneContext): Lane[] {
  const { name, stream, window } = options;
  const path = checkpointPath(c.settings.STATE_DIR, name);
  const lock = acquireLock(`${path}.lock`, `stream ${name}`, c.now());
  try {
    const aside = options.fresh ? putAside(path, c.now()) : undefined;
    if (aside !== undefined) c.log.info(`${name}: its checkpoint is now ${aside}`);
    const db = openCheckpoint({ path, stream: name, topic: options.topic.name, meaning: window.meaning });
    const made = madeRows(db, Object.keys(stream.into));
    const bell = createBell();
    const close = (): void => {
      db.close();
      lock.release();
    };
    const folder = openFolder({
      db,
      window,
      item: stream.item,
      rules: {
        latenessMs: (window.latenessSeconds ?? c.settings.STREAM_LATENESS_SECONDS) * 1000,
        aheadMs: c.settings.STREAM_MAX_AHEAD_SECONDS * 1000,
      },
      made,
      idleMs: c.settings.STREAM_IDLE_SECONDS * 1000,
      now: c.now,
    });
    return [
      { ...foldLane(options, folder, bell, c), close },
      ...Object.keys(stream.into).map((sink) => rowLane(options, sink, made, bell, c)),
    ];
  } catch (error) {
    lock.release();
    throw error;
  }
}

function foldLane(options: WindowLaneOptions, folder: ReturnType<typeof openFolder>, bell: Bell, c: LaneContext): Lane {
  const { name, stream, group, topic, reader, letters, untilEnd, window } = options;
  const breaker = sinkBreaker(name, c);
  const total = newTally(0);
  const deadLate = (window.late ?? c.settings.STREAM_LATE_EVENTS) === "dead";
  const from = stream.from ?? "earliest";

  async function handle(given: readonly StoredMessage[]): Promise<Tally> {
    // The group's offset may lie behind the checkpoint's, and a batch hold a message twice: what is folded already must not count again.
    const read = new Map<number, Reached>();
    const messages = given.filter(({ partition = 0, offset, timestamp }) => {
      const before = read.get(partition);
      if (offset < (before?.next ?? folder.next(partition) ?? 0)) return false;
      read.set(partition, { next: offset + 1, time: Math.max(before?.time ?? timestamp, timestamp) });
      return true;
    });
    const { entries, messages: passed, aside, tally } = await reader.read(messages, undefined);
    const batch = folder.fold(entries, read);
    const all: SetAside[] = aside;
    batch.results.forEach((result, i) => {
      if (result === undefined) tally.folded++;
      else if (result === "duplicate") countIn(tally.dropped, "duplicate");
      else if (result.reason === "late" && !deadLate) countIn(tally.dropped, "late");
      else {
        countIn(tally.dead, result.reason);
        all.push({ message: passed[i]!, poison: result });
      }
    });
    failpoint("stream_decoded");
    await setAside(all, { name, consumer: group, of: messages.length, letters, breaker, context: c });
    failpoint("stream_dead");
    batch.save();
    failpoint("stream_checkpoint");
    bell.ring();
    return tally;
  }

  return {
    name,
    group,
    total,
    breaker,
    async run() {
      const atEnd = await consumeLoop({
        name,
        topic,
        group,
        from,
        bounds: boundsOf(stream.trigger, c.settings),
        untilEnd,
        resume(partition) {
          folder.begin(partition);
          letters.begin(group, partition);
          return folder.next(partition) ?? (from === "earliest" ? 0 : undefined);
        },
        resumeTime: (partition) => folder.time(partition),
        breaker,
        context: c,
        handle,
        total,
      });
      if (atEnd) folder.settle();
      bell.last();
    },
  };
}

function rowLane(options: WindowLaneOptions, sink: string, made: MadeRows, bell: Bell, c: LaneContext): Lane {
  const name = `${options.name}.${sink}`;
  const breaker = sinkBreaker(name, c);
  const total = newTally(0);

  async function deliver(rows: readonly MadeRow[], writer: SinkWriter): Promise<void> {
    const tally = newTally(rows.length);
    const entries = rows.map(({ seq, at, json }) => ({
      item: JSON.parse(json) as object,
      headers: {},
      partition: 0,
      offset: seq,
      time: at,
    }));
    const { written, kept, refused } = await writeEntries(writer, entries, { name, breaker, context: c });
    failpoint("stream_written");
    tally.written += written;
    tally.kept += kept;
    const all = refused.map(({ entry, reason, detail }): SetAside => {
      countIn(tally.dead, reason);
      return { message: toMessage(rows[entry]!), poison: new Poison("sink", reason, detail ?? reason), sink };
    });
    await setAside(all, { name, consumer: name, of: rows.length, letters: options.letters, breaker, context: c });
    made.confirm(sink, rows.at(-1)!.seq);
    addTally(total, tally);
  }

  return {
    name,
    group: undefined,
    total,
    breaker,
    async run() {
      const writer = await openSink(options, sink, breaker, c);
      if (writer === undefined) return;
      await using _ = writer;
      try {
        while (!c.signal.aborted) {
          const ended = bell.ended(); // asked before: what the last batch made is then seen
          const rows = made.after(sink, MOST_ROWS);
          if (rows.length > 0) await deliver(rows, writer);
          else if (ended) return;
          else await bell.wait(c.signal);
        }
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
      }
    },
  };
}

/** Wakes the row lanes. */
interface Bell {
  ring(): void;
  /** Nothing more will come. */
  last(): void;
  ended(): boolean;
  wait(signal: AbortSignal): Promise<void>;
}

function createBell(): Bell {
  let rung = new AbortController();
  let over = false;
  const ring = (): void => {
    rung.abort();
    rung = new AbortController();
  };
  return {
    ring,
    last() {
      over = true;
      ring();
    },
    ended: () => over,
    wait: (signal) => sleep(POLL_MS, undefined, { signal: AbortSignal.any([signal, rung.signal]) }).catch(() => undefined),
  };
}
