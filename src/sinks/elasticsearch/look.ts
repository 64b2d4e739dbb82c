import { SettingsError, TransientError } from "../../core/errors.ts";
import type { FrameworkSettings } from "../../core/settings.ts";
import { nodesOf, openClient } from "./client.ts";
import { openCluster, refused, Unavailable, type Answer } from "./cluster.ts";
import { createPatience } from "./patience.ts";

export interface ElasticsearchLook {
  /** The nodes, without secrets. */
  readonly place: string;
  /** undefined: this login may not ask. */
  readonly version: string | undefined;
  readonly health: { readonly status: string; readonly number_of_nodes: number; readonly unassigned_shards: number } | undefined;
}

type Health = NonNullable<ElasticsearchLook["health"]>;

/** What the cluster says of itself, asked once. @throws SettingsError; TransientError when it does not answer */
export async function lookAtElasticsearch(settings: FrameworkSettings, signal: AbortSignal, timeoutMs: number): Promise<ElasticsearchLook> {
  const client = openClient(settings);
  const nodes = nodesOf(settings);
  const place = nodes.join(", ");
  const cluster = openCluster({ client, nodes, patience: createPatience({ seconds: 0, place, signal }), signal });
  const ask = <T>(path: string, query = {}): Promise<Answer<T>> => cluster.once<T>({ method: "GET", path, query, timeoutMs });
  try {
    const [root, local, health] = await Promise.all([
      ask<{ version?: { number?: string } }>("/"),
      // Some builds answer `GET /` with 405.
      ask<{ nodes?: Record<string, { version?: string }> }>("/_nodes/_local", { filter_path: "nodes.*.version" }),
      ask<Health>("/_cluster/health"),
    ]);
    const denied = [root, local, health].find(({ status }) => status === 401);
    if (denied !== undefined) throw refused(place, { method: "GET", path: "/" }, denied);
    if (![root, local, health].some(({ elastic }) => elastic))
      throw new SettingsError("elasticsearch_product", `serving: what answers at ${place} is not Elasticsearch: see ELASTICSEARCH_URL`);
    return {
      place,
      version: root.body?.version?.number ?? Object.values(local.body?.nodes ?? {})[0]?.version,
      health: health.status === 200 ? health.body : undefined,
    };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    throw new TransientError(
      "elasticsearch_unavailable",
      `serving: Elasticsearch at ${place} cannot be reached (${error.message}): see that it runs, and check ELASTICSEARCH_URL`,
    );
  } finally {
    await client.close();
  }
}
