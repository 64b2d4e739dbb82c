import { existsSync } from "node:fs";
import { identifier, textLiteral } from "../../core/schema/sql-text.ts";
import type { ServedDocument, ServedScan } from "../../core/served-scan.ts";
import { readSqlite } from "../../storage/sqlite-reader.ts";

const CHUNK = 2_000;

interface Row {
  key: string;
  version: string;
  document: string;
}

/** The documents of a name in the file at `path`, beside whoever writes it. */
// oxlint-disable-next-line require-await -- a ServedScan, as the other store's
export async function* scanEmbedded(path: string, alias: string): ServedScan {
  if (!existsSync(path)) return;
  using db = readSqlite(path);
  const [found] = db.all<{ current: string }>(`SELECT current FROM alias WHERE name = ${textLiteral(alias)}`);
  if (found === undefined) return;
  let chunk: ServedDocument[] = [];
  // One statement is one snapshot: what is written meanwhile is not seen.
  for (const { key, version, document } of db.iterate<Row>(`SELECT key, version, document FROM ${identifier(found.current)}`)) {
    chunk.push({ key, version, document: parsed(document) });
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
