import { ArachneError, SettingsError } from "../core/errors.ts";
import type { ReadOptions, StoredMessage, TopicPosition } from "../core/topic.ts";
import type { Db, Statement } from "../storage/sqlite.ts";

interface MessageRow {
  offset: number;
  at: number;
  key: string;
  /** A blob where it is no UTF-8. */
  value: string | ArrayBuffer;
  headers: string | null;
}

const BATCH = 1000;
const BATCH_BYTES = 16 * 1024 * 1024;

/** The messages behind an offset, so many of them. */
export function messagesAfter(db: Db): Statement<MessageRow> {
  return db.prepare('SELECT "offset", at, key, value, headers FROM message WHERE "offset" > ? ORDER BY "offset" LIMIT ?');
}

/** How many of the messages behind an offset a batch of so many bytes can take; at least one. Lengths are read without their values. */
export function countWithin(db: Db, maxBytes: number): (position: number, most: number) => number {
  const lengths = db.prepare<{ n: number }>('SELECT octet_length(value) AS n FROM message WHERE "offset" > ? ORDER BY "offset" LIMIT ?');
  return (position, most) => {
    let bytes = 0;
    const beyond = lengths.all(position, most).findIndex(({ n }) => (bytes += n) > maxBytes);
    return beyond === -1 ? most : Math.max(1, beyond);
  };
}

export function toMessage({ offset, at, key, value, headers }: MessageRow): StoredMessage {
  const message =
    typeof value === "string"
      ? { offset, timestamp: at, key, value }
      : { offset, timestamp: at, key, value: new TextDecoder().decode(value), bytes: new Uint8Array(value) };
  return headers === null ? message : { ...message, headers: JSON.parse(headers) as Record<string, string> };
}

/** The last offset that was ever given. */
export function headOf(db: Db): number {
  return db.prepare<{ m: number }>("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0) AS m").get()!.m;
}

/** The oldest message's offset; of none, the next one's. */
export function oldestOf(db: Db): number {
  return db.prepare<{ o: number | null }>('SELECT min("offset") AS o FROM message').get()?.o ?? headOf(db) + 1;
}

/** The first message's offset that was sent at a time or later; of none, the next one's. Reads the messages before it, for lack of an index. */
export function firstSince(db: Db, time: number): number {
  const found = db.prepare<{ o: number }>('SELECT "offset" AS o FROM message WHERE at >= ? ORDER BY "offset" LIMIT 1').get(time);
  return found?.o ?? headOf(db) + 1;
}

/** The offset behind which a place is. @throws SettingsError `topic_position` */
export function placeOf(name: string, position: TopicPosition): number {
  if (!/^\d+$/.test(position))
    throw new SettingsError(
      "topic_position",
      `topic: reading ${name} at ${JSON.stringify(position)}: that is no place in an embedded topic (17): was it kept from Kafka's? Read from the start`,
    );
  return Number(position);
}

/** Without a group, in batches: each is its own short look into the file, so that writers never wait. */
export async function* read(db: Db, name: string, { from, to, signal }: ReadOptions): AsyncIterable<readonly StoredMessage[]> {
  const end = to === undefined ? headOf(db) : placeOf(name, to);
  const oldest = oldestOf(db);
  let position = from === undefined ? 0 : placeOf(name, from);
  if (from !== undefined && position < Math.min(oldest - 1, end))
    throw new ArachneError(
      "topic_expired",
      `topic: ${name} has lost messages ${position + 1} to ${oldest - 1} to TOPIC_RETENTION_HOURS before they were read: read it from its start`,
    );
  const after = messagesAfter(db);
  const within = countWithin(db, BATCH_BYTES);
  while (position < end && !signal.aborted) {
    const rows = after.all(position, within(position, Math.min(BATCH, end - position))).filter((row) => row.offset <= end);
    if (rows.length === 0) return;
    yield rows.map(toMessage);
    position = rows.at(-1)!.offset;
  }
}
