import { CriticalError, describeError } from "../../core/errors.ts";
import { openDatabase, type Db } from "../../storage/sqlite.ts";
import type { Identity } from "./lookup.ts";

const MIGRATIONS = [
  `CREATE TABLE batch (id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, query TEXT NOT NULL, at TEXT NOT NULL, entries TEXT NOT NULL);
   CREATE TABLE span (batch INTEGER NOT NULL REFERENCES batch (id) ON DELETE CASCADE, part INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
     PRIMARY KEY (batch, part)) WITHOUT ROWID;`,
];

/** A row that is about to be inserted, and the place of its message. */
export interface PendingEntry extends Identity {
  readonly partition: number;
  readonly offset: number;
}

export interface PendingBatch {
  /** The insert's, as the server knows it. */
  readonly query: string;
  readonly entries: readonly PendingEntry[];
}

/**
 * What was about to be inserted when this process, or one before it, ended: durable before the insert begins. A batch stays until a later
 * one of its partitions begins behind it, for then it was committed.
 */
export interface Journal {
  record(batch: PendingBatch): void;
  pending(): PendingBatch[];
  close(): void;
}

type Row = [partition: number, offset: number, seconds: number, ...key: string[]];

/** @param target the table, with its server: the journal of another table is nothing to this one */
export function openJournal(path: string, target: string, now: () => Date): Journal {
  const db = open(path);
  const insert = db.prepare("INSERT INTO batch (target, query, at, entries) VALUES (?, ?, ?, ?)");
  const span = db.prepare("INSERT INTO span VALUES (?, ?, ?, ?)");
  const passed = db.prepare("DELETE FROM span WHERE part = ? AND last < ? AND batch IN (SELECT id FROM batch WHERE target = ?)");
  const done = db.prepare("DELETE FROM batch WHERE id NOT IN (SELECT batch FROM span)");
  const read = db.prepare<{ query: string; entries: string }>("SELECT query, entries FROM batch WHERE target = ? ORDER BY id");
  return {
    record({ query, entries }) {
      const spans = spansOf(entries);
      const rows = entries.map(({ partition, offset, seconds, key }): Row => [partition, offset, seconds, ...key]);
      db.transaction(() => {
        for (const [part, [first]] of spans) passed.run(part, first, target);
        done.run();
        const { lastInsertRowid: id } = insert.run(target, query, now().toISOString(), JSON.stringify(rows));
        for (const [part, [first, last]] of spans) span.run(id, part, first, last);
      });
    },
    pending: () =>
      read.all(target).map(({ query, entries }) => ({
        query,
        entries: (JSON.parse(entries) as Row[]).map(([partition, offset, seconds, ...key]) => ({ partition, offset, seconds, key })),
      })),
    close: () => db.close(),
  };
}

function open(path: string): Db {
  let db: Db | undefined;
  try {
    db = openDatabase(path, { migrations: MIGRATIONS, synchronous: "FULL" });
    const found = db.prepare<{ quick_check: string }>("PRAGMA quick_check(1)").get()?.quick_check;
    if (found !== "ok") throw new Error(`it is damaged: ${found}`);
    return db;
  } catch (cause) {
    db?.close();
    throw new CriticalError(
      "checkpoint_unusable",
      `clickhouse: its checkpoint ${path} cannot be used: ${describeError(cause)}: bring back a good copy, or remove it: what the table has is looked up all the same, only times that are read otherwise than before are not known again`,
      { cause },
    );
  }
}

/** First and last offset by partition. */
function spansOf(entries: readonly PendingEntry[]): Map<number, [number, number]> {
  const spans = new Map<number, [number, number]>();
  for (const { partition, offset } of entries) {
    const span = spans.get(partition);
    if (span === undefined) spans.set(partition, [offset, offset]);
    else {
      span[0] = Math.min(span[0], offset);
      span[1] = Math.max(span[1], offset);
    }
  }
  return spans;
}
