import { itemKey, type ItemType } from "../core/item.ts";
import { Poison } from "../core/stream-decode.ts";
import type { StreamEntry } from "../core/stream.ts";
import { addTo, emptyCell, lengthOf, loadStates, placeOf, rowOf, saveStates, type Cell, type WindowRules } from "../core/window-cells.ts";
import type { Window } from "../core/window.ts";
import { failpoint } from "../storage/failpoint.ts";
import type { Db } from "../storage/sqlite.ts";
import type { MadeRows } from "./stream-made.ts";

export interface FoldOptions {
  db: Db;
  window: Window;
  item: ItemType;
  rules: WindowRules;
  made: MadeRows;
  /** STREAM_IDLE_SECONDS */
  idleMs: number;
  now: () => Date;
}

/** What became of each entry: undefined: counted. */
export type Folded = (Poison | "duplicate" | undefined)[];

export interface Batch {
  readonly results: Folded;
  /** Makes it durable, with what follows from it: the offsets, closed windows, rows. */
  save: () => void;
}

/** How far a partition was read. */
export interface Reached {
  /** The offset behind the last message, whether it made an entry or not. */
  readonly next: number;
  /** The latest time of the messages, as the topic has it. */
  readonly time: number;
}

export interface Folder {
  /** The offset to go on from. */
  next(partition: number): number | undefined;
  /** The latest time of the messages before it. */
  time(partition: number): number | undefined;
  /** This partition is read from now on: until it has given something, or is idle, it holds all windows open. */
  begin(partition: number): void;
  /** All that there was has been read: a partition that has given nothing is empty, and holds nothing open. */
  settle(): void;
  /** `read`: by partition. */
  fold(entries: readonly StreamEntry[], read: ReadonlyMap<number, Reached>): Batch;
}

interface Progress extends Reached {
  /** Of the events. */
  latest: number;
  /** When it last gave something, in milliseconds of reading. */
  active: number;
}

/** A pause between two batches counts as idleness of the other partitions only up to this share of what makes one idle: perhaps none was read. */
const PAUSE_SHARE = 0.1;

