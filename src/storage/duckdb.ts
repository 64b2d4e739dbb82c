import { mkdirSync } from "node:fs";
import { DuckDBInstance, ResultReturnType, type DuckDBConnection } from "@duckdb/node-api";
import { ArachneError, CriticalError } from "../core/errors.ts";
import type { Column } from "../core/schema/columns.ts";
import { identifier, type Sql } from "../core/schema/sql-text.ts";
import type { Row } from "./cells.ts";
import { toCell } from "./duckdb-values.ts";

export interface DuckDb extends AsyncDisposable {
  run(sql: Sql): Promise<void>;
  all(sql: Sql): Promise<Row[]>;
  /** The result in chunks of about 2,000 rows, as they are computed; other queries may run meanwhile. Temporary views are not seen. */
  stream(sql: Sql): AsyncIterable<Row[]>;
  /** The columns that a query gives: name and DuckDB's type. Nothing is run. */
  describe(sql: Sql): Promise<{ name: string; type: string }[]>;
}

export interface DuckDbOptions {
  /** Names the part in error messages. */
  part: string;
  memoryLimit?: string;
  /** Where it spills to when the memory does not do. */
  tempDir?: string;
  threads?: number;
  /** Aborted: the query under way ends with an error. */
  signal?: AbortSignal;
}

/**
 * DuckDB in this process, in memory: data stays in files. It fetches no extensions, and has Spark's `regexp_like` and `raise_error`.
 * @throws CriticalError `disk_full` and `out_of_memory`, ArachneError `query_failed` with DuckDB's own words, `aborted`
 */
export async function openDuckDb(options: DuckDbOptions): Promise<DuckDb> {
  const { part, signal } = options;
  if (options.tempDir !== undefined) mkdirSync(options.tempDir, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
    ...(options.tempDir === undefined ? {} : { temp_directory: options.tempDir }),
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
  });
  const connection = await instance.connect();
  const stopped = (): boolean => signal?.aborted === true;

  async function guard<R>(work: (c: DuckDBConnection) => Promise<R>, on = connection): Promise<R> {
    if (stopped()) throw aborted(part);
    const release = interruptOn(signal, on);
    try {
      return await work(on);
    } catch (cause) {
      throw stopped() ? aborted(part, cause) : failed(part, cause, options);
    } finally {
      release();
    }
  }

  /**
   * A stream that fails in its middle ends like one that is done: duckdb_fetch_chunk gives NULL for both, and the client does not ask for
   * duckdb_result_error; only the result's type has become invalid. What DuckDB has to say is found by computing it once more.
   */
  async function whyItBroke(sql: Sql): Promise<ArachneError> {
    await guard((c) => c.run(`SELECT max(hash(t)) FROM (${sql}\n) AS t`));
    return new ArachneError("query_failed", `${part}: the query broke off in its middle: run it again`);
  }

  await guard((c) => c.run("CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p); CREATE MACRO raise_error(m) AS error(m)"));
  return {
    run: (sql) => guard(async (c) => void (await c.run(sql))),
    all: (sql) => guard(async (c) => (await c.run(sql)).convertRowObjects(toCell) as Promise<Row[]>),
    async *stream(sql) {
      // Of its own: a second query on a connection ends the stream that is open on it, and it looks like its end.
      const own = await instance.connect();
      try {
        const result = await guard((c) => c.stream(sql), own);
        const chunks = result.yieldConvertedRowObjects(toCell);
        for (;;) {
          const { value, done } = await guard(() => chunks.next(), own);
          if (done === true) break;
          if (value.length > 0) yield value;
        }
        if (result.returnType === ResultReturnType.INVALID) throw await whyItBroke(sql);
      } finally {
        own.closeSync();
      }
    },
    async describe(sql) {
      const rows = await guard(async (c) => (await c.run(`DESCRIBE ${sql}`)).convertRowObjects(toCell));
      return rows.map((row) => ({ name: row["column_name"] as string, type: row["column_type"] as string }));
    },
    [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  };
}

/** An interrupt that comes before the query has begun in its thread is forgotten, so it is repeated until the work has ended. */
function interruptOn(signal: AbortSignal | undefined, connection: DuckDBConnection): () => void {
  if (signal === undefined) return () => {};
  let again: NodeJS.Timeout | undefined;
  const interrupt = (): void => {
    connection.interrupt();
    again ??= setInterval(() => connection.interrupt(), 50);
  };
  signal.addEventListener("abort", interrupt);
  return () => {
    signal.removeEventListener("abort", interrupt);
    clearInterval(again);
  };
}

/** A column's type as DuckDB spells it; `json` columns are their JSON text. */
export function duckDbType(column: Column): Sql {
  switch (column.kind) {
    case "integer":
      return "BIGINT";
    case "decimal":
      return `DECIMAL(${column.decimal!.join(", ")})`;
    case "struct":
      return `STRUCT(${column.fields.map((field) => `${identifier(field.name)} ${duckDbType(field)}`).join(", ")})`;
    case "text":
    case "json":
      return "VARCHAR";
    default:
      return column.kind.toUpperCase();
  }
}

function aborted(part: string, cause?: unknown): ArachneError {
  return new ArachneError("aborted", `${part}: stopped`, { cause });
}

function failed(part: string, cause: unknown, { memoryLimit, tempDir }: DuckDbOptions): ArachneError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/No space left|could not write|max_temp_directory_size/i.test(text))
    return new CriticalError(
      "disk_full",
      `${part}: the disk is full (it spills to ${tempDir ?? "nowhere"}): free some space, then run again`,
      { cause },
    );
  if (/Out of Memory/i.test(text))
    return new CriticalError("out_of_memory", `${part}: ${memoryLimit ?? "the memory"} does not do: raise DUCKDB_MEMORY_LIMIT`, { cause });
  return new ArachneError("query_failed", `${part}: ${text.trim()}`, { cause });
}
