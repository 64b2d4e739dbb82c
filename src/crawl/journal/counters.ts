import type { Db } from "../../storage/sqlite.ts";

export interface Counters {
  /** Counts in memory; durable with the next `flush`, which belongs inside the transaction of what was counted. */
  add(name: string, by: number): void;
  flush(): void;
  /** Forgets what was not flushed: after a rollback, or when the tables were emptied. */
  reload(): void;
  get(name: string): number;
  /** The counters whose names start with `prefix`, without it. */
  byPrefix(prefix: string): Record<string, number>;
  total(prefix: string): number;
}

/** The crawl's ledger: named counts, kept in the journal so that they move with what they count. */
export function openCounters(db: Db): Counters {
  const upsert = db.prepare("INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value");
  const all = db.prepare<{ name: string; value: number }>("SELECT name, value FROM counter");
  let values = new Map<string, number>();
  let changed = new Map<string, number>();

  function reload(): void {
    values = new Map(all.all().map((r) => [r.name, r.value]));
    changed = new Map();
  }
  reload();

  function byPrefix(prefix: string): Record<string, number> {
    const found = [...values].filter(([name]) => name.startsWith(prefix)).sort(([, a], [, b]) => b - a);
    return Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
  }

  return {
    add(name, by) {
      if (by === 0) return;
      changed.set(name, (changed.get(name) ?? 0) + by);
      values.set(name, (values.get(name) ?? 0) + by);
    },
    flush() {
      for (const [name, by] of changed) upsert.run(name, by);
      changed.clear();
    },
    reload,
    get: (name) => values.get(name) ?? 0,
    byPrefix,
    total: (prefix) => Object.values(byPrefix(prefix)).reduce((sum, n) => sum + n, 0),
  };
}
