import { ArachneError, SettingsError } from "../../core/errors.ts";
import type { Cluster } from "./cluster.ts";
import { changeAliases } from "./publish.ts";
import { holdersOf, publishedAlias, servedNames } from "./state.ts";

/** What is gone back from loses its mark, so that it is no version to go back to any more; a later run removes it. */
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
  const holders = (await holdersOf(cluster, [alias])).get(alias) ?? [];
  const moved = await changeAliases(cluster, [
    ...holders.filter((index) => index !== to).map((index) => ({ remove: { index, alias, must_exist: true } })),
    { remove: { index: from, alias: publishedAlias(alias), must_exist: true } },
    { add: { index: to, alias } },
  ]);
  // A try whose answer was lost may have done it.
  if (!moved && (await holdersOf(cluster, [alias])).get(alias)?.join() !== to)
    throw new ArachneError("serving_conflict", `serving: ${alias} was published or gone back with at the same time: see arachne rollback`);
  return { from, to };
}
