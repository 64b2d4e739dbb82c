import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../core/context.ts";
import { CriticalError } from "../core/errors.ts";
import { topicBehind, topicMadeAnew } from "../core/topic-errors.ts";
import type { ConsumeOptions, MessageBatch, Producer, Topic } from "../core/topic.ts";
import { failpoint } from "../storage/failpoint.ts";
import { openDatabase, type Db } from "../storage/sqlite.ts";
import { expireAll, expireSome } from "./expire.ts";
import { takeLease } from "./lease.ts";
import { countWithin, firstSince, headOf, messagesAfter, oldestOf, placeOf, read, toMessage } from "./read.ts";

const MIGRATIONS = [
  // `offset` is AUTOINCREMENT so that it never goes back, even when retention has removed every row.
  `CREATE TABLE message (
     "offset" INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, headers TEXT);
   CREATE TABLE consumer_group (name TEXT PRIMARY KEY, "offset" INTEGER NOT NULL, owner TEXT, owned_until INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
   CREATE TABLE producer (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;`,
];

const POLL_MS = 100;
const DEFAULT_BATCH = 500;

export interface EmbeddedTopicOptions {
  dir: string;
  name: string;
  /** Messages older than this are removed as new ones are sent; 0 keeps all. */
  retentionHours: number;
  now: () => Date;
  log?: Pick<Logger, "warn"> | undefined;
}

/** The topic kind without a broker: one SQLite file a topic, any number of processes, one active consumer a group by lease. */
export function openEmbeddedTopic({ dir, name, retentionHours, now, log }: EmbeddedTopicOptions): Topic {
  if (!/^[\w.-]{1,200}$/.test(name))
    throw new CriticalError("topic_name", `topic: the name ${JSON.stringify(name)} may only have letters, digits, "_", "-" and "."`);
  const db = openDatabase(join(dir, `${name}.db`), { migrations: MIGRATIONS, synchronous: "FULL" });

  return {
    name,
    producer: () => Promise.resolve(createProducer(db, retentionHours, now)),
    consume: (options) => consume(db, options, { now, log }),
    start: () => Promise.resolve(String(oldestOf(db) - 1)),
    end: () => Promise.resolve(String(headOf(db))),
    at: (time) => Promise.resolve(String(firstSince(db, time) - 1)),
    offsets: (position) => new Map([[0, placeOf(name, position) + 1]]),
    position: (offsets) => String(Math.max(0, (offsets.get(0) ?? 0) - 1)),
    read: (options) => read(db, name, options),
    expire: () => expireAll(db, retentionHours, now),
    lag: (group) => Promise.resolve(lagOf(db, group)),
    close: () => Promise.resolve(db.close()),
  };
}

function createProducer(db: Db, retentionHours: number, now: () => Date): Producer {
  const insert = db.prepare("INSERT INTO message (at, key, value, headers) VALUES (?, ?, ?, ?)");
  const expire = expireSome(db);
  const known = db.prepare<{ sequence: number }>("SELECT sequence FROM producer WHERE name = ?");
  const mark = db.prepare("INSERT INTO producer VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sequence = excluded.sequence");
  return {
    async send(messages, sent) {
      if (messages.length === 0) return;
      try {
        db.transaction(() => {
          // The mark moves with the messages, so a batch that is sent again after a crash is recognised.
          if (sent !== undefined && (known.get(sent.producer)?.sequence ?? -1) >= sent.sequence) return;
          const at = now().getTime();
          for (const m of messages) insert.run(at, m.key, m.bytes ?? m.value, m.headers === undefined ? null : JSON.stringify(m.headers));
          if (sent !== undefined) mark.run(sent.producer, sent.sequence);
          if (retentionHours > 0) expire.run(at - retentionHours * 3_600_000);
          failpoint("topic_append");
        });
      } catch (cause) {
        throw new CriticalError("topic_write", `topic: cannot append to ${db.path}: check free space and permissions, then run again`, {
          cause,
        });
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* consume(
  db: Db,
  { group, from = "earliest", maxMessages = DEFAULT_BATCH, maxBytes, resume, resumeTime, signal }: ConsumeOptions,
  { now, log }: Pick<EmbeddedTopicOptions, "now" | "log">,
): AsyncIterable<MessageBatch> {
  const start = from === "earliest" ? 0 : headOf(db);
  db.prepare('INSERT OR IGNORE INTO consumer_group (name, "offset") VALUES (?, ?)').run(group, start);
  const read = messagesAfter(db);
  const within = maxBytes === undefined ? undefined : countWithin(db, maxBytes);
  const lease = takeLease(db, group, now);
  const begin = (): number => {
    const next = resume?.(0);
    if (next === undefined) return committed(db, group);
    if (next - 1 > headOf(db)) throw topicBehind(`${db.path} ends before message ${next}`, group);
    const latest = committed(db, group) === 0 ? resumeTime?.(0) : undefined; // it has never read anything here
    if (latest !== undefined && firstSince(db, latest + 1) < next)
      throw topicMadeAnew(`${db.path} has messages before ${next} that are later than what was read`, group);
    lease.commit(next - 1, lease.term());
    return next - 1;
  };
  let position: number | undefined;
  try {
    while (!signal.aborted) {
      const owned = lease.renew();
      // Taking over (again): go on from what was committed, not from what this process once read.
      if (!owned) position = undefined;
      else position ??= begin();
      const rows = owned ? read.all(position!, within?.(position!, maxMessages) ?? maxMessages) : [];
      if (rows.length === 0) {
        await sleep(POLL_MS, undefined, { signal }).catch(() => {});
        continue;
      }
      const first = rows[0]!.offset;
      if (position! > 0 && first > position! + 1)
        log?.warn(
          `topic: group ${group} had yet to read messages ${position! + 1} to ${first - 1} of ${db.path}, which TOPIC_RETENTION_HOURS has removed: it goes on behind them`,
        );
      const last = rows.at(-1)!.offset;
      const term = lease.term();
      yield {
        messages: rows.map(toMessage),
        commit: async () => lease.commit(last, term),
        lost: () => lease.term() !== term,
        check: async () => lease.check(term),
      };
      position = last;
    }
  } finally {
    lease.release();
  }
}

function committed(db: Db, group: string): number {
  return db.prepare<{ offset: number }>('SELECT "offset" FROM consumer_group WHERE name = ?').get(group)?.offset ?? 0;
}

function lagOf(db: Db, group: string): number {
  return db.prepare<{ n: number }>('SELECT count(*) AS n FROM message WHERE "offset" > ?').get(committed(db, group))!.n;
}
