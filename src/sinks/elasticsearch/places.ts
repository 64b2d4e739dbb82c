import type { Logger } from "../../core/context.ts";
import { SettingsError } from "../../core/errors.ts";
import type { ItemType } from "../../core/item.ts";
import type { ServedDocuments } from "../../core/serving.ts";
import type { Cluster } from "./cluster.ts";
import type { Found, Indices } from "./indices.ts";
import { mappingOf } from "./mapping.ts";
import { claim, originAlias, originOf } from "./origin.ts";

export interface Places {
  cluster: Cluster;
  log: Logger;
  indices: Indices;
  refreshInterval: string;
}

type Kind = "documents" | "slices";
type Origin = ServedDocuments["origin"];

/**
 * The index that an alias of documents or slices shows, which is written in place: made when there is none, its mapping brought up
 * to date. Given an origin, it takes documents of that one only from then on.
 * @throws SettingsError `mixed_origins`, `mapping_changed`, `index_owns_name`, `alias_taken`
 */
export async function openPlace(
  { cluster, indices, refreshInterval }: Places,
  alias: string,
  item: ItemType,
  kind: Kind,
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
  if (origin !== undefined) await claimFor(origin, found);
  const { index, meta } = found;
  await indices.update(found, mappingOf(item, { alias, ...(meta.origin === undefined ? {} : { origin: meta.origin }) }));
  if (found.refreshInterval !== refreshInterval)
    await cluster.ask({
      method: "PUT",
      path: `/${encodeURIComponent(index)}/_settings`,
      body: { index: { refresh_interval: refreshInterval } },
    });
  return index;

  async function claimFor(origin: Origin, found: Found): Promise<void> {
    let held = originOf(found);
    if (held === undefined) {
      if (await claim(cluster, found, origin)) return;
      held = originOf(await seen(indices, alias, found.index));
    }
    if (held !== origin) throw mixed(cluster, found, held, origin);
  }
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

function mixed({ place, url }: Cluster, { index, meta: { alias } }: Found, held: Origin | undefined, origin: Origin): SettingsError {
  return new SettingsError(
    "mixed_origins",
    `serving: ${alias} at ${place} holds ${held ?? "no"} documents and these are ${origin}: choose another name (ES_INDEX), or remove those: curl -X DELETE '${url}/${index}'`,
  );
}
