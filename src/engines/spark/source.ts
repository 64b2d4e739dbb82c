import { basename, resolve } from "node:path";
import type { SourceFiles } from "../../core/engine.ts";
import { ArachneError } from "../../core/errors.ts";
import { identifier, type Sql } from "../../core/schema/sql-text.ts";
import type { Reading } from "./reads.ts";
import type { SparkSession } from "./session.ts";
import { csvReading } from "./source-csv.ts";
import { jsonReading } from "./source-json.ts";
import { parquetReading } from "./source-parquet.ts";
import { textType } from "./text-type.ts";

/** A query over the files with the columns as text; see `Engine.source`. */
export async function sourceReading(session: SparkSession, from: SourceFiles): Promise<Reading> {
  const files = from.files.map((file) => resolve(file));
  for (const file of files)
    if (/^[_.]/.test(basename(file)))
      throw new ArachneError(
        "query_failed",
        `spark: ${file} would be skipped without a word, as Spark hides names that begin with _ or a dot: rename it`,
      );
  const absolute = { ...from, files };
  if (files.length === 0) return { sql: emptySql(from), reads: {} };
  if (from.format === "csv") return csvReading(absolute);
  return from.format === "parquet" ? parquetReading(session, absolute) : jsonReading(absolute);
}

function emptySql({ columns, extra }: SourceFiles): Sql {
  const none = (type: Sql, name: string): Sql => `CAST(NULL AS ${type}) AS ${identifier(name)}`;
  const cells = columns.map((column) => none(textType(column), column.name));
  return `SELECT ${[...cells, ...(extra === true ? [none("STRING", "extra")] : []), none("STRING", "source_file")].join(", ")} WHERE false`;
}
