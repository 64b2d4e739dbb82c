import { send, type BulkCounts, type Operation, type SendOptions } from "./bulk-send.ts";
import { createBulkSize } from "./bulk-size.ts";

/** Bulk requests at a time: enough that the server never waits for us, few enough that memory stays flat. */
const IN_FLIGHT = 4;

export interface BulkTarget extends Pick<SendOptions, "cluster" | "index" | "refusals" | "onKept"> {
  /** Of two operations on one id and of one version, whether the first is to stay; default: the one that comes last. */
  prefer?: (coming: Operation, waiting: Operation) => boolean;
}

/**
 * Writes operations to an index, a few bulk requests at a time, as large as the server likes them. What it is too busy for is sent
 * again, and only that; what it refuses for good is collected, and all others are written. Of several operations on one id the
 * newest stays, of equal versions the last or the preferred one.
 * @throws TransientError `elasticsearch_unavailable`; ArachneError `serving_write` when the index can take none
 */
export async function bulk(target: BulkTarget, operations: AsyncIterable<readonly Operation[]>): Promise<BulkCounts> {
  const size = createBulkSize();
  const counts: BulkCounts = { done: 0, kept: 0 };
  const failures: unknown[] = [];
  const options = { ...target, size, counts, given: () => failures.length > 0 };
  const flying = new Map<Promise<void>, ReadonlyMap<string, Operation>>();
  let batch = new Map<string, Operation>();
  let bytes = 0;

  /** Sends what has been gathered, and waits until no more than `most` requests are on their way. */
  async function flush(most: number): Promise<void> {
    if (batch.size > 0) {
      const sending = send([...batch.values()], options)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => flying.delete(sending));
      flying.set(sending, batch);
      batch = new Map();
      bytes = 0;
    }
    while (flying.size > most && failures.length === 0) await Promise.race(flying.keys());
    if (failures.length > 0) throw failures[0];
  }

  /** The index itself puts versions in order; equal ones it takes as they come, and requests overtake each other. */
  const equalOneIsOnItsWay = ({ id, version }: Operation): boolean => {
    for (const others of flying.values()) if (others.get(id)?.version === version) return true;
    return false;
  };

  try {
    for await (const chunk of operations)
      for (const operation of chunk) {
        const waiting = batch.get(operation.id);
        if (waiting !== undefined) {
          counts.kept++;
          if (waiting.version > operation.version) continue;
          if (waiting.version === operation.version && target.prefer?.(operation, waiting) === false) continue;
          bytes -= bytesOf(waiting);
        } else if (equalOneIsOnItsWay(operation)) await flush(0);
        batch.set(operation.id, operation);
        bytes += bytesOf(operation);
        if (bytes >= size.bytes || batch.size >= size.documents) await flush(IN_FLIGHT - 1);
      }
    await flush(0);
  } catch (error) {
    failures.push(error);
    throw error;
  } finally {
    await Promise.allSettled(flying.keys());
  }
  return counts;
}

/** Its characters, which is near enough: texts are counted in bytes when they are sent. */
function bytesOf({ action, source }: Operation): number {
  return action.length + (source?.length ?? 0) + 2;
}
