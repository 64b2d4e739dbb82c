import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { textLiteral, type Sql } from "../../core/schema/sql-text.ts";
import type { Row } from "../../storage/cells.ts";
import { openDuckDb } from "../../storage/duckdb.ts";
import { sqlRelation } from "./reads.ts";
import type { SparkSession } from "./session.ts";
import { writeParquet } from "./write.ts";

/** Bytes, by Spark's own estimate, beyond which a result goes over the disk. A text counts as 20 bytes there. */
const LARGE = 8 * 1024 * 1024;
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/**
 * Whether a result may be too much for Spark's driver, which holds all of what it sends (and gives up at spark.driver.maxResultSize, 1 GB).
 * For what is grouped the estimate is far too high, which costs half a second.
 */
export function isLarge(plan: string): boolean {
  const [, number, unit] = /sizeInBytes=([\d.]+(?:E\+?\d+)?) ([KMGTPE]?i?B)/.exec(plan) ?? [];
  return number !== undefined && Number(number) * 1024 ** UNITS.indexOf(unit!) > LARGE;
}

/** A query's rows in its order: Spark's tasks write them side by side, and they are read here as they are asked for. */
export async function* spooled(session: SparkSession, sql: Sql, dir: string, signal: AbortSignal | undefined): AsyncGenerator<Row[]> {
  try {
    await writeParquet(session, sqlRelation(sql), dir, "snappy");
    // Spark numbers its files as the query orders the rows.
    const files = readdirSync(dir).filter((name) => name.endsWith(".parquet")).sort(); // prettier-ignore
    const list = files.map((name) => textLiteral(join(dir, name))).join(", ");
    await using db = await openDuckDb({ part: "spark", memoryLimit: "1GB", threads: 1, ...(signal === undefined ? {} : { signal }) });
    yield* db.stream(`SELECT * FROM read_parquet([${list}], hive_partitioning = false)`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
