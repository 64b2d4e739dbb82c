import { join } from "node:path";
import type { Context } from "../../core/context.ts";
import type { FrameworkSettings } from "../../core/settings.ts";
import { ArachneError, describeError } from "../../core/errors.ts";
import type { Serving } from "../../core/serving.ts";
import { failpoint } from "../../storage/failpoint.ts";
import { refuseChange, type ServingBounds } from "../bounds.ts";
import { checkServer } from "./check-server.ts";
import { nodesOf, openClient } from "./client.ts";
import { openCluster, type Cluster } from "./cluster.ts";
import { prepare, upsert } from "./documents.ts";
import { openIndices } from "./indices.ts";
import { createPatience } from "./patience.ts";
import { prune } from "./old-versions.ts";
import { moveAliases } from "./publish.ts";
import { collectRefusals, type Refusals } from "./refusals.ts";
import { rollback } from "./rollback.ts";
import { replaceSlice } from "./slices.ts";
import { countOf, servedNames, versionsOf } from "./state.ts";
import { buildTable } from "./tables.ts";

export interface ElasticsearchServingOptions extends Pick<Context, "log" | "signal" | "now"> {
  settings: FrameworkSettings;
  /** What SERVING_MAX_CHANGE and SERVING_MAX_GROWTH would refuse passes. */
  acceptChange?: boolean;
}

/**
 * The serving store in Elasticsearch: every name is an alias. Tables stand in hidden indices, one a version; documents and slices
 * in one index that is written in place. `refusedDir`: where documents that it refuses are kept.
 * @throws SettingsError for an address, a login or a server that cannot be right; TransientError `elasticsearch_unavailable`
 */
export async function openElasticsearchServing(
  { settings, log, signal, now, acceptChange = false }: ElasticsearchServingOptions,
  refusedDir: string,
): Promise<Serving> {
  const nodes = nodesOf(settings);
  const client = openClient(settings);
  const connect = (until: AbortSignal): Cluster => {
    const patience = createPatience({ seconds: settings.ELASTICSEARCH_RETRY_SECONDS, place: nodes.join(", "), signal: until });
    return openCluster({ client, nodes, patience, signal: until });
  };
  const cluster = connect(signal);
  // For what must not be left halfway when the run is stopped.
  const steady = connect(new AbortController().signal);
  try {
    await checkServer(cluster);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  const indices = openIndices({ cluster, shards: settings.ELASTICSEARCH_SHARDS, replicas: settings.ELASTICSEARCH_REPLICAS, log });
  const places = { cluster, log, indices, refreshInterval: settings.ELASTICSEARCH_REFRESH_INTERVAL };
  const bounds: ServingBounds = {
    maxChange: settings.SERVING_MAX_CHANGE,
    maxGrowth: settings.SERVING_MAX_GROWTH,
    minRows: settings.QUALITY_MIN_ROWS,
    versions: settings.SERVING_VERSIONS,
    acceptChange,
  };
  const mine = new Set<string>();
  const built = new Map<string, string>();
  const refusals = (alias: string): Refusals =>
    collectRefusals(alias, join(refusedDir, `${alias}-${now().toISOString().replace(/[-:.]/g, "")}.jsonl`));

  return {
    place: cluster.place,
    async inspect(aliases) {
      const rows = aliases.map(async (alias): Promise<[string, number]> => {
        const found = await indices.find(alias);
        return [alias, found === undefined ? 0 : await countOf(cluster, alias)];
      });
      return new Map(await Promise.all(rows));
    },
    prepare: ({ alias, item }) => prepare({ alias, item }, places, refusals(alias)),
    async buildTable(table) {
      const { alias, grows = false } = table;
      const from = await currentRows(cluster, alias);
      const { index, rows } = await buildTable(table, { cluster, indices, mine, now, log, refusals });
      refuseChange({ alias, from, to: rows, grows }, bounds);
      built.set(alias, index);
      failpoint("serving_table_built");
    },
    replaceSlice: (slice) => replaceSlice(slice, places, refusals(slice.alias)),
    upsert: (documents) => upsert(documents, places, refusals(documents.alias)),
    async publish() {
      signal.throwIfAborted();
      failpoint("serving_before_swap");
      const moved = [...built.keys()];
      try {
        await moveAliases(steady, built);
        mine.clear();
      } catch (error) {
        if (error instanceof ArachneError && error.code === "serving_unknown") mine.clear(); // readers may see them
        throw error;
      }
      built.clear();
      failpoint("serving_after_swap");
      try {
        for (const alias of moved) await prune(cluster, alias, bounds.versions);
      } catch (error) {
        log.warn(`serving: ${moved.join(", ")}: published, but old versions could not be removed: ${describeError(error)}`);
      }
      failpoint("serving_after_prune");
    },
    names: () => servedNames(cluster),
    rollback: (alias) => rollback(steady, alias),
    async [Symbol.asyncDispose]() {
      // What cannot be removed now is removed by the next run.
      for (const index of mine)
        await steady.once({ method: "DELETE", path: `/${encodeURIComponent(index)}`, timeoutMs: 5_000 }).catch(() => undefined);
      await cluster.close();
    },
  };
}

async function currentRows(cluster: Cluster, alias: string): Promise<number | undefined> {
  const { current } = await versionsOf(cluster, alias);
  return current === undefined ? undefined : await countOf(cluster, current);
}
