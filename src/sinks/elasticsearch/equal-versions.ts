import type { ServedDocuments } from "../../core/serving.ts";
import type { Operation } from "./bulk-send.ts";
import type { Cluster } from "./cluster.ts";

type Prefer = NonNullable<ServedDocuments["prefer"]>;

interface Found {
  _id: string;
  found?: boolean;
  _version?: number;
  _source?: object;
}

const PAGE = 1_000;

/** Of what an index kept as it was, the operations whose documents are preferred to what is there of the same version. */
export async function* preferredOnes(
  cluster: Cluster,
  index: string,
  kept: ReadonlyMap<string, Operation>,
  prefer: Prefer,
): AsyncGenerator<readonly Operation[]> {
  const all = [...kept.values()];
  for (let at = 0; at < all.length; at += PAGE) {
    const ids = all.slice(at, at + PAGE).map(({ id }) => id);
    const { body } = await cluster.ask<{ docs: readonly Found[] }>({
      method: "POST",
      path: `/${encodeURIComponent(index)}/_mget`,
      body: { ids },
    });
    yield body.docs.flatMap(({ _id, _version, _source }) => {
      const operation = kept.get(_id)!;
      if (_source === undefined || _version !== operation.version) return [];
      return isPreferred(operation, JSON.stringify(_source), prefer) ? [operation] : [];
    });
  }
}

export function isPreferred({ source = "" }: Operation, there: string, prefer: Prefer): boolean {
  return source !== there && prefer(source, there);
}
