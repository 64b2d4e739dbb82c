import { mayBeBuilding } from "./builder.ts";
import type { Cluster } from "./cluster.ts";
import type { IndexMeta } from "./mapping.ts";
import { versionsOf } from "./state.ts";

/** Removes former versions of a table beyond `keep`. */
export async function prune(cluster: Cluster, alias: string, keep: number): Promise<void> {
  const { former } = await versionsOf(cluster, alias);
  await removeIndices(cluster, former.slice(keep));
}

/** Removes what runs that died have left of a table, and what was gone back from; not what another process may be building now. */
export async function removeLeftovers(cluster: Cluster, alias: string, mine: ReadonlySet<string>, now: Date): Promise<void> {
  const { all, current, former } = await versionsOf(cluster, alias);
  const left = all.filter((index) => index !== current && !former.includes(index) && !mine.has(index));
  if (left.length === 0) return;
  const path = `/${left.map(encodeURIComponent).join(",")}/_mapping`;
  const query = { filter_path: "*.mappings._meta", ignore_unavailable: true };
  const { body } = await cluster.ask<Record<string, { mappings: { _meta?: Partial<IndexMeta> } }>>({ method: "GET", path, query }, [404]);
  await removeIndices(
    cluster,
    left.filter((index) => {
      const builder = body[index]?.mappings?._meta?.builder;
      return builder === undefined || !mayBeBuilding(builder, now);
    }),
  );
}

async function removeIndices(cluster: Cluster, indices: readonly string[]): Promise<void> {
  for (const index of indices) await cluster.ask({ method: "DELETE", path: `/${encodeURIComponent(index)}` }, [404]);
}
