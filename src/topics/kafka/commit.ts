import { setTimeout as sleep } from "node:timers/promises";
import type { EachBatchPayload } from "kafkajs";
import { TransientError } from "../../core/errors.ts";
import { isFenced, kafkaError } from "./errors.ts";
import type { Member } from "./member.ts";
import type { KafkaOptions } from "./options.ts";

const PAUSE_MS = 200;
/** A broker that starts again says for a while that it does not coordinate the group, or that it knows no member of it. */
const FENCED_TRIES = 10;

/** How far each partition is committed, by `generation/partition`. */
export type Committed = Map<string, number>;

/**
 * Commits offsets of one fetched batch, under the generation in which it was handed out: kafkajs would send an old batch's
 * offset with its present generation, for a partition that may be another member's by now.
 */
export function commitOf(
  topic: string,
  group: string,
  payload: EachBatchPayload,
  generation: () => number,
  committed: Committed,
  options: KafkaOptions,
): (next: number) => Promise<void> {
  const { partition } = payload.batch;
  const own = generation();
  const place = `${own}/${partition}`;
  return async (next) => {
    if (next <= (committed.get(place) ?? -1)) return; // a later batch was first: never back
    const deadline = Date.now() + options.retrySeconds * 1000;
    for (let attempt = 1; ; attempt++) {
      if (generation() !== own) throw leaseLost(topic, group, partition);
      try {
        await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(next) }] }] });
        committed.set(place, next);
        return;
      } catch (cause) {
        const moving = causeIs(cause, "NOT_COORDINATOR_FOR_GROUP") && attempt < FENCED_TRIES;
        if (isFenced(cause) && !moving) throw leaseLost(topic, group, partition, cause);
        const error = kafkaError(`committing group ${group} on topic ${topic}`, cause, options);
        if (!(error instanceof TransientError) || Date.now() > deadline) throw error;
        await sleep(PAUSE_MS);
      }
    }
  };
}

/** A member that was out of breath (a process that was stopped, a machine asleep) may have been replaced without having heard of it. */
export function checkOf(
  topic: string,
  group: string,
  payload: EachBatchPayload,
  { generation, isHeard }: Pick<Member, "generation" | "isHeard">,
  options: KafkaOptions,
): () => Promise<void> {
  const { partition } = payload.batch;
  const own = generation();
  return async () => {
    if (generation() !== own) throw leaseLost(topic, group, partition);
    try {
      await payload.heartbeat(); // goes out where the last one was a second ago
    } catch (cause) {
      // Until the members have joined anew everybody keeps what he has.
      if (causeIs(cause, "REBALANCE_IN_PROGRESS")) return;
      if (isFenced(cause)) throw leaseLost(topic, group, partition, cause);
      throw kafkaError(`asking whether group ${group} still has partition ${partition} of topic ${topic}`, cause, options);
    }
    if (generation() !== own || !isHeard()) throw leaseLost(topic, group, partition);
  };
}

function causeIs(error: unknown, type: string): boolean {
  return error instanceof Error && "type" in error && error.type === type;
}

function leaseLost(topic: string, group: string, partition: number, cause?: unknown): TransientError {
  return new TransientError(
    "lease_lost",
    `topic: consumer of group ${group} lost partition ${partition} of ${topic} when the group was shared out anew: its uncommitted batches will be delivered again`,
    { cause },
  );
}
