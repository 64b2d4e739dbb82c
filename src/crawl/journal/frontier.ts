import type { Db } from "../../storage/sqlite.ts";
import type { QueuedRequest } from "./records.ts";

/** What the frontier asks before it hands out a request for a host: `true`, or how many milliseconds to wait (Infinity: until one is released). */
export type HostGate = (host: string, now: number) => true | number;

export interface Frontier {
  /** The next request whose host may be asked now, or in how many milliseconds there may be one; Infinity: none until something changes. */
  next(now: number): QueuedRequest | number;
  /** Puts a request back, to come again at `at`. */
  defer(request: QueuedRequest, at: number): void;
  /** Requests were committed to the journal. */
  added(): void;
  /** A request to this host has ended: its gate may have opened. */
  released(host: string): void;
  /** Nothing is waiting here (requests in flight are the caller's). */
  isEmpty(): boolean;
}

const CHUNK = 256;
/** Read-ahead while every host in memory is busy: a slow host at the head of the queue must not hold back the others. */
const MAX_BUFFERED = 4096;

interface HostQueue {
  host: string;
  requests: QueuedRequest[];
  head: number;
  /** Not before this time; Infinity while all its slots are taken. */
  wakeAt: number;
}

/**
 * Hands out the journal's queue in order (priority, then as found), host by host in turn. Only a window of it is in
 * memory, so a frontier of millions costs no more than one of thousands.
 */
export function openFrontier(db: Db, gate: HostGate): Frontier {
  const columns = "id, url, callback, depth, priority, retries, options";
  const plain = db.prepare<QueuedRequest>(`SELECT ${columns} FROM queue WHERE id > ? AND priority = 0 ORDER BY id LIMIT ${CHUNK}`);
  const ranked = db.prepare<QueuedRequest>(`SELECT ${columns} FROM queue WHERE priority = ? AND id > ? ORDER BY id LIMIT ${CHUNK}`);
  // One step down the index at a time: DISTINCT would read every ranked row, of which there may be a million.
  const below = db.prepare<{ priority: number }>(
    "SELECT priority FROM queue WHERE priority <> 0 AND priority < ? ORDER BY priority DESC LIMIT 1",
  );
  const newest = db.prepare<{ id: number }>("SELECT seq AS id FROM sqlite_sequence WHERE name = 'queue'");

  const hosts = new Map<string, HostQueue>();
  const ring: HostQueue[] = [];
  const cursors = new Map<number, number>();
  const deferred: { request: QueuedRequest; at: number }[] = [];
  let turn = 0;
  let buffered = 0;
  /** False once a look found nothing more, until requests are added: asking an idle frontier costs no SQL. */
  let more = true;

  function enqueue(request: QueuedRequest): void {
    const host = hostOf(request.url);
    let queue = hosts.get(host);
    if (queue === undefined) {
      queue = { host, requests: [], head: 0, wakeAt: 0 };
      hosts.set(host, queue);
      ring.push(queue);
    }
    const { requests } = queue;
    let at = requests.length;
    while (at > queue.head && requests[at - 1]!.priority < request.priority) at--;
    if (at === requests.length) requests.push(request);
    else requests.splice(at, 0, request);
    buffered++;
  }

  function read(priority: number): number {
    const after = cursors.get(priority) ?? 0;
    const rows = priority === 0 ? plain.all(after) : ranked.all(priority, after);
    if (rows.length > 0) cursors.set(priority, rows.at(-1)!.id);
    // The plain ones have no index: what lies beyond the last of them is ranked, and not to be walked through again.
    else if (priority === 0) cursors.set(0, newest.get()?.id ?? 0);
    for (const row of rows) enqueue(row);
    return rows.length;
  }

  function fill(): boolean {
    if (!more || buffered >= MAX_BUFFERED) return false;
    let found = 0;
    for (let priority = Infinity; found === 0;) {
      const ranked: number | undefined = below.get(priority)?.priority;
      if (priority > 0 && (ranked ?? -1) < 0) {
        found = read(0);
        priority = 0;
      } else if (ranked === undefined) break;
      else found = read((priority = ranked));
    }
    more = found > 0;
    return more;
  }

  function drop(index: number): void {
    const [queue] = ring.splice(index, 1);
    hosts.delete(queue!.host);
    if (turn > index) turn--;
  }

  /** One round over the hosts: a request, or the shortest wait. */
  function pick(now: number): QueuedRequest | number {
    let wait = Infinity;
    for (let tried = ring.length; tried > 0; tried--) {
      if (turn >= ring.length) turn = 0;
      const queue = ring[turn]!;
      if (queue.head === queue.requests.length) {
        drop(turn);
        continue;
      }
      if (queue.wakeAt <= now) {
        const answer = gate(queue.host, now);
        if (answer === true) {
          const request = queue.requests[queue.head++]!;
          if (queue.head > 512) {
            queue.requests.splice(0, queue.head);
            queue.head = 0;
          }
          buffered--;
          turn++;
          return request;
        }
        queue.wakeAt = now + answer;
      }
      wait = Math.min(wait, queue.wakeAt - now);
      turn++;
    }
    return wait;
  }

  function wakeDeferred(now: number): number {
    while (deferred.length > 0 && deferred[0]!.at <= now) enqueue(deferred.shift()!.request);
    return deferred.length > 0 ? deferred[0]!.at - now : Infinity;
  }

  return {
    next(now) {
      const untilDeferred = wakeDeferred(now);
      for (;;) {
        const picked = pick(now);
        if (typeof picked !== "number") return picked;
        if (!fill()) return Math.min(picked, untilDeferred);
      }
    },
    defer(request, at) {
      const index = deferred.findIndex((d) => d.at > at);
      deferred.splice(index === -1 ? deferred.length : index, 0, { request, at });
    },
    added() {
      more = true;
    },
    released(host) {
      const queue = hosts.get(host);
      if (queue !== undefined) queue.wakeAt = 0;
    },
    isEmpty() {
      return buffered === 0 && deferred.length === 0 && !fill();
    },
  };
}

/** The authority part of an absolute URL, without building a URL object: this runs for every request. */
export function hostOf(url: string): string {
  const start = url.indexOf("//") + 2;
  let end = start;
  for (; end < url.length; end++) {
    const c = url.charCodeAt(end);
    if (c === 47 || c === 63 || c === 35) break;
  }
  return url.slice(url.lastIndexOf("@", end) >= start ? url.lastIndexOf("@", end) + 1 : start, end);
}
