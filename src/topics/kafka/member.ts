import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, EachBatchPayload } from "kafkajs";
import { TransientError } from "../../core/errors.ts";
import { connectTo } from "./client.ts";
import { isFenced, kafkaError } from "./errors.ts";
import { LEFT } from "./log.ts";
import type { KafkaOptions } from "./options.ts";
import { retryFor } from "./retry.ts";

/** A member that is killed is replaced after this; one whose loop is slow is not: a timer beats for it. */
const SESSION_MS = 10_000;
const BEAT_MS = 1_000;
/** How long the others of a group wait for the one whose loop is still at a batch. */
const REBALANCE_MS = 60_000;
/** How long an idle fetch waits at the broker: also how soon an idle member hears of a rebalance or of its own end. */
const IDLE_MS = 250;
/** Compressed bytes of a fetch: what is in memory at once is a few times that. */
const PARTITION_BYTES = 512 * 1024;
const FETCH_BYTES = 2 * 1024 * 1024;
/** kafkajs's tries within one membership; after them it starts anew, for KAFKA_RETRY_SECONDS in all. */
const RETRY_SECONDS = 5;
const STOP_MS = 3_000;
/** What kafkajs had still under way may open connections for so long after it was left: it tries each again for RETRY_SECONDS. */
const SWEEPS = 6;
const SWEEP_MS = 5_000;
/** kafkajs reads the clock to know when the next heartbeat is due: of one that is set back it would give none for as long. */
const CLOCK_BACK_MS = 2_000;

export interface MemberOptions {
  topic: string;
  group: string;
  /** Called with one batch at a time; returns or throws `fenced()` as soon as it has a value and the loop is back. */
  eachBatch: (payload: EachBatchPayload, fenced: () => unknown) => Promise<void>;
  /** The group has given these partitions; nothing of them is fetched yet: seek and pause them here. */
  onAssigned: (consumer: Consumer, partitions: readonly number[]) => void;
  onFailure: (error: Error) => void;
}

export interface Member {
  readonly consumer: Consumer;
  /** Changes with every assignment of partitions: what was handed out under an earlier one may be somebody else's now. */
  generation: () => number;
  /** Whether the broker has taken our word a moment ago. kafkajs gives none, and says nothing, while it joins a group that has forgotten it. */
  isHeard: () => boolean;
  /** Leaves the group, so that the others take over at once. */
  stop(): Promise<void>;
}

/** Joins a group with kafkajs's consumer, which commits nothing by itself, and keeps it alive through broker failures. */
export function joinGroup({ topic, group, eachBatch, onAssigned, onFailure }: MemberOptions, options: KafkaOptions): Member {
  let generation = 0;
  let alive = Date.now();
  /** When the broker last let us in, or took a heartbeat; `alive` by a clock that nobody sets. */
  let heard = -Infinity;
  /** As whom; undefined: not yet since the partitions were given. */
  let heardAs: string | undefined;
  let stopping = false;
  let beat: (() => void) | undefined;
  /** The broker's word that the group is being shared out anew. */
  let fenced: unknown;
  const failed = (error: unknown): Error => kafkaError(`consuming topic ${topic} as group ${group}`, error, options);

  const sockets = new Set<Socket>();
  const consumer = connectTo(options, sockets).consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: REBALANCE_MS,
    heartbeatInterval: BEAT_MS,
    maxWaitTimeInMs: IDLE_MS,
    maxBytesPerPartition: PARTITION_BYTES,
    maxBytes: FETCH_BYTES,
    retry: {
      ...retryFor(RETRY_SECONDS),
      restartOnFailure: async (error) =>
        !stopping && failed(error) instanceof TransientError && Date.now() - alive < options.retrySeconds * 1000,
    },
  });
  async function leave(): Promise<void> {
    await consumer.disconnect().catch(() => {});
    // As an error: of that alone kafkajs takes notice, and ends the timer that each connection has.
    for (const socket of sockets) socket.destroy(new Error(LEFT));
  }
  /** A connection that is opened after the last one was closed would keep the process; where there is none, this does not either. */
  async function sweep(): Promise<void> {
    for (let i = 0; i < SWEEPS; i++) {
      await sleep(SWEEP_MS, undefined, { ref: false });
      if (sockets.size > 0) await leave();
    }
  }
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    generation++;
    fenced = undefined;
    heardAs = undefined;
    heard = performance.now();
    alive = Date.now();
    onAssigned(consumer, payload.memberAssignment[topic] ?? []);
  });
  // kafkajs does not stop a start anew that is under way: it would go on in the group, with nobody to take what it fetches.
  consumer.on(consumer.events.FETCH_START, () => void (stopping && leave()));
  consumer.on(consumer.events.HEARTBEAT, ({ payload: { memberId, groupGenerationId } }) => {
    alive = Date.now();
    heard = performance.now();
    // Heartbeats are for the next generation as soon as it is known that there is one, some time before its partitions are.
    const as = `${memberId}/${groupGenerationId}`;
    if ((heardAs ??= as) === as) return;
    heardAs = as;
    generation++;
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) onFailure(failed(payload.error));
  });

  async function start(): Promise<void> {
    await consumer.connect();
    // From the oldest message wherever there is no usable offset: what retention has left must not be skipped as well.
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        // kafkajs hands over the rest of a fetch after a batch of it has failed; none of it may be begun before the new shares are known.
        if (fenced !== undefined) throw fenced;
        beat = () => void payload.heartbeat().catch((error: unknown) => void (isFenced(error) && (fenced ??= error)));
        try {
          await eachBatch(payload, () => fenced);
        } finally {
          beat = undefined;
        }
      },
    });
  }

  const clock = (): number => Date.now() - performance.now();
  let before = clock();
  const heart = setInterval(() => {
    if (clock() < before - CLOCK_BACK_MS)
      onFailure(
        new TransientError(
          "kafka_clock",
          `kafka: consuming topic ${topic} as group ${group}: the clock was set back: joining the group anew`,
        ),
      );
    before = clock();
    beat?.();
  }, BEAT_MS);
  const started = start().catch((error: unknown) => onFailure(failed(error)));

  return {
    consumer,
    generation: () => generation,
    // The one clock may be set, the other stands still while the machine sleeps.
    isHeard: () => Math.max(performance.now() - heard, Date.now() - alive) < 2 * BEAT_MS,
    async stop() {
      stopping = true;
      // A member that leaves while it joins is not known yet, and would hold up the group until its session ends.
      await Promise.race([started, sleep(STOP_MS, undefined, { ref: false })]);
      clearInterval(heart);
      await leave();
      void sweep();
    },
  };
}
