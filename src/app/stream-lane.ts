import type { Context } from "../core/context.ts";
import type { Breaker } from "../core/stream-breaker.ts";
import { ledgerOf, type LaneLedger, type Tally } from "../core/stream-ledger.ts";
import type { SinkContext, SinkWriter, Stream } from "../core/stream.ts";
import type { Topic } from "../core/topic.ts";
import type { DeadLetters, SetAside } from "./dead-letters.ts";
import type { Reader } from "./stream-reader.ts";
import { persistently, Stopped } from "./stream-retry.ts";

/** One way through a stream: from the topic into a sink or into windows, or from windows into a sink. */
export interface Lane {
  name: string;
  /** Its consumer group; undefined: it reads what the stream's windows make. */
  group: string | undefined;
  total: Tally;
  breaker: Breaker;
  /** Until the signal, or the end. @throws what stops it for good */
  run(): Promise<void>;
  /** Once no lane runs any more. */
  close?(): void;
}

export interface LaneStatus extends Pick<Lane, "name" | "group"> {
  readonly ledger: LaneLedger;
  readonly breaker: Breaker["state"];
  /** Times that its breaker has opened, and tries that failed. */
  readonly opened: number;
  readonly failed: number;
}

export function statusOf({ name, group, total, breaker: { state, opened, failed } }: Lane): LaneStatus {
  return { name, group, ledger: ledgerOf(total), breaker: state, opened, failed };
}

export interface LaneOptions {
  /** The stream's. */
  name: string;
  stream: Stream;
  /** First part of its consumer groups' names. */
  group: string;
  topic: Topic;
  reader: Reader;
  letters: DeadLetters;
  untilEnd: boolean;
}

export type LaneContext = Omit<SinkContext, "stream" | "sink">;

/** However long that takes; undefined: the run was stopped first. */
export async function openSink(
  { name, stream }: LaneOptions,
  sink: string,
  breaker: Breaker,
  c: LaneContext,
): Promise<SinkWriter | undefined> {
  try {
    return await persistently(`${name}.${sink}`, breaker, c, () => stream.into[sink]!.open({ ...c, stream: name, sink }));
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

export interface SetAsideOptions {
  /** Of the lane, for messages. */
  name: string;
  /** Who met them: the lane's group, or its own name. */
  consumer: string;
  /** How many there were in all. */
  of: number;
  letters: DeadLetters;
  breaker: Breaker;
  context: Pick<Context, "signal" | "log">;
  /** See `DeadLetters.send`. */
  check?: () => Promise<void>;
}

/** Dead-letters them, however long that takes. @throws Stopped; what `check` throws */
export async function setAside(aside: readonly SetAside[], options: SetAsideOptions): Promise<void> {
  const { name, consumer, of, letters, breaker, context, check } = options;
  if (aside.length === 0) return;
  let gone: unknown;
  const ask = async (): Promise<void> => {
    try {
      await check?.();
    } catch (error) {
      gone = error;
      throw error;
    }
  };
  await persistently(`${name}: dead letters`, breaker, context, async () => {
    try {
      await letters.send(aside, consumer, ask);
    } catch (error) {
      if (gone === undefined) throw error; // else no further try will mend it
    }
  });
  if (gone !== undefined) throw gone;
  const { stage, reason, detail } = aside[0]!.poison;
  context.log.warn(`${name}: set aside ${aside.length} of ${of}`, { first: `${stage}: ${reason}: ${detail}`.slice(0, 300) });
}
