import type { ServedDocuments } from "../../core/serving.ts";
import type { Cluster } from "./cluster.ts";
import type { Found } from "./indices.ts";
import { changeAliases } from "./publish.ts";

type Origin = ServedDocuments["origin"];

/** A hidden alias says whose documents an index takes, since aliases can be changed on a condition and mappings cannot; `none`: of the first that comes. */
export function originAlias(alias: string, origin: Origin | "none"): Readonly<Record<string, object>> {
  return { [nameOf(alias, origin)]: { is_hidden: true } };
}

/** Undefined: none was written yet. */
export function originOf({ meta, aliases }: Found): Origin | undefined {
  return meta.origin ?? (["demo", "real"] as const).find((origin) => aliases.includes(nameOf(meta.alias, origin)));
}

/** Of several that begin at once one has its way. */
export async function claim(cluster: Cluster, { index, meta: { alias } }: Found, origin: Origin): Promise<boolean> {
  return await changeAliases(cluster, [
    { remove: { index, alias: nameOf(alias, "none"), must_exist: true } },
    { add: { index, alias: nameOf(alias, origin), is_hidden: true } },
  ]);
}

function nameOf(alias: string, origin: Origin | "none"): string {
  return `${alias}-of-${origin}`;
}
