import type { Logger } from "../../core/context.ts";
import { ArachneError, describeError, TransientError } from "../../core/errors.ts";
import type { ServedTable } from "../../core/serving.ts";
import { requireKind } from "../kinds.ts";
import { stampAfter } from "../stamp.ts";
import { tableRows, wrongCount } from "../table-rows.ts";
import { thisBuilder } from "./builder.ts";
import { bulk } from "./bulk.ts";
import type { Operation } from "./bulk-send.ts";
import type { Cluster } from "./cluster.ts";
import type { Indices } from "./indices.ts";
import { kindOf } from "./kind-of.ts";
import { mappingOf } from "./mapping.ts";
import { rowWriter } from "./operations.ts";
import { removeLeftovers } from "./old-versions.ts";
import type { Refusals } from "./refusals.ts";
import { countOf, versionsOf } from "./state.ts";

export interface TableTarget {
  cluster: Cluster;
  indices: Indices;
  /** Indices that this run has built: no leftovers. */
  mine: Set<string>;
  now: () => Date;
  log: Logger;
  refusals: (alias: string) => Refusals;
}

/** Builds a table in an index of its own that no alias shows yet, and counts what has arrived there. */
export async function buildTable(
  table: ServedTable,
  { cluster, indices, mine, now, log, refusals }: TableTarget,
): Promise<{ index: string; rows: number }> {
  const { alias, item, expected } = table;
  const there = await indices.find(alias); // refuses a name that is not ours
  if (there !== undefined) requireKind(alias, cluster.place, kindOf(there), "table");
  await removeLeftovers(cluster, alias, mine, now()).catch((error: unknown) => {
    if (!(error instanceof ArachneError) || error instanceof TransientError) throw error;
    log.warn(`serving: what earlier runs have left of ${alias} could not be removed: ${describeError(error)}`);
  });
  const newest = (await versionsOf(cluster, alias)).all.at(-1)?.slice(alias.length + 1);
  const index = `${alias}-${stampAfter(now(), newest).toLowerCase()}`;
  mine.add(index);
  const mapping = { ...mappingOf(item, { alias, builder: thisBuilder(now()) }), dynamic: "strict" } as const;
  await indices.template({ mapping, pattern: `${alias}-2*z`, hidden: true });
  await indices.create(index, { mapping, hidden: true, refreshInterval: "-1" });

  const refused = refusals(alias);
  await bulk({ cluster, index, refusals: refused }, operations(table, rowWriter(item)));
  refused.check(expected);

  const path = `/${encodeURIComponent(index)}`;
  await cluster.ask({ method: "PUT", path: `${path}/_settings`, body: { index: { refresh_interval: null } } });
  await cluster.ask({ method: "POST", path: `${path}/_refresh` });
  const rows = await countOf(cluster, index);
  if (rows !== expected)
    throw wrongCount(
      alias,
      `has ${rows} documents after ${expected} rows were written, so some rows have one key (${item.key.join(", ")})`,
    );
  return { index, rows };
}

export async function* operations(table: ServedTable, write: ReturnType<typeof rowWriter>): AsyncGenerator<readonly Operation[]> {
  for await (const rows of tableRows(table)) yield rows.map(write);
}
