import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Logger } from "../../core/context.ts";
import type { Engine, ResultRow, StoredDocument } from "../../core/engine.ts";
import type { Sql } from "../../core/schema/sql-text.ts";
import { rowsOf } from "./arrow-rows.ts";
import { requireUtf8 } from "./charset.ts";
import { documentsSql } from "./documents.ts";
import type { Relation } from "./protocol.ts";
import { parquetFiles, readingRelation, sqlRelation } from "./reads.ts";
import { parseRemote } from "./remote.ts";
import { openSession } from "./session.ts";
import { sourceReading } from "./source.ts";
import { isLarge, spooled } from "./spool.ts";
import { writeOrdered, writeParquet } from "./write.ts";

export interface SparkEngineOptions {
  /** `sc://host:port/;…`, see `parseRemote`. */
  remote: string;
  /** Where stages and large results lie until it is closed: a folder that the server sees under the same path and may write to. */
  tempDir: string;
  signal?: AbortSignal;
  log?: Logger;
}

/**
 * What makes Spark read the portable SQL as DuckDB does, and no silent repair of what is broken. The last one keeps the marker file
 * _SUCCESS out of what is written.
 */
const CONF: Readonly<Record<string, string>> = {
  "spark.sql.session.timeZone": "UTC",
  "spark.sql.timestampType": "TIMESTAMP_NTZ",
  "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
  "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
  "spark.sql.ansi.enabled": "true",
  "spark.sql.ansi.doubleQuotedIdentifiers": "true",
  "spark.sql.variable.substitute": "false", // a ${…} in a text is a text
  "spark.sql.files.ignoreCorruptFiles": "false",
  "spark.sql.files.ignoreMissingFiles": "false",
  "spark.sql.csv.parser.columnPruning.enabled": "false", // with it a line with too few or too many cells passes
  "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
};

/**
 * Spark through Spark Connect. Server and executors must see the files under the same paths as we do: stages, outputs and large results
 * go over the disk, everything else comes as Arrow batches.
 * @throws SettingsError `spark_remote`, `spark_refused`, `spark_version`, `spark_charset`; TransientError `spark_unreachable`
 */
export async function openSparkEngine({ remote, tempDir, signal, log }: SparkEngineOptions): Promise<Engine> {
  const to = parseRemote(remote);
  const session = await openSession({ remote: to, conf: CONF, signal, log });
  try {
    await requireUtf8(session, to.address, log);
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
  const stages = join(resolve(tempDir), "stages");
  let files = 0;
  const scratch = (name: string): string => {
    mkdirSync(stages, { recursive: true });
    return join(stages, `${name}-${++files}`);
  };
  const view = (name: string, input: Relation): Promise<void> =>
    session.run({ create_dataframe_view: { input, name, is_global: false, replace: true } });
  const open = (name: string, path: string): Promise<void> => view(name, { read: { data_source: parquetFiles([path]) } });

  async function* query<T extends object>(sql: Sql): AsyncGenerator<readonly T[]> {
    const relation = sqlRelation(sql);
    if (isLarge(await session.explain(relation))) {
      yield* spooled(session, sql, scratch("result"), signal) as AsyncIterable<readonly object[]> as AsyncIterable<readonly T[]>;
      return;
    }
    for await (const batch of session.batches(relation)) {
      const rows = rowsOf(batch);
      if (rows.length > 0) yield rows as readonly object[] as readonly T[];
    }
  }

  return {
    name: "spark",
    source: async (name, from) => view(name, readingRelation(await sourceReading(session, from))),
    open: (name, path) => open(name, resolve(path)),
    async stage(name, sql) {
      const path = scratch(name);
      await writeParquet(session, sqlRelation(sql), path, "snappy");
      await open(name, path);
    },
    query: <T extends ResultRow>(sql: string) => query<T>(sql),
    documents: (name, shape) => query<StoredDocument>(documentsSql(name, shape)),
    write: (sql, target) => writeOrdered(session, sql, target),
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      rmSync(stages, { recursive: true, force: true });
    },
  };
}
