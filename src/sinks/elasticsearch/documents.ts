import type { ServedDocuments, UpsertCounts } from "../../core/serving.ts";
import { bulk, type BulkTarget } from "./bulk.ts";
import type { BulkCounts, Operation } from "./bulk-send.ts";
import { isPreferred, preferredOnes } from "./equal-versions.ts";
import { deletion, toOperation } from "./operations.ts";
import { openPlace, type Places } from "./places.ts";
import type { Refusals } from "./refusals.ts";

/**
 * That documents can be written is seen by writing, and nothing is as harmless as deleting what is not there: a block or a privilege that
 * is missing is told when a stream starts. A server that was itself just started has then done once all that a first document waits for.
 */
export async function prepare({ alias, item }: Pick<ServedDocuments, "alias" | "item">, places: Places, refusals: Refusals): Promise<void> {
  const { cluster } = places;
  const index = await openPlace(places, alias, item, "documents");
  const { done, kept } = await bulk({ cluster, index, refusals }, nothing());
  refusals.check(done + kept + refusals.count);
  await cluster.ask({ method: "POST", path: `/${encodeURIComponent(index)}/_refresh` });
}

// oxlint-disable-next-line require-await -- `bulk` reads an async source
async function* nothing(): AsyncGenerator<readonly Operation[]> {
  yield [deletion("arachne-writes-here", 0)];
}

export async function upsert(
  { alias, item, origin, documents, onRefused, prefer }: ServedDocuments,
  places: Places,
  collected: Refusals,
): Promise<UpsertCounts> {
  const index = await openPlace(places, alias, item, "documents", origin);
  const refusals = onRefused === undefined ? collected : handBack(onRefused);
  const target = { cluster: places.cluster, index, refusals };
  const { done, kept } = prefer === undefined ? await bulk(target, operations(documents)) : await settled(documents, prefer, target);
  refusals.check(done + kept + refusals.count);
  return { written: done, kept };
}

/**
 * Newer versions are written at once; then what was kept is compared with what is there, and written where it is preferred. Few are:
 * those that come again after a crash, and observations of the same millisecond.
 */
async function settled(
  documents: ServedDocuments["documents"],
  prefer: NonNullable<ServedDocuments["prefer"]>,
  target: Pick<BulkTarget, "cluster" | "index" | "refusals">,
): Promise<BulkCounts> {
  const better = (coming: Operation, there: Operation): boolean => isPreferred(coming, there.source ?? "", prefer);
  const left = new Map<string, Operation>();
  const onKept = (operation: Operation): void => {
    const other = left.get(operation.id);
    const newer = other === undefined || operation.version > other.version;
    if (newer || (operation.version === other.version && better(operation, other))) left.set(operation.id, operation);
  };
  const first = await bulk({ ...target, prefer: better, onKept }, operations(documents, "external"));
  let again = 0;
  const { cluster, index } = target;
  const second = await bulk(
    target,
    (async function* () {
      for await (const page of preferredOnes(cluster, index, left, prefer)) {
        again += page.length;
        yield page.map(({ of }) => toOperation(of!));
      }
    })(),
  );
  return { done: first.done + second.done, kept: first.kept - again + second.kept };
}

async function* operations(
  documents: ServedDocuments["documents"],
  type?: Parameters<typeof toOperation>[1],
): AsyncGenerator<readonly Operation[]> {
  for await (const chunk of documents) yield chunk.map((document) => toOperation(document, type));
}

/** Tells of each refused document which it was, instead of collecting them. */
function handBack(onRefused: NonNullable<ServedDocuments["onRefused"]>): Refusals {
  let count = 0;
  return {
    get count() {
      return count;
    },
    keep(refused) {
      for (const { of, reason } of refused) {
        if (of === undefined) throw new Error("what was refused is no document");
        count++;
        onRefused(of, reason);
      }
      return Promise.resolve();
    },
    check: () => undefined,
  };
}
