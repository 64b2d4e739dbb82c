import type { StoredDocument } from "../../core/engine.ts";
import type { ServedDocuments, UpsertCounts } from "../../core/serving.ts";
import { bulk } from "./bulk.ts";
import type { Operation } from "./bulk-send.ts";
import { toOperation } from "./operations.ts";
import { openPlace, type Places } from "./places.ts";
import type { Refusals } from "./refusals.ts";

export async function upsert(
  { alias, item, origin, documents, onRefused }: ServedDocuments,
  places: Places,
  collected: Refusals,
): Promise<UpsertCounts> {
  const index = await openPlace(places, alias, item, "documents", origin);
  const back = onRefused === undefined ? undefined : handBack(onRefused);
  const refusals = back ?? collected;
  const { done, kept } = await bulk({ cluster: places.cluster, index, refusals }, operations(documents, back?.sent));
  refusals.check(done + kept + refusals.count);
  return { written: done, kept };
}

async function* operations(
  documents: AsyncIterable<readonly StoredDocument[]>,
  sent?: (operation: Operation, document: StoredDocument) => void,
): AsyncGenerator<readonly Operation[]> {
  for await (const chunk of documents)
    yield chunk.map((document) => {
      const operation = toOperation(document);
      sent?.(operation, document);
      return operation;
    });
}

/** Tells of each refused document which it was, instead of collecting them. Of two that are alike to the letter it does not matter which. */
function handBack(onRefused: NonNullable<ServedDocuments["onRefused"]>): Refusals & {
  sent: (operation: Operation, document: StoredDocument) => void;
} {
  const waiting = new Map<string, StoredDocument[]>();
  const name = (id: string, source: string | undefined): string => `${id}\u0000${source}`;
  let count = 0;
  return {
    get count() {
      return count;
    },
    sent({ id, source }, document) {
      const same = waiting.get(name(id, source));
      if (same === undefined) waiting.set(name(id, source), [document]);
      else same.push(document);
    },
    keep(refused) {
      for (const { id, document, reason } of refused) {
        const given = waiting.get(name(id, document))?.pop();
        if (given === undefined) throw new Error(`Elasticsearch refused a document that was not sent: ${id}`);
        count++;
        onRefused(given, reason);
      }
      return Promise.resolve();
    },
    check: () => undefined,
  };
}
