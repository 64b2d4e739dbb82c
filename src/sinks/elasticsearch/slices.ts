import { columnsOf } from "../../core/schema/columns.ts";
import type { ServedSlice } from "../../core/serving.ts";
import { laterRun } from "../later-run.ts";
import { bulk } from "./bulk.ts";
import type { Operation } from "./bulk-send.ts";
import type { Cluster } from "./cluster.ts";
import { exactPath } from "./mapping.ts";
import { openPlace, type Places } from "./places.ts";
import { deletion, documentId, rowWriter, versionNumber } from "./operations.ts";
import type { Refusals } from "./refusals.ts";
import { operations } from "./tables.ts";

interface Hit {
  _id: string;
  _version: number;
  sort: readonly unknown[];
}

const PAGE = 10_000;
const NEWER_EXISTS = 409;

/**
 * Writes a slice's rows, then deletes those of older runs. Each run first signs with its version: an older one finds the newer's
 * signature and leaves the slice; should both be at it at once, each deletes what is older than the newest signature.
 */
export async function replaceSlice(slice: ServedSlice, places: Places, refused: Refusals): Promise<void> {
  const { alias, item, expected } = slice;
  const { cluster, log } = places;
  const version = versionNumber(slice.version);
  const index = await openPlace(places, alias, item, "slices");
  const signature = `/${encodeURIComponent(`${index}-runs`)}/_doc/${encodeURIComponent(documentId(`${slice.slice.field}=${slice.slice.value}`))}`;
  const signed = await cluster.ask(
    { method: "PUT", path: signature, query: { version, version_type: "external_gte" }, body: { ...slice.slice, version: slice.version } },
    [NEWER_EXISTS],
  );
  if (signed.status === NEWER_EXISTS) return log.info(laterRun(slice));

  await bulk({ cluster, index, refusals: refused }, operations(slice, rowWriter(item, version)));
  refused.check(expected);

  const { body } = await cluster.ask<{ _version: number }>({ method: "GET", path: signature, query: { _source: false } });
  await cluster.ask({ method: "POST", path: `/${encodeURIComponent(index)}/_refresh` });
  const column = columnsOf(item).find((each) => each.name === slice.slice.field);
  const query = { term: { [column === undefined ? slice.slice.field : exactPath(column)]: slice.slice.value } };
  await bulk({ cluster, index, refusals: refused }, deletions(cluster, index, query, body._version));
}

/** Found at one point in time and deleted in the version that was found: what is written meanwhile stays. */
async function* deletions(cluster: Cluster, index: string, query: object, newest: number): AsyncGenerator<readonly Operation[]> {
  const path = `/${encodeURIComponent(index)}/_pit`;
  const { body: pit } = await cluster.ask<{ id: string }>({ method: "POST", path, query: { keep_alive: "2m" } });
  try {
    for (let after: readonly unknown[] | undefined; ;) {
      const search = {
        pit: { id: pit.id, keep_alive: "2m" },
        query: { bool: { filter: [query] } },
        size: PAGE,
        version: true,
        _source: false,
        track_total_hits: false,
        sort: ["_shard_doc"],
        ...(after === undefined ? {} : { search_after: after }),
      };
      const { body } = await cluster.ask<{ hits: { hits: readonly Hit[] } }>({ method: "POST", path: "/_search", body: search });
      const { hits } = body.hits;
      yield hits.filter((hit) => hit._version < newest).map((hit) => deletion(hit._id, hit._version));
      after = hits.at(-1)?.sort;
      if (hits.length < PAGE) return;
    }
  } finally {
    await cluster.once({ method: "DELETE", path: "/_pit", body: { id: pit.id } }).catch(() => undefined); // it ends by itself
  }
}
