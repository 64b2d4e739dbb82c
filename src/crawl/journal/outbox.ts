import type { CrawlId, OutboxBatch } from "../../core/pipeline.ts";
import type { Db } from "../../storage/sqlite.ts";

interface Row {
  seq: number;
  crawl: number;
  key: string;
  body: string;
}

export interface Outbox {
  /** Sequence number of the newest item. */
  head(): number;
  /** The items that `delivery` has yet to take. */
  waiting(delivery: string): number;
  /**
   * What to hand to `delivery` next: at most `items`, at most `bytes` (but one item at least), of one crawl. The range is
   * recorded as pending first, so that after a crash the very same batch is handed over again.
   */
  take(delivery: string, limits: { items: number; bytes: number }): OutboxBatch | undefined;
  /** The pending batch is durable at its target. */
  confirm(delivery: string, batch: OutboxBatch): void;
  /** A batch was handed over by an earlier run and never confirmed. */
  hasPending(delivery: string): boolean;
  delivered(delivery: string): number;
  /** Removes what every delivery has taken. */
  trim(): void;
}

const TRIM_EVERY = 2_000;
const PIECE = 256;

/**
 * The outbox's readers: each delivery has its own cursor, so a slow one holds back nobody. Cursors of deliveries that are
 * no longer configured are forgotten, lest they keep the outbox from being trimmed for ever.
 */
export function openOutbox(db: Db, deliveries: readonly string[]): Outbox {
  const sequence = db.prepare<{ m: number }>("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0) AS m");
  const head = () => sequence.get()!.m;
  const oldest = db.prepare<{ m: number | null }>("SELECT min(seq) AS m FROM outbox");
  const get = db.prepare<{ position: number; pending_to: number | null; delivered: number }>("SELECT * FROM cursor WHERE delivery = ?");
  const range = db.prepare<Row>("SELECT seq, crawl, key, body FROM outbox WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?");
  const plan = db.prepare("UPDATE cursor SET pending_to = ? WHERE delivery = ?");
  const move = db.prepare("UPDATE cursor SET position = ?, pending_to = NULL, delivered = delivered + ? WHERE delivery = ?");
  const crawlOf = db.prepare<{ started_at: string; origin: string }>("SELECT started_at, origin FROM crawl WHERE id = ?");
  const newestCrawl = db.prepare<{ id: number }>("SELECT max(id) AS id FROM crawl");

  db.transaction(() => {
    const known = new Set(deliveries);
    for (const { delivery } of db.prepare<{ delivery: string }>("SELECT delivery FROM cursor").all())
      if (!known.has(delivery)) db.prepare("DELETE FROM cursor WHERE delivery = ?").run(delivery);
    // A delivery that is new gets all that is still here, which on a fresh crawl is everything.
    const start = (oldest.get()?.m ?? head() + 1) - 1;
    for (const delivery of deliveries) db.prepare("INSERT OR IGNORE INTO cursor (delivery, position) VALUES (?, ?)").run(delivery, start);
  });

  /** Rows from `position` on, up to where the crawl changes or the bytes are used up; read in pieces, so that no more than those are ever in memory. */
  function upTo(position: number, items: number, bytes: number): Row[] {
    const rows: Row[] = [];
    let used = 0;
    while (rows.length < items) {
      const piece = range.all(rows.at(-1)?.seq ?? position, Number.MAX_SAFE_INTEGER, Math.min(PIECE, items - rows.length));
      for (const row of piece) {
        used += row.body.length;
        if (rows.length > 0 && (used > bytes || row.crawl !== rows[0]!.crawl)) return rows;
        rows.push(row);
      }
      if (piece.length < PIECE) break;
    }
    return rows;
  }

  let untrimmed = 0;
  function trim(): void {
    db.exec(deliveries.length === 0 ? "DELETE FROM outbox" : "DELETE FROM outbox WHERE seq <= (SELECT min(position) FROM cursor)");
    untrimmed = 0;
  }

  return {
    head,
    waiting: (delivery) => head() - get.get(delivery)!.position,
    take(delivery, { items, bytes }) {
      const { position, pending_to } = get.get(delivery)!;
      const rows = pending_to === null ? upTo(position, items, bytes) : range.all(position, pending_to, -1);
      if (rows.length === 0) return undefined;
      if (pending_to === null) plan.run(rows.at(-1)!.seq, delivery);
      const id = rows[0]!.crawl;
      const { started_at, origin } = crawlOf.get(id)!;
      return toBatch(rows, { id, startedAt: new Date(started_at) }, origin);
    },
    confirm(delivery, batch) {
      move.run(batch.to, batch.crawl.id === newestCrawl.get()!.id ? batch.length : 0, delivery);
      if ((untrimmed += batch.length) > TRIM_EVERY) trim();
    },
    hasPending: (delivery) => get.get(delivery)!.pending_to !== null,
    delivered: (delivery) => get.get(delivery)!.delivered,
    trim,
  };
}

function toBatch(rows: readonly Row[], crawl: CrawlId, origin: string): OutboxBatch {
  let items: object[] | undefined;
  const json = rows.map((r) => r.body);
  return {
    from: rows[0]!.seq,
    to: rows.at(-1)!.seq,
    crawl,
    origin,
    length: rows.length,
    json,
    keys: rows.map((r) => r.key),
    get items() {
      return (items ??= json.map((text) => JSON.parse(text) as object));
    },
  };
}
