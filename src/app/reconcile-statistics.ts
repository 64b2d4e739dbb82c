import { collectRows, oneRow, type Engine, type ResultRow } from "../core/engine.ts";
import { itemKey, type ItemType } from "../core/item.ts";
import { fieldDifferences, type Difference, type ReconciledStatistic } from "../core/reconcile.ts";
import { columnsOf, type Column } from "../core/schema/columns.ts";
import { checkedSql } from "../core/schema/rules-sql.ts";
import { identifier, reference, textLiteral, type Sql } from "../core/schema/sql-text.ts";

export interface StatisticResult {
  readonly name: string;
  readonly batchRows: number;
  readonly servedRows: number;
  readonly differences: readonly Difference[];
}

export interface StatisticsOptions {
  engine: Engine;
  statistics: Readonly<Record<string, ReconciledStatistic>>;
  date: string;
  /** Typed views of both sides' documents. */
  batch: string;
  served: string;
}

/** Computes each statistic from both sides' documents by the same SQL, and compares the rows. */
export async function compareStatistics({ engine, statistics, date, batch, served }: StatisticsOptions): Promise<StatisticResult[]> {
  const results: StatisticResult[] = [];
  for (const [name, statistic] of Object.entries(statistics)) {
    const [ofBatch, ofServed] = [`batch_${name}`, `served_${name}`];
    await compute(engine, ofBatch, batch, statistic, date);
    await compute(engine, ofServed, served, statistic, date);
    const only = (view: string, other: string): Promise<ResultRow[]> =>
      collectRows(engine, `SELECT * FROM ${identifier(view)} EXCEPT ALL SELECT * FROM ${identifier(other)}`);
    results.push({
      name,
      batchRows: await countOf(engine, identifier(ofBatch)),
      servedRows: await countOf(engine, identifier(ofServed)),
      differences: pairUp(statistic.item, await only(ofBatch, ofServed), await only(ofServed, ofBatch)),
    });
  }
  return results;
}

async function compute(engine: Engine, name: string, documents: string, statistic: ReconciledStatistic, date: string): Promise<void> {
  const queries = statistic.sql(documents, { date, rows: await countOf(engine, documents) });
  // One after the other: the engine holds the groups of one part in memory, not of all.
  for (const [i, sql] of queries.entries()) await engine.stage(`${name}_part_${i}`, sql);
  const columns = columnsOf(statistic.item).map((column) => identifier(column.name));
  const parts = queries.map((_, i) => `SELECT ${columns.join(", ")} FROM ${identifier(`${name}_part_${i}`)}`);
  await engine.stage(name, parts.join(" UNION ALL "));
}

async function countOf(engine: Engine, view: string): Promise<number> {
  return (await oneRow<{ n: number }>(engine, `SELECT COUNT(*) AS n FROM ${view}`)).n;
}

function pairUp(item: ItemType, batch: readonly ResultRow[], served: readonly ResultRow[]): Difference[] {
  const others = new Map(served.map((row) => [itemKey(item, row), row]));
  const found = batch.map((row): Difference => {
    const key = itemKey(item, row);
    const other = others.get(key);
    others.delete(key);
    return { kind: other === undefined ? "missing" : "changed", key: nameOf(item, row), fields: fieldDifferences(row, other) };
  });
  const extra = [...others.values()].map((row): Difference => ({
    kind: "extra",
    key: nameOf(item, row),
    fields: fieldDifferences(undefined, row),
  }));
  return [...found, ...extra].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function nameOf(item: ItemType, row: ResultRow): string {
  return item.key.map((name) => (typeof row[name] === "string" ? row[name] : JSON.stringify(row[name]))).join(" / ");
}

export interface ServedViewOptions {
  engine: Engine;
  /** See `openSide`. */
  served: string;
  /** The typed view of the batch's documents. */
  batch: string;
  item: ItemType;
  batchOnly: readonly string[];
  /** JSON lines with the keys of those that await the batch; undefined: none. */
  awaitingFile: string | undefined;
}

/**
 * The served documents with every column in its type, as `served_documents`. Those that only await the batch's next run have here what
 * it will write.
 */
export async function stageServedDocuments({ engine, served, batch, item, batchOnly, awaitingFile }: ServedViewOptions): Promise<string> {
  const view = "served_documents";
  const columns = columnsOf(item);
  const texts = columns.map(({ name }) => `${reference("found", name)} AS ${identifier(name)}`).join(", ");
  const shape = textLiteral(JSON.stringify(shapeOf(columns)));
  const json = `CASE WHEN json_valid("document") THEN "document" END`; // anything may stand in a store
  const found = `(SELECT ${texts} FROM (SELECT json_transform(${json}, ${shape}) AS found FROM ${served}) AS lines)`;
  const typed = checkedSql({ name: item.name, schema: item.schema, key: item.key }, found);
  await engine.source("awaiting", {
    format: "jsonl",
    files: awaitingFile === undefined ? [] : [awaitingFile],
    columns: columnsOf(item)
      .filter(({ name }) => name === item.key[0])
      .map((column) => ({ ...column, name: "key" })),
  });
  const key = identifier(item.key[0]!);
  const cells = columns.map(({ name }) => {
    const own = reference("s", name);
    return batchOnly.includes(name) ? `CASE WHEN a."key" IS NULL THEN ${own} ELSE ${reference("b", name)} END AS ${identifier(name)}` : own;
  });
  await engine.stage(
    view,
    `SELECT ${cells.join(", ")} FROM (${typed}) AS s LEFT JOIN awaiting AS a ON a."key" = s.${key} ${join(batch, key)}`,
  );
  return view;
}

function join(batch: string, key: Sql): Sql {
  return `LEFT JOIN (SELECT * FROM ${batch} WHERE ${key} IN (SELECT "key" FROM awaiting)) AS b ON b.${key} = s.${key}`;
}

function shapeOf(columns: readonly Column[]): object {
  return Object.fromEntries(columns.map(({ name, kind, fields }) => [name, kind === "struct" ? shapeOf(fields) : "VARCHAR"]));
}
