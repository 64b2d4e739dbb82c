import { CriticalError } from "../../core/errors.ts";
import { failpoint } from "../../storage/failpoint.ts";
import { openDatabase, type Db } from "../../storage/sqlite.ts";
import { openCounters, type Counters } from "./counters.ts";
import type { Crawl, Harvest, NewRequest, Outcome } from "./records.ts";
import { MIGRATIONS } from "./schema.ts";

export interface JournalOptions {
  path: string;
  /** Milliseconds that a page waits for others to share its transaction: at most this much is refetched after a kill. */
  windowMs?: number;
  now: () => Date;
}

export interface Journal {
  readonly db: Db;
  readonly counters: Counters;
  /** The crawl that an earlier run left unfinished. */
  unfinished(): Crawl | undefined;
  /** A new run, new tries: the site may be well again, and pauses between tries are over. */
  resume(): void;
  /** Begins a crawl with an empty frontier; items that an earlier crawl has not delivered yet stay in the outbox. */
  begin(origin: string, args: Readonly<Record<string, string>>): Crawl;
  finish(crawl: Crawl): void;
  /** Resolves when the outcome is durable, with the number of requests it added. */
  submit(outcome: Outcome): Promise<number>;
  /** Told after each commit that stored items or requests. */
  onCommit(listener: (stored: number, queued: number) => void): void;
  /** Requests neither parsed nor failed. */
  pending(): number;
  close(): void;
}

const MAX_GROUP = 256;
/** Links seen a moment ago (a site's menu stands on every page) need no look-up; bounded, and only ever holds committed ones. */
const RECENT_MAX = 20_000;

const SMALL_CACHE_KIB = 4_000;
/** From this many queued requests on, the seen-set, which is hit at random, outgrows the small cache. */
const LARGE_FROM = 100_000;
const LARGE_CACHE_KIB = 32_000;

interface Waiting {
  outcome: Outcome;
  added: number;
  resolve: (added: number) => void;
  reject: (error: unknown) => void;
}

