import { once } from "node:events";
import { createWriteStream, existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { identifier, textLiteral, type Sql } from "../core/schema/sql-text.ts";
import type { Settings } from "../core/settings.ts";
import { readSqlite } from "../storage/sqlite-reader.ts";
import { batchFiles } from "./batch-input.ts";
import { topicNames } from "./topics.ts";

export interface QueryView {
  name: string;
  /** For people: what it shows and where that is. */
  description: string;
  /** The SQL behind it; data that DuckDB cannot read in place is first copied below `scratch`. */
  sql(scratch: string): Promise<Sql>;
}

export interface QueryPlace {
  settings: Settings;
  /** The project's folder: paths in settings are relative to it. */
  root: string;
}

/** What there is to be asked about in this project now: batch files, the batch's output, embedded serving tables, topics; a name once. */
export function queryViews({ settings, root }: QueryPlace): QueryView[] {
  const views = new Map(fileViews(settings, root).map((view) => [view.name, view]));
  const served = settings.ELASTICSEARCH_URL === undefined ? servingViews(resolve(root, settings.SERVING_PATH)) : [];
  for (const view of served) {
    const name = views.has(view.name) ? `serving_${view.name}` : view.name;
    views.set(name, { ...view, name });
  }
  return [...views.values(), ...topicViews(settings)];
}

/** For people: where the served tables are when they are not here. */
export function servedElsewhere({ ELASTICSEARCH_URL: url }: Settings): string | undefined {
  if (url === undefined) return undefined;
  return `what is served is in Elasticsearch (${url.replaceAll(/\/\/[^/@]*@/g, "//")}): ask there; arachne rollback names its indices`;
}

function fileViews(settings: Settings, root: string): QueryView[] {
  const views: QueryView[] = [];
  const named = settings.SOURCE_TYPE ?? settings.BATCH_FILE_FORMAT;
  const format = named === "kafka_replay" ? settings.BATCH_FILE_FORMAT : named;
  const files = batchFiles(settings, root, format);
  const list = `[${files.map(textLiteral).join(", ")}]`;
  const read = { json: "read_json_auto", jsonl: "read_json_auto", csv: "read_csv_auto", parquet: "read_parquet" }[format];
  // Read as numbers, codes would lose their leading zeros.
  const text = format === "csv" ? ", all_varchar = true, header = true" : "";
  const fixed = (name: string, description: string, sql: Sql): QueryView => ({ name, description, sql: () => Promise.resolve(sql) });
  if (files.length > 0)
    views.push(
      fixed(
        "batch_input",
        `${files.length} batch files (${settings.SOURCE_PATH ?? settings.BATCH_OUTPUT_DIR})`,
        `SELECT * FROM ${read}(${list}, union_by_name = true${text})`,
      ),
    );
  return [...views, ...outputViews(resolve(root, settings.OUTPUT_PATH), fixed)];
}

/** A file or a folder of Parquet in the output is a view of its name. */
function outputViews(output: string, fixed: (name: string, description: string, sql: Sql) => QueryView): QueryView[] {
  if (!existsSync(output)) return [];
  return readdirSync(output, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(output, entry.name);
      if (entry.isDirectory()) {
        const files = textLiteral(join(path, "**", "*.parquet"));
        return [
          fixed(
            entry.name,
            `${path} (Parquet by folders)`,
            `SELECT * FROM read_parquet(${files}, hive_partitioning = true, hive_types_autocast = false)`,
          ),
        ];
      }
      if (!entry.name.endsWith(".parquet")) return [];
      return [fixed(entry.name.slice(0, -".parquet".length), path, `SELECT * FROM read_parquet(${textLiteral(path)})`)];
    });
}

/** DuckDB reads SQLite files only with an extension that would have to be fetched, so what is asked for is copied out. */
function servingViews(path: string): QueryView[] {
  if (!existsSync(path)) return [];
  using db = readSqlite(path);
  const aliases = db.all<{ name: string; current: string }>("SELECT name, current FROM alias ORDER BY name");
  return aliases.map(({ name, current }) => {
    const documents = current.endsWith("@documents");
    return {
      name,
      description: `${documents ? "documents" : "table"} of the serving store (${path})`,
      sql: (scratch) =>
        copyOut(
          path,
          documents ? `SELECT document AS line FROM ${identifier(name)}` : rowsAsJson(path, name),
          join(scratch, `${name}.jsonl`),
        ),
    };
  });
}

function rowsAsJson(path: string, view: string): Sql {
  using db = readSqlite(path);
  const columns = db.all<{ name: string }>(`SELECT name FROM pragma_table_info(${textLiteral(view)})`);
  return `SELECT json_object(${columns.map((c) => `${textLiteral(c.name)}, ${identifier(c.name)}`).join(", ")}) AS line FROM ${identifier(view)}`;
}

function topicViews(settings: Settings): QueryView[] {
  return topicNames(settings).map((topic) => {
    const file = join(settings.TOPIC_DIR, `${topic}.db`);
    return {
      name: `topic_${topic.replace(/\W/g, "_")}`,
      description: `messages of the topic ${topic} (${file})`,
      sql: (scratch) =>
        copyOut(
          file,
          `SELECT json_object('offset', "offset", 'sent_at', strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch'), 'key', key, 'value', json(value), 'headers', json(headers)) AS line FROM message`,
          join(scratch, `${topic}.jsonl`),
        ),
    };
  });
}

async function copyOut(path: string, lines: Sql, file: string): Promise<Sql> {
  using db = readSqlite(path);
  const out = createWriteStream(file);
  let rows = 0;
  for (const { line } of db.iterate<{ line: string }>(lines)) {
    rows++;
    if (!out.write(`${line}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
  if (rows === 0) return "SELECT NULL AS empty WHERE false";
  return `SELECT * FROM read_json_auto(${textLiteral(file)}, format = 'newline_delimited', sample_size = -1)`;
}
