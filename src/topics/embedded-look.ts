import { existsSync } from "node:fs";
import { join } from "node:path";
import { textLiteral } from "../core/schema/sql-text.ts";
import { readSqlite } from "../storage/sqlite-reader.ts";

/** The lag of a group on an embedded topic; undefined: there is no such topic, and none is made by asking. */
export function lookAtLag(dir: string, topic: string, group: string): number | undefined {
  const path = join(dir, `${topic}.db`);
  if (!existsSync(path)) return undefined;
  using db = readSqlite(path);
  const committed = `coalesce((SELECT "offset" FROM consumer_group WHERE name = ${textLiteral(group)}), 0)`;
  return db.all<{ n: number }>(`SELECT count(*) AS n FROM message WHERE "offset" > ${committed}`)[0]?.n;
}
