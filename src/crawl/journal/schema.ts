/**
 * The journal: one SQLite file a spider. A page's outcome is one transaction: its items go to the outbox, its new links
 * into `seen` and `queue`, and its own row leaves the queue. A request is in flight in memory only: its row stays until it
 * is done, so after a kill it is simply there again and no lease has to expire.
 */
export const MIGRATIONS = [
  `CREATE TABLE crawl (
     id INTEGER PRIMARY KEY AUTOINCREMENT, started_at TEXT NOT NULL, finished_at TEXT, origin TEXT NOT NULL, args TEXT NOT NULL, hosts TEXT);
   CREATE TABLE seen (fingerprint BLOB PRIMARY KEY) WITHOUT ROWID;
   CREATE TABLE queue (
     id INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, callback TEXT NOT NULL, depth INTEGER NOT NULL,
     priority INTEGER NOT NULL, retries INTEGER NOT NULL DEFAULT 0, options TEXT);
   CREATE INDEX queue_priority ON queue (priority DESC, id) WHERE priority <> 0;
   CREATE TABLE failed (
     id INTEGER PRIMARY KEY, crawl INTEGER NOT NULL, url TEXT NOT NULL, callback TEXT NOT NULL, depth INTEGER NOT NULL,
     priority INTEGER NOT NULL, options TEXT, reason TEXT NOT NULL, detail TEXT, failed_at TEXT NOT NULL);
   CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, crawl INTEGER NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL);
   CREATE TABLE rejected (
     id INTEGER PRIMARY KEY, crawl INTEGER NOT NULL, url TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT, item TEXT NOT NULL);
   CREATE TABLE cursor (
     delivery TEXT PRIMARY KEY, position INTEGER NOT NULL, pending_to INTEGER, delivered INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
   CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;`,
];