export function openJournal({ path, windowMs = 5, now }: JournalOptions): Journal {
  const db = openDatabase(path, {
    migrations: MIGRATIONS,
    cacheKiB: SMALL_CACHE_KIB,
    // Pages share a commit, so an fsync each costs little, and after a power cut no sequence number is given out twice:
    // topics take a repeated one for a batch that they have.
    synchronous: "FULL",
  });
  const counters = openCounters(db);
  const see = db.prepare("INSERT OR IGNORE INTO seen VALUES (?)");
  const push = db.prepare("INSERT INTO queue (url, callback, depth, priority, options) VALUES (?, ?, ?, ?, ?)");
  const remove = db.prepare("DELETE FROM queue WHERE id = ?");
  const retry = db.prepare("UPDATE queue SET retries = ? WHERE id = ?");
  const fail = db.prepare(
    "INSERT INTO failed (crawl, url, callback, depth, priority, options, reason, detail, failed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const store = db.prepare("INSERT INTO outbox (crawl, key, body) VALUES (?, ?, ?)");
  const setAside = db.prepare("INSERT INTO rejected (crawl, url, reason, detail, item) VALUES (?, ?, ?, ?, ?)");
  const setHosts = db.prepare("UPDATE crawl SET hosts = ? WHERE id = ?");
  const lastCrawl = db.prepare<{
    id: number;
    started_at: string;
    finished_at: string | null;
    origin: string;
    args: string;
    hosts: string | null;
  }>("SELECT * FROM crawl ORDER BY id DESC LIMIT 1");
  const countQueue = db.prepare<{ n: number }>("SELECT count(*) AS n FROM queue");

  let crawlId = lastCrawl.get()?.id ?? 0;
  let pending = countQueue.get()!.n;
  let large = false;
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;
  let listener: (stored: number, queued: number) => void = () => {};
  const recent = new Set<string>();

  function addRequests(requests: readonly NewRequest[], fresh: string[]): number {
    let added = 0;
    for (const r of requests) {
      if (r.fingerprint !== undefined) {
        const text = r.fingerprint.toString("latin1");
        if (recent.has(text)) continue;
        fresh.push(text);
        if (see.run(r.fingerprint).changes === 0) continue;
      }
      push.run(r.url, r.callback, r.depth, r.priority, r.options ?? null);
      added++;
    }
    return added;
  }

  function addHarvest(h: Harvest, url: string): void {
    for (const item of h.items) store.run(crawlId, item.key, item.body);
    for (const r of h.rejected) {
      setAside.run(crawlId, url, r.reason, r.detail ?? null, r.item);
      counters.add(`dropped:${r.reason}`, 1);
    }
    counters.add("emitted", h.emitted);
    counters.add("partial", h.partial);
    counters.add("stored", h.items.length);
  }

  function apply(outcome: Outcome, fresh: string[]): { added: number; stored: number } {
    if (outcome.kind === "start") {
      const added = addRequests(outcome.requests, fresh);
      counters.add("requests", added);
      if (outcome.hosts !== undefined) setHosts.run(JSON.stringify(outcome.hosts), crawlId);
      return { added, stored: 0 };
    }
    const { request } = outcome;
    if (outcome.kind === "retry") {
      retry.run(request.retries, request.id);
      counters.add("retried", 1);
      return { added: 0, stored: 0 };
    }
    if (remove.run(request.id).changes !== 1)
      throw new CriticalError(
        "journal_torn",
        `journal: request ${request.id} (${request.url}) is not in the queue of ${path}: was the file changed from outside?`,
      );
    if (outcome.kind === "failed") {
      const { callback, depth, priority, options } = request;
      fail.run(crawlId, request.url, callback, depth, priority, options, outcome.reason, outcome.detail, now().toISOString());
      counters.add(`failed:${outcome.reason}`, 1);
    } else {
      counters.add("parsed", 1);
      // Redirected to a page that this crawl has or will have anyway: its items must not be there twice.
      if (outcome.arrived !== undefined && see.run(outcome.arrived).changes === 0) {
        counters.add("redirected_to_known", 1);
        const { instead } = outcome;
        if (instead !== undefined) addHarvest(instead, request.url);
        return { added: 0, stored: instead?.items.length ?? 0 };
      }
    }
    addHarvest(outcome.harvest, request.url);
    const added = addRequests(outcome.harvest.follows, fresh);
    counters.add("requests", added);
    return { added, stored: outcome.harvest.items.length };
  }

  function commit(): void {
    clearTimeout(timer);
    timer = undefined;
    const group = waiting;
    if (group.length === 0) return;
    waiting = [];
    const fresh: string[] = [];
    let stored = 0;
    let queued = 0;
    let done = 0;
    try {
      failpoint("journal_before_commit");
      db.transaction(() => {
        for (const w of group) {
          const applied = apply(w.outcome, fresh);
          w.added = applied.added;
          stored += applied.stored;
          queued += applied.added;
          if (w.outcome.kind === "parsed" || w.outcome.kind === "failed") done++;
        }
        counters.flush();
        failpoint("journal_in_commit");
      });
      failpoint("journal_after_commit");
    } catch (cause) {
      counters.reload();
      const error =
        cause instanceof CriticalError
          ? cause
          : new CriticalError("journal_write", `journal: cannot write ${path}: check free space and permissions, then run again`, {
              cause,
            });
      for (const w of group) w.reject(error);
      return;
    }
    // Only now: a link whose transaction was rolled back must not stay "seen".
    if (recent.size > RECENT_MAX) recent.clear();
    for (const f of fresh) recent.add(f);
    pending += queued - done;
    if (!large && counters.get("requests") > LARGE_FROM) {
      db.exec(`PRAGMA cache_size=-${LARGE_CACHE_KIB}`);
      large = true;
    }
    for (const w of group) w.resolve(w.added);
    if (stored > 0 || queued > 0) listener(stored, queued);
  }

  return {
    db,
    counters,
    unfinished() {
      const row = lastCrawl.get();
      if (row === undefined || row.finished_at !== null) return undefined;
      const hosts = row.hosts === null ? undefined : (JSON.parse(row.hosts) as string[]);
      return {
        id: row.id,
        startedAt: new Date(row.started_at),
        origin: row.origin,
        args: JSON.parse(row.args) as Record<string, string>,
        hosts,
      };
    },
    resume: () => db.exec("UPDATE queue SET retries = 0 WHERE retries > 0"),
    begin(origin, args) {
      const startedAt = now();
      db.transaction(() => {
        db.exec(
          "DELETE FROM seen; DELETE FROM queue; DELETE FROM failed; DELETE FROM rejected; DELETE FROM counter; UPDATE cursor SET delivered = 0;",
        );
        db.exec("UPDATE crawl SET finished_at = started_at WHERE finished_at IS NULL");
        db.prepare("INSERT INTO crawl (started_at, origin, args) VALUES (?, ?, ?)").run(
          startedAt.toISOString(),
          origin,
          JSON.stringify(args),
        );
      });
      counters.reload();
      recent.clear();
      pending = 0;
      crawlId = lastCrawl.get()!.id;
      return { id: crawlId, startedAt, origin, args, hosts: undefined };
    },
    finish: (crawl) => void db.prepare("UPDATE crawl SET finished_at = ? WHERE id = ?").run(now().toISOString(), crawl.id),
    submit(outcome) {
      return new Promise((resolve, reject) => {
        waiting.push({ outcome, added: 0, resolve, reject });
        if (waiting.length >= MAX_GROUP) commit();
        else timer ??= setTimeout(commit, windowMs);
      });
    },
    onCommit(to) {
      listener = to;
    },
    pending: () => pending,
    close() {
      commit();
      try {
        db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      } catch {
        // A full disk: the log stays beside the file and is read at the next start.
      }
      db.close();
    },
  };
}
