import { join } from "node:path";
import type { Context } from "../../core/context.ts";
import type { FrameworkSettings } from "../../core/settings.ts";
import { SettingsError } from "../../core/errors.ts";
import type { Serving } from "../../core/serving.ts";
import { failpoint } from "../../storage/failpoint.ts";
import { refuseChange, type ServingBounds } from "../bounds.ts";
import { nodesOf, openClient } from "./client.ts";
import { openCluster, type Cluster } from "./cluster.ts";
import { upsert } from "./documents.ts";
import { openIndices } from "./indices.ts";
import { createPatience } from "./patience.ts";
import { moveAliases, prune, rollback } from "./publish.ts";
import { collectRefusals, type Refusals } from "./refusals.ts";
import { replaceSlice } from "./slices.ts";
import { countOf, servedNames, versionsOf } from "./state.ts";
import { buildTable } from "./tables.ts";

export interface ElasticsearchServingOptions extends Pick<Context, "log" | "signal" | "now"> {
  settings: FrameworkSettings;
}

/** The client's and, so, the server's. */
const MAJOR = "8";

/**
 * The serving store in Elasticsearch: every name is an alias. Tables stand in hidden indices, one a version; documents and slices
 * in one index that is written in place. `refusedDir`: where documents that it refuses are kept.
 * @throws SettingsError for an address, a login or a server that cannot be right; TransientError `elasticsearch_unavailable`
 */
export async function openElasticsearchServing(
  { settings, log, signal, now }: ElasticsearchServingOptions,
  refusedDir: string,
): Promise<Serving> {
  const nodes = nodesOf(settings);
  const patience = createPatience({ seconds: settings.ELASTICSEARCH_RETRY_SECONDS, place: nodes.join(", "), signal });
  const cluster = openCluster({ client: openClient(settings), nodes, patience, signal });
  try {
    await checkVersion(cluster);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  const indices = openIndices({ cluster, shards: settings.ELASTICSEARCH_SHARDS, replicas: settings.ELASTICSEARCH_REPLICAS, log });
  const places = { cluster, indices, refreshInterval: settings.ELASTICSEARCH_REFRESH_INTERVAL };
  const bounds: ServingBounds = {
    maxChange: settings.SERVING_MAX_CHANGE,
    minRows: settings.QUALITY_MIN_ROWS,
    versions: settings.SERVING_VERSIONS,
  };
  const mine = new Set<string>();
  const built = new Map<string, { index: string; rows: number; grows: boolean }>();
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
    async buildTable(table) {
      built.set(table.alias, { ...(await buildTable(table, { cluster, indices, mine, now, refusals })), grows: table.grows === true });
      failpoint("serving_table_built");
    },
    replaceSlice: (slice) => replaceSlice(slice, places, refusals(slice.alias)),
    upsert: (documents) => upsert(documents, places, refusals(documents.alias)),
    async publish({ acceptChange = false } = {}) {
      if (!acceptChange) {
        const changes = [...built].map(async ([alias, { rows, grows }]) => ({
          alias,
          from: await currentRows(cluster, alias),
          to: rows,
          grows,
        }));
        refuseChange(await Promise.all(changes), bounds);
      }
      failpoint("serving_before_swap");
      await moveAliases(cluster, new Map([...built].map(([alias, { index }]) => [alias, index])));
      mine.clear();
      failpoint("serving_after_swap");
      for (const alias of built.keys()) await prune(cluster, alias, bounds.versions);
      failpoint("serving_after_prune");
      built.clear();
    },
    names: () => servedNames(cluster),
    rollback: (alias) => rollback(cluster, alias),
    async [Symbol.asyncDispose]() {
      // What cannot be removed now is removed by the next run.
      for (const index of mine)
        await cluster.once({ method: "DELETE", path: `/${encodeURIComponent(index)}`, timeoutMs: 5_000 }).catch(() => undefined);
      await cluster.close();
    },
  };
}

async function currentRows(cluster: Cluster, alias: string): Promise<number | undefined> {
  const { current } = await versionsOf(cluster, alias);
  return current === undefined ? undefined : await countOf(cluster, current);
}

/** Asks for the version where the server tells it: `GET /` is missing in some builds, and may be forbidden. */
async function checkVersion(cluster: Cluster): Promise<void> {
  const root = await cluster.ask<{ version?: { number?: string } }>({ method: "GET", path: "/" }, [400, 403, 404, 405]);
  let version = root.body?.version?.number;
  if (version === undefined) {
    const query = { filter_path: "nodes.*.version" };
    const answer = await cluster.ask<{ nodes?: Record<string, { version?: string }> }>(
      { method: "GET", path: "/_nodes/_local", query },
      [400, 403, 404, 405],
    );
    version = Object.values(answer.body?.nodes ?? {})[0]?.version;
  }
  if (version !== undefined && version.split(".")[0] !== MAJOR)
    throw new SettingsError(
      "elasticsearch_version",
      `serving: Elasticsearch at ${cluster.place} is ${version}, and Arachne speaks to version ${MAJOR}: use a server of that version`,
    );
}
