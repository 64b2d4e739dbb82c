import type { ServedName } from "../../core/serving.ts";
import { STAMP } from "../stamp.ts";
import type { Cluster } from "./cluster.ts";
import type { IndexMeta } from "./mapping.ts";

/** The versions of a table as the cluster has them: nothing about them is kept anywhere else. */
export interface Versions {
  /** All of its versions that there are, oldest first: published, gone back from, and left by runs that died. */
  all: readonly string[];
  /** What the alias shows. */
  current: string | undefined;
  /** Published before the current one, newest first. */
  former: readonly string[];
}

type Aliases = Readonly<Record<string, { aliases: Readonly<Record<string, object>> }>>;

/** A hidden alias on every version that was published: it moves in the same step as the one that readers use. */
export function publishedAlias(alias: string): string {
  return `${alias}-published`;
}

export async function versionsOf(cluster: Cluster, alias: string): Promise<Versions> {
  const path = `/${encodeURIComponent(alias)}-*/_alias`;
  const { body } = await cluster.ask<Aliases>({ method: "GET", path, query: { expand_wildcards: "all" } });
  const all = Object.keys(body)
    .filter((index) => index.startsWith(`${alias}-`) && STAMP.test(index.slice(alias.length + 1)))
    .sort();
  const has = (index: string, name: string): boolean => body[index]?.aliases[name] !== undefined;
  const current = all.findLast((index) => has(index, alias));
  const former = all.filter((index) => index < (current ?? "") && has(index, publishedAlias(alias))).reverse();
  return { all, current, former };
}

/** The indices that show under each alias now. */
export async function holdersOf(cluster: Cluster, aliases: readonly string[]): Promise<Map<string, string[]>> {
  const holders = new Map<string, string[]>(aliases.map((alias) => [alias, []]));
  const path = `/_alias/${aliases.map(encodeURIComponent).join(",")}`;
  const { body } = await cluster.ask<Aliases>({ method: "GET", path, query: { expand_wildcards: "all" } }, [404]);
  // Where one of several names is missing the status is 404, and the others are there, beside `error` and `status`.
  for (const [index, found] of Object.entries(body)) for (const alias of Object.keys(found?.aliases ?? {})) holders.get(alias)?.push(index);
  return holders;
}

export async function countOf(cluster: Cluster, index: string): Promise<number> {
  const { body } = await cluster.ask<{ count: number }>({ method: "GET", path: `/${encodeURIComponent(index)}/_count` });
  return body.count;
}

/** All names that Arachne made in this cluster, in order. */
export async function servedNames(cluster: Cluster): Promise<ServedName[]> {
  const query = { expand_wildcards: "all", filter_path: "*.mappings._meta" };
  const { body } = await cluster.ask<Record<string, { mappings: { _meta?: Partial<IndexMeta> } }>>({
    method: "GET",
    path: "/_all/_mapping",
    query,
  });
  const ours = new Set<string>();
  for (const { mappings } of Object.values(body))
    if (mappings._meta?.made_by === "arachne" && mappings._meta.alias !== undefined) ours.add(mappings._meta.alias);
  const names: ServedName[] = [];
  for (const alias of [...ours].sort()) {
    const { status, body: behind } = await cluster.ask<Aliases>({ method: "GET", path: `/_alias/${encodeURIComponent(alias)}` }, [404]);
    const current = status === 404 ? undefined : Object.keys(behind)[0];
    if (current === undefined) continue;
    const count = await cluster.ask<{ count: number }>({ method: "GET", path: `/${encodeURIComponent(alias)}/_count` }, [404]);
    if (count.status === 404) continue; // somebody has removed it since
    names.push({ alias, current, former: (await versionsOf(cluster, alias)).former, rows: count.body.count });
  }
  return names;
}