/** The windows of a stream over its checkpoint. Nothing changes there before `save`, and then all of a batch at once. */
export function openFolder({ db, window, item, rules, made, idleMs, now }: FoldOptions): Folder {
  let last = performance.now();
  let reading = 0;
  const progress = new Map(
    db
      .prepare<Reached & { part: number; latest: number }>("SELECT part, next, latest, time FROM progress")
      .all()
      .map(({ part, ...read }): [number, Progress] => [part, { ...read, active: 0 }]),
  );
  const about = db.prepare<{ value: number }>("SELECT value FROM about WHERE name = ?");
  const tell = db.prepare("INSERT OR REPLACE INTO about VALUES (?, ?)");
  let closed = about.get("closed")?.value ?? -Infinity;
  let clock = about.get("clock")?.value ?? 0;
  const length = lengthOf(window);
  const update = window.output === "update";

  const readCell = db.prepare<{ states: string }>("SELECT states FROM cell WHERE start = ? AND key = ?");
  const writeCell = db.prepare("INSERT OR REPLACE INTO cell VALUES (?, ?, ?)");
  const closing = db.prepare<{ start: number; key: string; states: string }>(
    "SELECT start, key, states FROM cell WHERE start <= ? LIMIT 1000",
  );
  const removeCell = db.prepare("DELETE FROM cell WHERE start = ? AND key = ?");
  const forget = db.prepare("DELETE FROM seen WHERE start <= ?");
  const wasSeen = db.prepare("SELECT 1 FROM seen WHERE start = ? AND part = ? AND id = ?");
  const markSeen = db.prepare("INSERT INTO seen VALUES (?, ?, ?)");
  const setProgress = db.prepare("INSERT OR REPLACE INTO progress (part, next, latest, time) VALUES (?, ?, ?, ?)");

  function cellFor(cells: Map<string, Cell>, start: number, key: string): Cell {
    const id = `${start} ${key}`;
    let cell = cells.get(id);
    if (cell === undefined) {
      const saved = readCell.get(start, key)?.states;
      cell = saved === undefined ? emptyCell(window, start, key) : { start, key, states: loadStates(window, saved) };
      cells.set(id, cell);
    }
    return cell;
  }

  /** Of the partitions that still give something, the one that is furthest behind decides. */
  function watermark(settled: boolean): number {
    const holds = ({ latest, active }: Progress): boolean => reading - active <= idleMs && !(settled && latest === NOTHING);
    const live = [...progress.values()].filter(holds);
    return live.length === 0 ? -Infinity : Math.min(...live.map((p) => p.latest)) - rules.latenessMs;
  }

  function closeWindows(at: number, settled = false): void {
    const until = watermark(settled);
    if (until <= closed) return;
    for (let rows = closing.all(until - length); rows.length > 0; rows = closing.all(until - length))
      for (const { start, key, states } of rows) {
        if (!update) made.add(start, key, at, JSON.stringify(rowOf(window, { start, key, states: loadStates(window, states) })));
        removeCell.run(start, key);
      }
    forget.run(until - length);
    tell.run("closed", until);
    closed = until;
  }

  /** All of it, or nothing. `at`: the time of the rows that are made. */
  function inOne(work: (at: number) => void): void {
    const at = Math.max(now().getTime(), clock + 1);
    const before = closed;
    try {
      db.transaction(() => {
        work(at);
        tell.run("clock", at);
      });
    } catch (error) {
      closed = before;
      throw error;
    }
    clock = at;
  }

  const reached = (partition: number): Reached | undefined => {
    const known = progress.get(partition);
    return known === undefined || known.next < 0 ? undefined : known;
  };

  return {
    next: (partition) => reached(partition)?.next,
    time: (partition) => reached(partition)?.time,
    begin(partition) {
      const known = progress.get(partition);
      if (known === undefined) progress.set(partition, { next: -1, time: NOTHING, latest: NOTHING, active: reading });
      else known.active = reading;
    },
    settle: () => inOne((at) => closeWindows(at, true)),
    fold(entries, read) {
      const cells = new Map<string, Cell>();
      const changed = new Set<Cell>();
      const seen = new Map<string, readonly [start: number, partition: number, id: string]>();
      const latest = new Map([...read.keys()].map((partition) => [partition, progress.get(partition)?.latest ?? NOTHING]));
      // A clock that was set back must not make what is of today look ahead of its time.
      const instant = Math.max(now().getTime(), clock);
      const results = entries.map((entry): Folded[number] => {
        const { partition } = entry;
        const horizon = { latest: latest.get(partition) ?? NOTHING, closed };
        const placed = placeOf(window, entry, horizon, rules, instant);
        if (placed instanceof Poison) return placed;
        const { start, key, time } = placed;
        latest.set(partition, Math.max(horizon.latest, time));
        const id = window.distinct === true ? itemKey(item, entry.item as Record<string, unknown>) : undefined;
        const mark = `${start} ${partition} ${id}`;
        if (id !== undefined && (seen.has(mark) || wasSeen.get(start, partition, id) !== undefined)) return "duplicate";
        const cell = cellFor(cells, start, key);
        const poison = addTo(cell, window, entry, time);
        if (poison !== null) return poison;
        changed.add(cell);
        if (id !== undefined) seen.set(mark, [start, partition, id]);
        return undefined;
      });
      return {
        results,
        save() {
          reading += Math.min(performance.now() - last, idleMs * PAUSE_SHARE);
          last = performance.now();
          for (const [partition, { next, time }] of read) {
            const before = progress.get(partition)?.time ?? NOTHING;
            progress.set(partition, { next, time: Math.max(before, time), latest: latest.get(partition) ?? NOTHING, active: reading });
          }
          inOne((at) => {
            for (const partition of read.keys()) {
              const { next, latest, time } = progress.get(partition)!;
              setProgress.run(partition, next, latest, time);
            }
            for (const mark of seen.values()) markSeen.run(...mark);
            for (const cell of changed) {
              writeCell.run(cell.start, cell.key, saveStates(window, cell));
              if (update) made.add(cell.start, cell.key, at, JSON.stringify(rowOf(window, cell)));
            }
            closeWindows(at);
            failpoint("stream_checkpoint_in");
          });
        },
      };
    },
  };
}

/** Latest time of a partition that has given no event yet: before all of them. SQLite has no infinity for integers. */
const NOTHING = Number.MIN_SAFE_INTEGER;
