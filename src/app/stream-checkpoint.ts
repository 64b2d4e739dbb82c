import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { CriticalError, describeError, SettingsError } from "../core/errors.ts";
import { openDatabase, type Db } from "../storage/sqlite.ts";

/** Append only; a file that knows more of these was written by a newer Arachne. */
export const CHECKPOINT_MIGRATIONS = [
  `CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
   CREATE TABLE progress (part INTEGER PRIMARY KEY, next INTEGER NOT NULL, latest INTEGER NOT NULL);
   CREATE TABLE cell (start INTEGER, key TEXT, states TEXT NOT NULL, PRIMARY KEY (start, key)) WITHOUT ROWID;
   CREATE TABLE seen (start INTEGER, part INTEGER, id TEXT, PRIMARY KEY (start, part, id)) WITHOUT ROWID;
   CREATE TABLE made (seq INTEGER PRIMARY KEY AUTOINCREMENT, start INTEGER NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, json TEXT NOT NULL, UNIQUE (start, key));
   CREATE TABLE cursor (sink TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;`,
  // Of what was read without noting it nothing is known: the last time that there is.
  "ALTER TABLE progress ADD COLUMN time INTEGER NOT NULL DEFAULT 8640000000000000",
];

export function checkpointPath(stateDir: string, stream: string): string {
  return join(stateDir, `stream-${stream}.db`);
}

export interface CheckpointOptions {
  path: string;
  stream: string;
  /** Whose offsets it holds. */
  topic: string;
  /** Of the window: see `Window.meaning`. */
  meaning: string;
}

/**
 * A windowed stream's state: how far each partition was read, the open windows, and the rows that its sinks have yet to get. What belongs
 * together changes in one transaction, so a process may die anywhere.
 * @throws CriticalError `checkpoint_unusable` (torn, or a newer version's), SettingsError `checkpoint_other` (of windows defined otherwise, or of
 * another topic)
 */
export function openCheckpoint({ path, stream, topic, meaning }: CheckpointOptions): Db {
  const wayOut = `\`arachne stream run ${stream} --fresh\` puts it aside and reads the topic from its start`;
  let db: Db | undefined;
  try {
    db = openDatabase(path, { migrations: CHECKPOINT_MIGRATIONS, synchronous: "FULL", cacheKiB: 16_000 });
    const found = db.prepare<{ quick_check: string }>("PRAGMA quick_check(1)").get()?.quick_check;
    if (found !== "ok") throw new Error(`it is damaged: ${found}`);
  } catch (cause) {
    db?.close();
    throw new CriticalError(
      "checkpoint_unusable",
      `stream ${stream}: its checkpoint ${path} cannot be used: ${describeError(cause)}: bring back a good copy, or: ${wayOut}`,
      { cause },
    );
  }
  const holds = (name: string, value: string): string | undefined => {
    db.prepare("INSERT OR IGNORE INTO about VALUES (?, ?)").run(name, value);
    const held = db.prepare<{ value: string }>("SELECT value FROM about WHERE name = ?").get(name)!.value;
    return held === value ? undefined : held;
  };
  const refuse = (what: string): never => {
    db.close();
    throw new SettingsError("checkpoint_other", `stream ${stream}: ${what}, or: ${wayOut}`);
  };
  const [windows, from] = [holds("meaning", meaning), holds("topic", topic)];
  if (windows !== undefined)
    refuse(`its windows are defined otherwise than those in its checkpoint ${path} (${windows}): define them as they were`);
  if (from !== undefined) refuse(`it is to read ${topic}, and its checkpoint ${path} is of the topic ${from}: have it read that one`);
  return db;
}

/** Gives the checkpoint's files names that no run looks for; tells the new one. undefined: there is none. */
export function putAside(path: string, now: Date): string | undefined {
  if (!existsSync(path)) return undefined;
  const stamp = now.toISOString().replace(/[-:.]/g, "");
  for (const ending of ["", "-wal", "-shm"]) if (existsSync(path + ending)) renameSync(path + ending, `${path}.${stamp}.aside${ending}`);
  return `${path}.${stamp}.aside`;
}
