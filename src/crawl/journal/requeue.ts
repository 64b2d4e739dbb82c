import type { Db } from "../../storage/sqlite.ts";

export interface Requeued {
  crawl: number;
  /** Requests put back, by the reason they failed for. */
  requeued: Record<string, number>;
  /** Failed requests left as they are. */
  left: Record<string, number>;
}

/**
 * Puts the newest crawl's failed requests back into the queue and reopens that crawl; undefined where there never was one.
 * The ledger still closes: each request moves from failed to pending. Its fallback goes: that was emitted when it failed,
 * and another failure must not emit it again.
 */
export function requeueFailed(db: Db, reason: string | undefined): Requeued | undefined {
  const crawl = db.prepare<{ id: number }>("SELECT id FROM crawl ORDER BY id DESC LIMIT 1").get();
  if (crawl === undefined) return undefined;
  const counts = (): Record<string, number> => {
    const rows = db
      .prepare<{ reason: string; n: number }>(
        "SELECT reason, count(*) AS n FROM failed WHERE crawl = ? GROUP BY reason ORDER BY n DESC, reason",
      )
      .all(crawl.id);
    return Object.fromEntries(rows.map((r) => [r.reason, r.n]));
  };
  return db.transaction(() => {
    const before = counts();
    const requeued = reason === undefined ? before : Object.fromEntries(Object.entries(before).filter(([name]) => name === reason));
    if (Object.keys(requeued).length > 0) {
      const chosen = "crawl = ?1 AND (?2 IS NULL OR reason = ?2)";
      db.prepare(
        `INSERT INTO queue (url, callback, depth, priority, options)
         SELECT url, callback, depth, priority, nullif(json_remove(options, '$.fallback'), '{}') FROM failed WHERE ${chosen} ORDER BY id`,
      ).run(crawl.id, reason ?? null);
      db.prepare(`DELETE FROM failed WHERE ${chosen}`).run(crawl.id, reason ?? null);
      const lower = db.prepare("UPDATE counter SET value = value - ? WHERE name = ?");
      for (const [name, n] of Object.entries(requeued)) lower.run(n, `failed:${name}`);
      db.exec("DELETE FROM counter WHERE value = 0 AND name LIKE 'failed:%'");
      db.prepare("UPDATE crawl SET finished_at = NULL WHERE id = ?").run(crawl.id);
    }
    return { crawl: crawl.id, requeued, left: counts() };
  });
}
