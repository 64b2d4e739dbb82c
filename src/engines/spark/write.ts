import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { WriteTarget } from "../../core/engine.ts";
import { CriticalError } from "../../core/errors.ts";
import { identifier, type Sql } from "../../core/schema/sql-text.ts";
import type { Relation } from "./protocol.ts";
import { sqlRelation } from "./reads.ts";
import type { SparkSession } from "./session.ts";

/** What Spark calls the folder of NULL and of the empty text. */
const NO_VALUE = "__HIVE_DEFAULT_PARTITION__";

export function writeParquet(
  session: SparkSession,
  input: Relation,
  path: string,
  compression: "snappy" | "zstd",
  partitionBy?: string,
): Promise<void> {
  return session.run({
    write_operation: {
      input,
      source: "parquet",
      path,
      mode: "SAVE_MODE_ERROR_IF_EXISTS",
      options: { compression },
      ...(partitionBy === undefined ? {} : { partitioning_columns: [partitionBy] }),
    },
  });
}

/** `Engine.write`: Spark's folders and files get the names that DuckDB's have. */
export async function writeOrdered(session: SparkSession, sql: Sql, { path, partitionBy, orderBy }: WriteTarget): Promise<void> {
  const target = resolve(path);
  const order = orderBy.map((name) => `${identifier(name)} NULLS LAST`).join(", ");
  if (partitionBy === undefined) {
    const folder = `${target}.spark`;
    mkdirSync(dirname(target), { recursive: true });
    try {
      await writeParquet(
        session,
        sqlRelation(`SELECT * FROM (SELECT /*+ REPARTITION(1) */ * FROM (${sql})) SORT BY ${order}`),
        folder,
        "zstd",
      );
      renameSync(join(folder, onlyFile(folder)), target);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    return;
  }
  const column = identifier(partitionBy);
  // One that may be NULL would be sorted once more by Spark, and the order within it be lost.
  const values = `SELECT * EXCEPT (${column}), COALESCE(CAST(${column} AS STRING), '') AS ${column} FROM (${sql})`;
  await writeParquet(
    session,
    sqlRelation(`SELECT * FROM (${values}) DISTRIBUTE BY ${column} SORT BY ${column}, ${order}`),
    target,
    "zstd",
    partitionBy,
  );
  for (const name of readdirSync(target)) {
    const from = join(target, name);
    if (!name.startsWith(`${partitionBy}=`)) {
      rmSync(from); // a checksum
      continue;
    }
    const file = onlyFile(from);
    for (const other of readdirSync(from)) if (other !== file) rmSync(join(from, other));
    renameSync(join(from, file), join(from, "part-0.parquet"));
    renameSync(from, join(target, `${partitionBy}=${encodeURIComponent(valueOf(name.slice(partitionBy.length + 1)))}`));
  }
}

function onlyFile(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith(".parquet"));
  if (files.length !== 1) throw new CriticalError("spark_files", `spark: ${folder} has ${files.length} files where one was to be written`);
  return files[0]!;
}

/** Spark escapes in its own way what paths cannot hold. */
function valueOf(folder: string): string {
  return folder === NO_VALUE ? "" : folder.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
