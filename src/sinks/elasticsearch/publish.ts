import { ArachneError, SettingsError } from "../../core/errors.ts";
import type { Cluster } from "./cluster.ts";
import { publishedAlias, servedNames, versionsOf } from "./state.ts";

/** Makes each alias show its new index, in one step for all. Said again, it changes nothing. */
export async function moveAliases(cluster: Cluster, targets: ReadonlyMap<string, string>): Promise<void> {
  const actions: object[] = [];
  for (const [alias, index] of targets) {
    const { current } = await versionsOf(cluster, alias);
    if (current === index) continue;
    if (current !== undefined) actions.push({ remove: { index: current, alias } });
    actions.push({ add: { index, alias } }, { add: { index, alias: publishedAlias(alias), is_hidden: true } });
  }
  if (actions.length > 0) await cluster.ask({ method: "POST", path: "/_aliases", body: { actions } });
}

/** Removes former versions beyond `keep`, and older ones that were never published or were gone back from. */
export async function prune(cluster: Cluster, alias: string, keep: number): Promise<void> {
  const { all, current, former } = await versionsOf(cluster, alias);
  const kept = new Set(former.slice(0, keep));
  await removeIndices(
    cluster,
    all.filter((index) => index < (current ?? "") && !kept.has(index)),
  );
}

/** Removes what runs that died have left of a table, and what was gone back from. */
export async function removeLeftovers(cluster: Cluster, alias: string, mine: ReadonlySet<string>): Promise<void> {
  const { all, current, former } = await versionsOf(cluster, alias);
  await removeIndices(
    cluster,
    all.filter((index) => index !== current && !former.includes(index) && !mine.has(index)),
  );
}

async function removeIndices(cluster: Cluster, indices: readonly string[]): Promise<void> {
  for (const index of indices) await cluster.ask({ method: "DELETE", path: `/${encodeURIComponent(index)}` }, [404]);
}

/** What is gone back from loses its mark, so that it is no version to go back to any more; the next run removes it. */
export async function rollback(cluster: Cluster, alias: string): Promise<{ from: string; to: string }> {
  const names = await servedNames(cluster);
  const name = names.find((each) => each.alias === alias);
  if (name === undefined) {
    const known =
      names.length === 0 ? "It has nothing of Arachne's yet: run a job first" : `It has: ${names.map((each) => each.alias).join(", ")}`;
    throw new SettingsError("unknown_alias", `serving: Elasticsearch at ${cluster.place} has no ${alias}. ${known}`);
  }
  const { current: from, former } = name;
  const to = former[0];
  if (to === undefined) throw new ArachneError("no_former", `serving: ${alias} has no former version to go back to: it stays ${from}`);
  const actions = [
    { remove: { index: from, alias } },
    { remove: { index: from, alias: publishedAlias(alias) } },
    { add: { index: to, alias } },
  ];
  await cluster.ask({ method: "POST", path: "/_aliases", body: { actions } });
  return { from, to };
}
