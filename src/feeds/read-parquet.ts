import { textLiteral } from "../core/schema/sql-text.ts";
import { openDuckDb } from "../storage/duckdb.ts";
import type { FoundRow } from "./read.ts";

export async function* readParquet(file: string): AsyncGenerator<FoundRow[]> {
  await using db = await openDuckDb({ part: "feed", memoryLimit: "1GB", threads: 1 });
  yield* db.stream(`SELECT * FROM read_parquet(${textLiteral(file)})`);
}
