import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { TransientError } from "../core/errors.ts";
import type { Db } from "../storage/sqlite.ts";

const LEASE_MS = 5_000;

export interface GroupLease {
  /** Takes or keeps the group for another while; false: another consumer has it, or had it: what this one has read is no longer its own. */
  renew(): boolean;
  /** Changes when another has had the group: what was read before is no longer our own, though the group may be again. */
  term(): number;
  /**
   * @param term in which the batch was read
   * @throws TransientError `lease_lost` when another consumer took over: the batch will be delivered again, to it.
   */
  commit(offset: number, term: number): void;
  /** @throws the same, and moves nothing */
  check(term: number): void;
  release(): void;
}

/**
 * One active consumer a group: the owner's name with a time limit in the group's row, so that a consumer that is gone is replaced within
 * seconds; one whose process has died on this machine, at once.
 */
export function takeLease(db: Db, group: string, now: () => Date): GroupLease {
  const owner = `${randomUUID()} ${process.pid} ${hostname()}`;
  const holder = db.prepare<{ owner: string | null }>("SELECT owner FROM consumer_group WHERE name = ?");
  const renew = db.prepare(
    "UPDATE consumer_group SET owner = ?, owned_until = ? WHERE name = ? AND (owner = ? OR owned_until < ? OR owner = ?)",
  );
  const commit = db.prepare('UPDATE consumer_group SET "offset" = ?, owned_until = ? WHERE name = ? AND owner = ?');
  const release = db.prepare("UPDATE consumer_group SET owner = NULL, owned_until = 0 WHERE name = ? AND owner = ?");
  let until = 0;
  let hadIt = false;
  let wasLost = false;
  let term = 0;
  const lost = (): TransientError => {
    until = 0;
    wasLost = true;
    hadIt = false;
    term++;
    return leaseLost(group);
  };
  return {
    renew() {
      if (wasLost) {
        wasLost = false;
        return false;
      }
      const at = now().getTime();
      // A third of the lease: polling an idle topic must not write ten times a second.
      if (until - at > (LEASE_MS * 2) / 3) return true;
      const held = holder.get(group)?.owner ?? "";
      const mine = renew.run(owner, at + LEASE_MS, group, owner, at, hasDied(held) ? held : owner).changes === 1;
      const another = hadIt && held !== owner; // had it while we slept, and may have left it again
      if (another) term++;
      hadIt = mine;
      until = mine ? at + LEASE_MS : 0;
      return mine && !another;
    },
    term: () => term,
    commit(offset, of) {
      if (of !== term) throw leaseLost(group);
      const at = now().getTime();
      const mine = commit.run(offset, at + LEASE_MS, group, owner).changes === 1;
      until = mine ? at + LEASE_MS : 0; // lost: `renew` has to ask, and the consumer to start again from what was committed
      if (!mine) throw lost();
    },
    check(of) {
      if (of !== term) throw leaseLost(group);
      if (holder.get(group)?.owner !== owner) throw lost();
    },
    release: () => void release.run(group, owner),
  };
}

function leaseLost(group: string): TransientError {
  return new TransientError(
    "lease_lost",
    `topic: consumer of group ${group} lost its lease to another: its last batch will be delivered again`,
  );
}

/** Only for certain: a process of another machine, or another user's, counts as alive. */
function hasDied(owner: string): boolean {
  const [, pid, host] = owner.split(" ");
  if (host !== hostname() || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
