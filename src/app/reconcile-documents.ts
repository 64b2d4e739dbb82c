import { collectRows, type Engine, type ResultRow } from "../core/engine.ts";
import { ArachneError } from "../core/errors.ts";
import { fieldDifferences, VERSION, type BothValues, type Difference } from "../core/reconcile.ts";
import { identifier } from "../core/schema/sql-text.ts";
import { openWhole } from "../storage/whole-stream.ts";

export interface DocumentCounts {
  equal: number;
  changed: number;
  missing: number;
  extra: number;
  /** Differ in nothing but what the batch's next run writes. */
  awaiting: number;
}

export interface CompareOptions {
  engine: Engine;
  /** Views of both sides; see `openSide`. */
  batch: string;
  served: string;
  /** What the batch alone can tell, and what of it the store was told last. */
  batchOnly: BatchOnly | undefined;
  /** Where the keys of those that await the batch are written, as JSON lines with `key`. */
  awaitingFile: string;
  onDifference: (difference: Difference) => void | Promise<void>;
}

export interface BatchOnly {
  columns: readonly string[];
  /** The view of the published output's documents; undefined: nothing is published. */
  published: string | undefined;
  key: string;
  version: string;
}

interface Pair extends ResultRow {
  key: string;
  batch_version: string | null;
  batch_document: string | null;
  served_version: string | null;
  served_document: string | null;
  known_version: string | null;
}

/** Compares the hashes of all documents, and field by field those whose hashes differ, in the order of their keys. */
export async function compareDocuments(o: CompareOptions): Promise<DocumentCounts> {
  const { engine, onDifference } = o;
  for (const side of ["batch", "served"] as const)
    await engine.stage(`${side}_hashes`, `SELECT "key", md5(concat("version", ' ', "document")) AS hash FROM ${o[side]}`);
  await engine.stage(
    "pairs",
    `SELECT COALESCE(b."key", s."key") AS "key", b.hash IS NOT DISTINCT FROM s.hash AS same
    FROM batch_hashes AS b FULL JOIN served_hashes AS s ON s."key" = b."key"`,
  );
  await engine.stage("differing", 'SELECT "key" FROM pairs WHERE NOT same');
  const [{ n } = { n: 0 }] = await collectRows<{ n: number }>(engine, "SELECT COUNT(*) AS n FROM pairs WHERE same");
  const counts: DocumentCounts = { equal: n, changed: 0, missing: 0, extra: 0, awaiting: 0 };
  const awaiting = openWhole(o.awaitingFile);
  try {
    for await (const chunk of engine.query<Pair>(await pairsSql(o)))
      for (const pair of chunk) {
        const fields = differencesOf(pair);
        if (Object.keys(fields).length === 0) counts.equal++; // the same fields in another order
        else if (awaitsBatch(pair, fields, o.batchOnly)) {
          counts.awaiting++;
          awaiting.write(`${JSON.stringify({ key: pair.key })}\n`);
        } else {
          const kind = pair.batch_document === null ? "extra" : pair.served_document === null ? "missing" : "changed";
          counts[kind]++;
          await onDifference({ kind, key: pair.key, fields });
        }
      }
    awaiting.commit();
  } finally {
    awaiting.abort();
  }
  return counts;
}

/** Both documents of each differing key, with what the published output says in the columns that only the batch can tell. */
async function pairsSql({ engine, batch, served, batchOnly }: CompareOptions): Promise<string> {
  const side = (name: "batch" | "served", view: string): { columns: string; join: string } => ({
    columns: `${name}."version" AS ${name}_version, ${name}."document" AS ${name}_document`,
    // Few of many: so the join holds those alone.
    join: `LEFT JOIN (SELECT * FROM ${view} WHERE "key" IN (SELECT "key" FROM differing)) AS ${name} ON ${name}."key" = d."key"`,
  });
  const [one, other] = [side("batch", batch), side("served", served)];
  const known = await knownSql(engine, batchOnly);
  return `SELECT d."key", ${one.columns}, ${other.columns}, ${known.columns} FROM differing AS d ${one.join} ${other.join} ${known.join} ORDER BY d."key"`;
}

async function knownSql(engine: Engine, batchOnly: BatchOnly | undefined): Promise<{ columns: string; join: string }> {
  const none = { columns: "CAST(NULL AS VARCHAR) AS known_version", join: "" };
  if (batchOnly?.published === undefined) return none;
  const { columns, published, key, version } = batchOnly;
  const names = columns.map((name) => `${identifier(name)} AS ${identifier(`known ${name}`)}`);
  const select = `SELECT ${identifier(key)} AS "key", ${identifier(version)} AS known_version, ${names.join(", ")} FROM ${published}`;
  try {
    await collectRows(engine, `${select} LIMIT 0`);
  } catch (error) {
    if (error instanceof ArachneError && error.code === "query_failed") return none; // published with other columns
    throw error;
  }
  return {
    columns: ["known_version", ...columns.map((name) => identifier(`known ${name}`))].map((name) => `known.${name}`).join(", "),
    join: `LEFT JOIN (${select} WHERE ${identifier(key)} IN (SELECT "key" FROM differing)) AS known ON known."key" = d."key"`,
  };
}

function differencesOf(pair: Pair): Record<string, BothValues> {
  const { batch_document, served_document, batch_version: batch, served_version: served } = pair;
  const fields = fieldDifferences(parsed(batch_document), parsed(served_document));
  if (batch_document !== null && served_document !== null && batch !== served) fields[VERSION] = { batch, served };
  return fields;
}

function parsed(text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text; // as it stood in the store: no JSON
  }
}

/** Whether the served document is as the stream wrote it, or as the last run of the batch did, and the batch's next one changes nothing else. */
function awaitsBatch(pair: Pair, fields: Readonly<Record<string, BothValues>>, batchOnly: BatchOnly | undefined): boolean {
  if (batchOnly === undefined || pair.batch_document === null || pair.served_document === null) return false;
  return Object.entries(fields).every(([name, { batch, served }]) => {
    if (!batchOnly.columns.includes(name)) return false;
    const known = pair.known_version === pair.batch_version ? (pair[`known ${name}`] ?? null) : null;
    return served === known && batch !== known;
  });
}
