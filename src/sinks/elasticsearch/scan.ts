import type { Context } from "../../core/context.ts";
import { itemKey, type ItemType } from "../../core/item.ts";
import type { ServedScan } from "../../core/served-scan.ts";
import type { FrameworkSettings } from "../../core/settings.ts";
import { checkServer } from "./check-server.ts";
import { nodesOf, openClient } from "./client.ts";
import { openCluster, type Cluster } from "./cluster.ts";
import { documentId } from "./operations.ts";
import { createPatience } from "./patience.ts";

const PAGE = 2_000;
const KEEP = "5m";
const MISSING = 404;

interface Hit {
  _id: string;
  _version: number;
  _source: Readonly<Record<string, unknown>>;
  sort: readonly unknown[];
}

export interface ElasticsearchScanOptions extends Pick<Context, "signal"> {
  settings: FrameworkSettings;
  alias: string;
  item: ItemType;
}

/** The documents behind an alias, at one point in time: also those that the next refresh would have shown. */
export async function* scanElasticsearch({ settings, alias, item, signal }: ElasticsearchScanOptions): ServedScan {
  const nodes = nodesOf(settings);
  const patience = createPatience({ seconds: settings.ELASTICSEARCH_RETRY_SECONDS, place: nodes.join(", "), signal });
  const cluster = openCluster({ client: openClient(settings), nodes, patience, signal });
  try {
    await checkServer(cluster);
    yield* scan(cluster, `/${encodeURIComponent(alias)}`, item);
  } finally {
    await cluster.close();
  }
}

async function* scan(cluster: Cluster, index: string, item: ItemType): ServedScan {
  const refreshed = await cluster.ask({ method: "POST", path: `${index}/_refresh` }, [MISSING]);
  if (refreshed.status === MISSING) return;
  const { body: pit } = await cluster.ask<{ id: string }>({ method: "POST", path: `${index}/_pit`, query: { keep_alive: KEEP } });
  try {
    for (let after: readonly unknown[] | undefined; ;) {
      const search = {
        pit: { id: pit.id, keep_alive: KEEP },
        size: PAGE,
        version: true,
        track_total_hits: false,
        sort: ["_shard_doc"],
        ...(after === undefined ? {} : { search_after: after }),
      };
      const { body } = await cluster.ask<{ hits: { hits: readonly Hit[] } }>({ method: "POST", path: "/_search", body: search });
      const { hits } = body.hits;
      yield hits.map(({ _id, _version, _source }) => ({
        key: keyOf(_id, _source, item),
        version: new Date(_version).toISOString(),
        document: _source,
      }));
      after = hits.at(-1)?.sort;
      if (hits.length < PAGE) return;
    }
  } finally {
    await cluster.once({ method: "DELETE", path: "/_pit", body: { id: pit.id } }).catch(() => undefined); // it ends by itself
  }
}

/** Of a hashed id the key that the document has; otherwise the id is the key. */
function keyOf(id: string, source: Readonly<Record<string, unknown>>, item: ItemType): string {
  const key = itemKey(item, source);
  return documentId(key) === id ? key : id;
}
