import { join, resolve } from "node:path";
import { z } from "zod";
import type { Context } from "../core/context.ts";
import type { Engine } from "../core/engine.ts";
import { defineItem, type ItemType } from "../core/item.ts";
import { columnsOf } from "../core/schema/columns.ts";
import type { ServedScan } from "../core/served-scan.ts";
import { openWhole } from "../storage/whole-stream.ts";

/** A document of either side on its way into the comparison. Both go through the same JSON writer: equal values are equal texts. */
const Line = defineItem({
  name: "line",
  key: ["key"],
  schema: z.object({ key: z.string(), version: z.string(), document: z.record(z.string(), z.unknown()) }),
});

export interface SideOptions {
  engine: Engine;
  /** Name of the view: `key`, `version` and `document`, all text. */
  view: string;
  /** Where the lines are written. */
  dir: string;
  documents: ServedScan;
  signal: AbortSignal;
  /** How many there are so far. */
  onProgress: (documents: number) => void;
}

/** Writes a side's documents to disk, a chunk at a time, and makes them a view; gives their number. */
export async function openSide({ engine, view, dir, documents, signal, onProgress }: SideOptions): Promise<number> {
  const file = join(dir, `${view}.jsonl`);
  const out = openWhole(file);
  let count = 0;
  try {
    for await (const chunk of documents) {
      signal.throwIfAborted();
      out.write(chunk.map((line) => `${JSON.stringify(line)}\n`).join(""));
      count += chunk.length;
      onProgress(count);
    }
    out.commit();
  } finally {
    out.abort();
  }
  await engine.source(view, { format: "jsonl", files: count === 0 ? [] : [file], columns: columnsOf(Line) });
  return count;
}

/** What the serving store has under a name; it is not written, nor made. */
export async function scanServed(alias: string, item: ItemType, c: Context, root: string): Promise<ServedScan> {
  const { settings, signal } = c;
  if (settings.ELASTICSEARCH_URL !== undefined) {
    const { scanElasticsearch } = await import("../sinks/elasticsearch/scan.ts");
    return scanElasticsearch({ settings, alias, item, signal });
  }
  const { scanEmbedded } = await import("../sinks/embedded/scan.ts");
  return scanEmbedded(resolve(root, settings.SERVING_PATH), alias);
}

/** The documents that the batch serves out of a view of its Parquet. */
export async function* batchDocuments(engine: Engine, view: string, item: ItemType, version: string): ServedScan {
  for await (const chunk of engine.documents(view, { columns: columnsOf(item), key: item.key[0]!, version }))
    yield chunk.map((each) => ({ ...each, document: JSON.parse(each.document) as unknown }));
}
