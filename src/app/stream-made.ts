import { WINDOW_START } from "../core/stream-dead.ts";
import type { StoredMessage } from "../core/topic.ts";
import type { Db } from "../storage/sqlite.ts";

/** A window's row on its way to the sinks. */
export interface MadeRow {
  readonly seq: number;
  /** Of the window, milliseconds since 1970. */
  readonly start: number;
  readonly key: string;
  /** When it was made; later than all rows before it. */
  readonly at: number;
  readonly json: string;
}

/**
 * The rows that windows have made, for each sink in order from its own cursor. Of one window only the newest stands here: what a
 * sink has not yet got when it changes, it need not get.
 */
export interface MadeRows {
  /** Within the caller's transaction. */
  add(start: number, key: string, at: number, json: string): void;
  after(sink: string, most: number): MadeRow[];
  /** The sink has these. */
  confirm(sink: string, seq: number): void;
}

export function madeRows(db: Db, sinks: readonly string[]): MadeRows {
  const begin = db.prepare("INSERT OR IGNORE INTO cursor VALUES (?, 0)");
  // A sink that is new gets what is still here; one that was removed must not keep rows for ever.
  db.transaction(() => {
    for (const sink of sinks) begin.run(sink);
    db.prepare(`DELETE FROM cursor WHERE sink NOT IN (${sinks.map(() => "?").join(", ")})`).run(...sinks);
  });
  const remove = db.prepare("DELETE FROM made WHERE start = ? AND key = ?");
  const insert = db.prepare("INSERT INTO made (start, key, at, json) VALUES (?, ?, ?, ?)");
  const read = db.prepare<MadeRow>(
    "SELECT seq, start, key, at, json FROM made WHERE seq > (SELECT seq FROM cursor WHERE sink = ?) ORDER BY seq LIMIT ?",
  );
  const move = db.prepare("UPDATE cursor SET seq = ? WHERE sink = ?");
  const trim = db.prepare("DELETE FROM made WHERE seq <= (SELECT min(seq) FROM cursor)");
  return {
    add(start, key, at, json) {
      remove.run(start, key);
      insert.run(start, key, at, json);
    },
    after: (sink, most) => read.all(sink, most),
    confirm: (sink, seq) =>
      db.transaction(() => {
        move.run(seq, sink);
        trim.run();
      }),
  };
}

/** The row as if it were a message, for its dead letter. */
export function toMessage({ seq, start, key, at, json }: MadeRow): StoredMessage {
  return { partition: 0, offset: seq, timestamp: at, key, value: json, headers: { [WINDOW_START]: String(start) } };
}
