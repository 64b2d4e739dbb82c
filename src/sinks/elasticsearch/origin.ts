import { SettingsError } from "../../core/errors.ts";
import type { ServedDocuments } from "../../core/serving.ts";
import type { Cluster } from "./cluster.ts";
import type { Found } from "./indices.ts";
import { changeAliases } from "./publish.ts";

type Origin = ServedDocuments["origin"];
type Held = Origin | "none";

/** A hidden alias says whose documents an index takes, since aliases can be changed on a condition and mappings cannot; `none`: of the first that comes. */
export function originAlias(alias: string, held: Held): Readonly<Record<string, object>> {
  return { [nameOf(alias, held)]: { is_hidden: true } };
}

/** Undefined: it does not say, as a copy does not, which has the mapping and not the aliases. */
export function originOf({ meta, aliases }: Found): Held | undefined {
  return meta.origin ?? (["demo", "real", "none"] as const).find((held) => aliases.includes(nameOf(meta.alias, held)));
}

/** Makes it the origin's, unless somebody else was first. */
export async function claim(cluster: Cluster, { index, meta: { alias } }: Found, origin: Origin): Promise<void> {
  await changeAliases(cluster, [
    { remove: { index, alias: nameOf(alias, "none"), must_exist: true } },
    { add: { index, alias: nameOf(alias, origin), is_hidden: true } },
  ]);
}

/** @throws SettingsError `origin_unknown`, `mixed_origins` */
export function requireOrigin(found: Found, origin: Origin | undefined, { place, url }: Cluster): void {
  const { index, meta } = found;
  const held = originOf(found);
  const post = (actions: object): string =>
    `curl -X POST '${url}/_aliases' -H 'content-type: application/json' -d '${JSON.stringify({ actions: [actions] })}'`;
  if (held === undefined)
    throw new SettingsError(
      "origin_unknown",
      `serving: nothing says whether ${index} at ${place}, which ${meta.alias} shows, holds demo or real documents (a copy has lost the alias that did): say it, demo or real: ` +
        post({ add: { index, alias: nameOf(meta.alias, "real"), is_hidden: true } }),
    );
  if (origin === undefined || held === origin) return;
  throw new SettingsError(
    "mixed_origins",
    `serving: ${meta.alias} at ${place} holds ${held} documents and these are ${origin}: choose another name (ES_INDEX), or remove those: curl -X DELETE '${url}/${index}'`,
  );
}

function nameOf(alias: string, held: Held): string {
  return `${alias}-of-${held}`;
}
