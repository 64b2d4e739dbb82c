import { ArachneError } from "../core/errors.ts";
import type { ReadOptions, StoredMessage } from "../core/topic.ts";
import type { Db, Statement } from "../storage/sqlite.ts";

interface MessageRow {
  offset: number;
  at: number;
  key: string;
  value: string;
  headers: string | null;
}

const BATCH = 1000;

/** The messages behind an offset, so many of them. */
export function messagesAfter(db: Db): Statement<MessageRow> {
  return db.prepare('SELECT "offset", at, key, value, headers FROM message WHERE "offset" > ? ORDER BY "offset" LIMIT ?');
}

export function toMessage(row: MessageRow): StoredMessage {
  const message = { offset: row.offset, timestamp: row.at, key: row.key, value: row.value };
  return row.headers === null ? message : { ...message, headers: JSON.parse(row.headers) as Record<string, string> };
}

/** The last offset that was ever given. */
export function headOf(db: Db): number {
  return db.prepare<{ m: number }>("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0) AS m").get()!.m;
}

/** Without a group, in batches: each is its own short look into the file, so that writers never wait. */
export async function* read(db: Db, name: string, { from, to, signal }: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
  const end = to === undefined ? headOf(db) : Number(to);
  const oldest = db.prepare<{ o: number | null }>('SELECT min("offset") AS o FROM message').get()?.o ?? headOf(db) + 1;
  let position = from === undefined ? 0 : Number(from);
  if (from !== undefined && position < Math.min(oldest - 1, end))
    throw new ArachneError(
      "topic_expired",
      `topic: ${name} has lost messages ${position + 1} to ${oldest - 1} to TOPIC_RETENTION_HOURS before they were read: read it from its start`,
    );
  const after = messagesAfter(db);
  while (position < end && !signal.aborted) {
    const rows = after.all(position, Math.min(BATCH, end - position)).filter((row) => row.offset <= end);
    if (rows.length === 0) return;
    yield rows.map(toMessage);
    position = rows.at(-1)!.offset;
  }
}
