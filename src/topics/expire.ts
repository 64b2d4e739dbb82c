import type { Db, Statement } from "../storage/sqlite.ts";

/** A step's worth: writers wait no longer than it takes. */
const STEP = 10_000;

/** Removes the oldest messages that were sent before a time, a step's worth of them. */
export function expireSome(db: Db): Statement<unknown> {
  return db.prepare(`DELETE FROM message WHERE "offset" IN (SELECT "offset" FROM message ORDER BY "offset" LIMIT ${STEP}) AND at < ?`);
}

/** All that are older than the retention, step by step. The file keeps its size; new messages take the room. */
export async function expireAll(db: Db, retentionHours: number, now: () => Date): Promise<number> {
  if (retentionHours === 0) return 0;
  const before = now().getTime() - retentionHours * 3_600_000;
  const step = expireSome(db);
  let removed = 0;
  for (;;) {
    const { changes } = step.run(before);
    removed += changes;
    if (changes < STEP) return removed;
    await new Promise((next) => setImmediate(next));
  }
}
