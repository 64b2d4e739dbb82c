import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SettingsError } from "../core/errors.ts";
import { identifier, type Sql } from "../core/schema/sql-text.ts";
import { openDuckDb, type DuckDb } from "../storage/duckdb.ts";
import type { Row } from "../storage/cells.ts";
import { queryViews, servedElsewhere, type QueryPlace, type QueryView } from "./query-views.ts";

export interface QueryAnswer extends AsyncDisposable {
  columns: readonly { name: string; type: string }[];
  /** In chunks, as they are computed. */
  rows: AsyncIterable<readonly Row[]>;
}

export interface QueryOptions extends QueryPlace {
  signal?: AbortSignal;
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
      if (mentions(statement, view.name)) await db.run(`CREATE VIEW ${identifier(view.name)} AS ${await view.sql(scratch)}`);
    // In brackets only a question is valid SQL: a COPY, or a second statement, is refused by the parser.
    const columns = await describe(db, statement, views, servedElsewhere(options.settings));
    return { columns, rows: db.stream(`FROM (${statement}\n)`), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function describe(
  db: DuckDb,
  statement: Sql,
  views: readonly QueryView[],
  elsewhere: string | undefined,
): Promise<QueryAnswer["columns"]> {
  try {
    return await db.describe(`FROM (${statement}\n)`);
  } catch (error) {
    const missing = error instanceof Error ? /Table with name (\S+) does not exist/.exec(error.message)?.[1] : undefined;
    if (missing === undefined) throw error;
    const there = views.map((v) => v.name).join(", ") || "no data yet; run a crawl first";
    throw new SettingsError(
      "unknown_view",
      `query: there is no ${missing} here. There are: ${there}${elsewhere === undefined ? "" : `; ${elsewhere}`}`,
    );
  }
}

function mentions(sql: Sql, name: string): boolean {
  return new RegExp(`(?<![\\p{L}\\p{N}_])${name.replace(/[^\w]/g, "\\$&")}(?![\\p{L}\\p{N}_])`, "iu").test(sql);
}
