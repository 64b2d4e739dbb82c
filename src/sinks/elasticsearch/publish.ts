import { ArachneError, TransientError } from "../../core/errors.ts";
import { reasonOf, refused, type Call, type Cluster } from "./cluster.ts";
import { holdersOf, publishedAlias } from "./state.ts";

/** One try, one after what somebody else did meanwhile, and one for what two first publications did at once. */
const ROUNDS = 3;
const MISSING = 404;

/**
 * Makes each alias show its new index and no other, in one step for all. Whoever else holds the alias is removed on the condition that
 * it still does, so two that publish at once come one after the other. Not to be interrupted: `cluster` must know no signal.
 * @throws ArachneError: nothing moved; but TransientError `serving_unknown` when the server went away before it could be asked
 */
export async function moveAliases(cluster: Cluster, targets: ReadonlyMap<string, string>): Promise<void> {
  const aliases = [...targets.keys()];
  if (aliases.length === 0) return;
  let moved = false;
  for (let round = 0; ; round++) {
    const holders = round > 0 ? await askAfter(cluster, aliases) : await holdersOf(cluster, aliases);
    // One alone that is not ours took the place of ours since: it is the later.
    const done = aliases.every((alias) => {
      const [only, ...others] = holders.get(alias) ?? [];
      return others.length === 0 && only !== undefined && (moved || only === targets.get(alias));
    });
    if (done) return;
    if (round === ROUNDS) throw conflict(aliases, moved);
    const actions: object[] = [];
    for (const [alias, index] of targets) {
      const others = (holders.get(alias) ?? []).filter((holder) => holder !== index);
      actions.push(...others.map((other) => ({ remove: { index: other, alias, must_exist: true } })));
      actions.push({ add: { index, alias } }, { add: { index, alias: publishedAlias(alias), is_hidden: true } });
    }
    moved = (await moveOrSay(cluster, targets, actions)) || moved;
  }
}

/** Moves aliases if all of them are where the actions suppose them; false: they are not, and nothing moved. */
export async function changeAliases(cluster: Cluster, actions: readonly object[]): Promise<boolean> {
  const call: Call = { method: "POST", path: "/_aliases", body: { actions } };
  const answer = await cluster.ask<{ errors?: boolean }>(call, [MISSING]);
  if (answer.status === MISSING && !/alias|no such index/.test(reasonOf(answer.body))) throw refused(cluster.place, call, answer);
  return answer.status !== MISSING && answer.body.errors !== true;
}

/** A server that answers no more may have moved them all the same. */
async function moveOrSay(cluster: Cluster, targets: ReadonlyMap<string, string>, actions: readonly object[]): Promise<boolean> {
  try {
    return await changeAliases(cluster, actions);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    const holders = await askAfter(cluster, [...targets.keys()], error);
    if ([...targets].some(([alias, index]) => holders.get(alias)?.includes(index) !== true)) throw error;
    return true;
  }
}

async function askAfter(cluster: Cluster, aliases: readonly string[], why?: unknown): Promise<Map<string, string[]>> {
  try {
    return await holdersOf(cluster, aliases);
  } catch (cause) {
    throw new TransientError(
      "serving_unknown",
      `serving: publish ${aliases.join(", ")}: Elasticsearch at ${cluster.place} went away in the middle of it, so it may be published or not: run the job again when it is back`,
      { cause: why ?? cause },
    );
  }
}

function conflict(aliases: readonly string[], moved: boolean): ArachneError {
  const message = `serving: publish ${aliases.join(", ")}: others publish under these names at the same time: give each project names of its own (ES_INDEX), or run the job again`;
  return moved ? new TransientError("serving_unknown", message) : new ArachneError("serving_conflict", message);
}
