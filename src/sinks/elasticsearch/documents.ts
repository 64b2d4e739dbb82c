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
  const refusals = onRefused === undefined ? collected : handBack(onRefused);
  const { done, kept } = await bulk({ cluster: places.cluster, index, refusals }, operations(documents));
  refusals.check(done + kept + refusals.count);
  return { written: done, kept };
}

async function* operations(documents: AsyncIterable<readonly StoredDocument[]>): AsyncGenerator<readonly Operation[]> {
  for await (const chunk of documents) yield chunk.map((document) => ({ ...toOperation(document), of: document }));
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
