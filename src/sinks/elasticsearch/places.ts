import type { Logger } from "../../core/context.ts";
import { SettingsError } from "../../core/errors.ts";
import type { ItemType } from "../../core/item.ts";
import type { ServedDocuments } from "../../core/serving.ts";
import { requireKind, type Kind } from "../kinds.ts";
import type { Cluster } from "./cluster.ts";
import type { Found, Indices } from "./indices.ts";
import { mappingOf } from "./mapping.ts";
import { kindOf } from "./kind-of.ts";
import { claim, originAlias, originOf, requireOrigin } from "./origin.ts";

export interface Places {
  cluster: Cluster;
  log: Logger;
  indices: Indices;
  refreshInterval: string;
}

type Origin = ServedDocuments["origin"];

/**
 * The index that an alias of documents or slices shows, which is written in place: made when there is none, its mapping brought up
 * to date. Given an origin, it takes documents of that one only from then on.
 * @throws SettingsError `mixed_origins`, `origin_unknown`, `other_kind`, `mapping_changed`, `index_owns_name`, `alias_taken`
 */
export async function openPlace(
  { cluster, indices, refreshInterval }: Places,
  alias: string,
  item: ItemType,
  kind: Exclude<Kind, "table">,
  origin?: Origin,
): Promise<string> {
  let found = await indices.find(alias);
  if (found === undefined) {
    const index = `${alias}-${kind}-1`;
    if (kind === "slices") await createSignatures(cluster, `${index}-runs`);
    const place = { mapping: mappingOf(item, { alias }), hidden: false };
    const claimed = kind === "documents" ? originAlias(alias, origin ?? "none") : {};
    await indices.template({ ...place, pattern: `${alias}-${kind}-*` });
    await indices.create(index, { ...place, refreshInterval, aliases: { [alias]: {}, ...claimed } });
    found = await seen(indices, alias, index);
  }
  requireKind(alias, cluster.place, kindOf(found), kind);
  if (kind === "documents") {
    if (origin !== undefined)
      for (; originOf(found) === "none"; found = await seen(indices, alias, found.index)) await claim(cluster, found, origin);
    requireOrigin(found, origin, cluster);
  }
  const { index, meta } = found;
  await indices.update(found, mappingOf(item, { alias, ...(meta.origin === undefined ? {} : { origin: meta.origin }) }));
  if (found.refreshInterval !== refreshInterval)
    await cluster.ask({
      method: "PUT",
      path: `/${encodeURIComponent(index)}/_settings`,
      body: { index: { refresh_interval: refreshInterval } },
    });
  return index;
}

async function seen(indices: Indices, alias: string, index: string): Promise<Found> {
  const found = await indices.find(alias);
  if (found !== undefined) return found;
  throw new SettingsError("alias_taken", `serving: ${index} is there without its alias ${alias}: remove it, then run the job again`);
}

/** Which run wrote a slice last; see `replaceSlice`. */
async function createSignatures(cluster: Cluster, index: string): Promise<void> {
  const settings = { index: { hidden: true, number_of_shards: 1, auto_expand_replicas: "0-1" } };
  await cluster.ask({ method: "PUT", path: `/${encodeURIComponent(index)}`, body: { settings, mappings: { dynamic: false } } }, [400]);
}
