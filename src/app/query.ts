import { createWriteStream, existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SettingsError } from "../core/errors.ts";
import { identifier, textLiteral, type Sql } from "../core/schema/sql-text.ts";
import type { Settings } from "../core/settings.ts";
import { openDuckDb, type DuckDb } from "../storage/duckdb.ts";
import type { Row } from "../storage/cells.ts";
import { readSqlite } from "../storage/sqlite-reader.ts";
import { batchFiles } from "./batch-input.ts";

export interface QueryView {
  name: string;
  /** For people: what it shows and where that is. */
  description: string;
  /** The SQL behind it; data that DuckDB cannot read in place is first copied below `scratch`. */
  sql(scratch: string): Promise<Sql>;
}

export interface QueryAnswer extends AsyncDisposable {
  columns: readonly { name: string; type: string }[];
  /** In chunks, as they are computed. */
  rows: AsyncIterable<readonly Row[]>;
}

export interface QueryOptions {
  settings: Settings;
  /** The project's folder: paths in settings are relative to it. */
  root: string;
  signal?: AbortSignal;
}

/** What there is to be asked about in this project now: batch files, the batch's output, serving tables, topics. */
export function queryViews({ settings, root }: QueryOptions): QueryView[] {
  return [
    ...fileViews(settings, root),
    ...servingViews(resolve(root, settings.SERVING_PATH)),
    ...topicViews(resolve(root, settings.TOPIC_DIR)),
  ];
}

/**
 * Answers one SELECT (DuckDB's SQL). Only the views that it names are loaded; nothing can be written.
 * @throws SettingsError `query_kind` for what is no SELECT; ArachneError `query_failed` with DuckDB's words
 */
export async function query(sql: Sql, options: QueryOptions): Promise<QueryAnswer> {
  const { settings, signal } = options;
  const statement = sql.trim().replace(/[;\s]+$/, "");
  if (!/^(?:\(|(?:select|with|from|values|describe|summarize|show|pivot)\b)/i.test(statement.replace(/^(?:\s|--.*\n|\/\*[^]*?\*\/)+/, "")))
    throw new SettingsError("query_kind", "query: only questions can be asked: write a SELECT");
  const views = queryViews(options);
  const scratch = await mkdtemp(join(tmpdir(), "arachne-query-"));
  const db = await openDuckDb({
    part: "query",
    memoryLimit: settings.DUCKDB_MEMORY_LIMIT,
    tempDir: join(scratch, "spill"),
    ...(signal === undefined ? {} : { signal }),
  });
  const close = async (): Promise<void> => {
    await db[Symbol.asyncDispose]();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    for (const view of views)
      if (mentions(statement, view.name)) await db.run(`CREATE TEMP VIEW ${identifier(view.name)} AS ${await view.sql(scratch)}`);
    // In brackets only a question is valid SQL: a COPY, or a second statement, is refused by the parser.
    const columns = await describe(db, statement, views);
    return { columns, rows: db.stream(`FROM (${statement}\n)`), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function describe(db: DuckDb, statement: Sql, views: readonly QueryView[]): Promise<QueryAnswer["columns"]> {
  try {
    return await db.describe(`FROM (${statement}\n)`);
  } catch (error) {
    const missing = error instanceof Error ? /Table with name (\S+) does not exist/.exec(error.message)?.[1] : undefined;
    if (missing === undefined) throw error;
    throw new SettingsError(
      "unknown_view",
      `query: there is no ${missing} here. There are: ${views.map((v) => v.name).join(", ") || "no data yet; run a crawl first"}`,
    );
  }
}

function mentions(sql: Sql, name: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}_])${name.replace(/[^\w]/g, "\\$&")}(?![\\p{L}\\p{N}_])`, "iu").test(sql);
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
  const output = resolve(root, settings.OUTPUT_PATH);
  if (existsSync(join(output, "listings")))
    views.push(
      fixed(
        "listings",
        `the batch's listings (${join(output, "listings")})`,
        `SELECT * FROM read_parquet(${textLiteral(join(output, "listings", "**", "*.parquet"))}, hive_partitioning = true, hive_types_autocast = false)`,
      ),
    );
  for (const name of ["stats_province", "stats_district", "rejected"]) {
    const file = join(output, `${name}.parquet`);
    if (existsSync(file)) views.push(fixed(name, file, `SELECT * FROM read_parquet(${textLiteral(file)})`));
  }
  return views;
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

function topicViews(dir: string): QueryView[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith(".db"))
    .map((file) => ({
      name: `topic_${file.slice(0, -3).replace(/\W/g, "_")}`,
      description: `messages of the topic ${file.slice(0, -3)} (${join(dir, file)})`,
      sql: (scratch) =>
        copyOut(
          join(dir, file),
          `SELECT json_object('offset', "offset", 'sent_at', strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch'), 'key', key, 'value', json(value), 'headers', json(headers)) AS line FROM message`,
          join(scratch, `${file}.jsonl`),
        ),
    }));
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
