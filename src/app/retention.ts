import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { JobContext } from "../core/job.ts";
import { openDatabase } from "../storage/sqlite.ts";
import { readSqlite } from "../storage/sqlite-reader.ts";
import { listVersions } from "../storage/versions.ts";
import { MIGRATIONS } from "../crawl/journal/schema.ts";
import { openRunHistory } from "./run-history.ts";
import { archiveFiles, removeArchived, type Removal } from "./retention-archive.ts";
import { expireTopics } from "./topics.ts";

/** What a clean-up has moved or removed. */
export interface CleanedUp {
  readonly what: string;
  readonly count: number;
  /** Bytes; undefined where the file keeps its size, and new contents take the room. */
  readonly freed: number | undefined;
}

const DAY_MS = 86_400_000;

/**
 * Keeps to the retention settings: archives the batch files that the published output holds, removes archived ones, old versions of the
 * output, messages, logs, runs in the history, rejected items and refused documents. Whatever it does twice, or only in part, does no harm.
 */
export async function cleanUp(c: Pick<JobContext, "settings" | "now" | "log" | "former">): Promise<CleanedUp[]> {
  const { settings: s, former, log } = c;
  const before = (days: number): Date => new Date(c.now().getTime() - days * DAY_MS);
  const of = (what: string, { files, bytes }: Removal, freed = true): CleanedUp => ({ what, count: files, freed: freed ? bytes : 0 });
  // What an output of an earlier day left out of a file stands nowhere else.
  const taken = former?.complete === true ? former.taken : [];
  mkdirSync(s.BATCH_ARCHIVE_DIR, { recursive: true });
  const archived = await archiveFiles({
    from: s.BATCH_OUTPUT_DIR,
    to: s.BATCH_ARCHIVE_DIR,
    taken,
    before: before(s.ARCHIVE_AFTER_DAYS),
    log,
  });
  const removed =
    s.ARCHIVE_RETENTION_DAYS === 0
      ? { files: 0, bytes: 0 }
      : removeArchived({ to: s.BATCH_ARCHIVE_DIR, taken, before: before(s.ARCHIVE_RETENTION_DAYS) });
  const messages = Object.values(await expireTopics(c)).reduce((sum, n) => sum + n, 0);
  const keep = (days: number): Date | undefined => (days === 0 ? undefined : before(days));
  return [
    of("batch files archived", archived, false),
    of("archived files removed", removed),
    of("versions of the output", removeVersions(s.OUTPUT_PATH, s.OUTPUT_VERSIONS)),
    of("logs of runs", removeOld(s.LOG_DIR, /\.log$/, keep(s.LOG_RETENTION_DAYS))),
    of("files of refused documents", removeOld(s.REFUSED_DIR, /\.jsonl$/, keep(s.REJECTED_RETENTION_DAYS))),
    { what: "runs in the history", count: pruneHistory(c, keep(s.LOG_RETENTION_DAYS)), freed: undefined },
    { what: "rejected items of crawls", count: removeRejected(s.STATE_DIR, keep(s.REJECTED_RETENTION_DAYS)), freed: undefined },
    { what: "messages of topics", count: messages, freed: undefined },
  ];
}

/** Former versions beyond those that are kept; also where the setting was lowered. */
function removeVersions(path: string, keep: number): Removal {
  const removed: Removal = { files: 0, bytes: 0 };
  const versions = listVersions(path);
  if (versions === undefined) return removed;
  const former = versions.names.filter((name) => name < versions.current);
  for (const name of former.slice(0, Math.max(0, former.length - keep + 1))) {
    const dir = join(`${path}.versions`, name);
    removed.bytes += bytesOf(dir);
    rmSync(dir, { recursive: true, force: true });
    removed.files += 1;
  }
  return removed;
}

function removeOld(dir: string, names: RegExp, before: Date | undefined): Removal {
  const removed: Removal = { files: 0, bytes: 0 };
  if (before === undefined || !existsSync(dir)) return removed;
  for (const entry of readdirSync(dir, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const stat = entry.isFile() && names.test(entry.name) ? statSync(path, { throwIfNoEntry: false }) : undefined;
    if (stat === undefined || stat.mtime >= before) continue;
    rmSync(path, { force: true });
    removed.files += 1;
    removed.bytes += stat.size;
  }
  return removed;
}

function pruneHistory(c: Pick<JobContext, "settings" | "now">, before: Date | undefined): number {
  if (before === undefined) return 0;
  using history = openRunHistory(c);
  return history.prune(before);
}

/** Of crawls that have ended: one that goes on still counts its own. */
function removeRejected(dir: string, before: Date | undefined): number {
  let removed = 0;
  if (before === undefined || !existsSync(dir)) return removed;
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (!name.endsWith(".db") || !isJournal(path)) continue;
    const db = openDatabase(path, { migrations: MIGRATIONS });
    try {
      removed += db
        .prepare("DELETE FROM rejected WHERE crawl IN (SELECT id FROM crawl WHERE finished_at < ?)")
        .run(before.toISOString()).changes;
    } finally {
      db.close();
    }
  }
  return removed;
}

function isJournal(path: string): boolean {
  using db = readSqlite(path);
  return db.all("SELECT 1 FROM sqlite_schema WHERE name IN ('rejected', 'crawl')").length === 2;
}

function bytesOf(dir: string): number {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
