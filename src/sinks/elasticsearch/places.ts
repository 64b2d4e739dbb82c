import type { Logger } from "../../core/context.ts";
import { SettingsError } from "../../core/errors.ts";
import type { ItemType } from "../../core/item.ts";
import type { Cluster } from "./cluster.ts";
import type { Indices } from "./indices.ts";
import { mappingOf, type IndexMeta } from "./mapping.ts";

export interface Places {
  cluster: Cluster;
  log: Logger;
  indices: Indices;
  refreshInterval: string;
}

/**
 * The index that an alias of documents or slices shows, which is written in place: made when there is none, its mapping brought up
 * to date.
 * @throws SettingsError `mixed_origins`, `mapping_changed`, `index_owns_name`, `alias_taken`
 */
export async function openPlace(
  { cluster, indices, refreshInterval }: Places,
  alias: string,
  item: ItemType,
  kind: "documents" | "slices",
  origin?: "demo" | "real",
): Promise<string> {
  const mapping = mappingOf(item, { alias, ...(origin === undefined ? {} : { origin }) });
  const first = `${alias}-${kind}-1`;
  let found = await indices.find(alias);
  if (found === undefined) {
    if (kind === "slices") await createSignatures(cluster, `${first}-runs`);
    await indices.create(first, { mapping, pattern: `${alias}-${kind}-*`, hidden: false, refreshInterval, alias });
    found = await indices.find(alias);
  }
  if (found === undefined)
    throw new SettingsError("alias_taken", `serving: ${first} is there without its alias ${alias}: remove it, then run the job again`);
  refuseMixed(cluster, found, alias, origin);
  await indices.update(found, mapping);
  if (found.refreshInterval !== refreshInterval)
    await cluster.ask({
      method: "PUT",
      path: `/${encodeURIComponent(found.index)}/_settings`,
      body: { index: { refresh_interval: refreshInterval } },
    });
  return found.index;
}

/** Which run wrote a slice last; see `replaceSlice`. */
async function createSignatures(cluster: Cluster, index: string): Promise<void> {
  const settings = { index: { hidden: true, number_of_shards: 1, auto_expand_replicas: "0-1" } };
  await cluster.ask({ method: "PUT", path: `/${encodeURIComponent(index)}`, body: { settings, mappings: { dynamic: false } } }, [400]);
}

function refuseMixed(
  cluster: Cluster,
  { index, meta }: { index: string; meta: IndexMeta },
  alias: string,
  origin: "demo" | "real" | undefined,
): void {
  if (meta.origin === origin) return;
  throw new SettingsError(
    "mixed_origins",
    `serving: ${alias} at ${cluster.place} holds ${meta.origin ?? "no"} documents and these are ${origin}: choose another name (ES_INDEX), or remove those: curl -X DELETE '${cluster.url}/${index}'`,
  );
}
