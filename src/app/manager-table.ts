import { existsSync } from "node:fs";
import { join } from "node:path";
import { CriticalError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { acquireLock } from "../storage/lock.ts";
import { openDatabase } from "../storage/sqlite.ts";
import { readSqlite } from "../storage/sqlite-reader.ts";
import type { ManagedSpec } from "./manager-plan.ts";
import {
  ACTIVE,
  MANAGER_MIGRATIONS,
  processColumns,
  processFrom,
  supervisorColumns,
  supervisorFrom,
  type Managed,
  type StateChange,
  type StoredProcess,
  type StoredSupervisor,
  type SupervisorRow,
} from "./manager-rows.ts";
import { lifeOf, ownIdentity } from "./process-state-identity.ts";

type Where = Pick<Settings, "STATE_DIR">;

const ALL = `SELECT ${processColumns} FROM process ORDER BY kind = 'crawl', kind = 'scheduler', name`;
const SUPERVISOR = `SELECT ${supervisorColumns} FROM supervisor`;

function tablePath(settings: Where): string {
  return join(settings.STATE_DIR, "manager.db");
}

/** The lock that the project's supervisor holds. */
export function supervisorLock(settings: Where): string {
  return join(settings.STATE_DIR, "manager.lock");
}

/** What the manager runs and has run, and who it is, without creating anything. */
export function readManaged(settings: Where): { processes: Managed[]; supervisor: SupervisorRow | undefined } {
  if (!existsSync(tablePath(settings))) return { processes: [], supervisor: undefined };
  using db = readSqlite(tablePath(settings));
  // Somebody may be making it just now.
  if (db.all("SELECT 1 FROM sqlite_schema WHERE name = 'supervisor'").length === 0) return { processes: [], supervisor: undefined };
  const supervisor = living(db.all<StoredSupervisor>(SUPERVISOR).map(supervisorFrom)[0], settings);
  return { processes: db.all<StoredProcess>(ALL).map((row) => asSeen(processFrom(row), supervisor)), supervisor };
}

/** A process that nobody supervises any more ends by itself. */
function asSeen(process: Managed, supervisor: SupervisorRow | undefined): Managed {
  return supervisor === undefined && ACTIVE.has(process.state) ? { ...process, state: "lost" } : process;
}

function living(row: SupervisorRow | undefined, settings: Where): SupervisorRow | undefined {
  if (row === undefined) return undefined;
  const life = lifeOf(row.identity);
  return life === "alive" || (life === "unknown" && isLocked(settings)) ? row : undefined;
}

function isLocked(settings: Where): boolean {
  if (!existsSync(supervisorLock(settings))) return false;
  try {
    acquireLock(supervisorLock(settings), "the manager", new Date()).release();
    return false;
  } catch (error) {
    if (error instanceof CriticalError && error.code === "locked") return true;
    throw error;
  }
}

/**
 * The control table, `<STATE_DIR>/manager.db`: `up` and `down` write into it what is wanted, from any process; the supervisor acts on it
 * and writes what has become of it.
 */
export function openControl({ settings, now }: { settings: Where; now: () => Date }) {
  const db = openDatabase(tablePath(settings), { migrations: MANAGER_MIGRATIONS });
  const all = db.prepare<StoredProcess>(ALL);
  const insert = db.prepare(
    `INSERT INTO process (name, kind, args, wanted, state, since, asked) VALUES (?, ?, ?, 1, 'stopped', ?, 1)
     ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, args = excluded.args, wanted = 1, asked = asked + 1`,
  );
  const again = db.prepare("UPDATE process SET wanted = max(wanted, 1), asked = asked + 1 WHERE name = ?");
  const renew = db.prepare("UPDATE process SET wanted = 2, asked = asked + 1 WHERE name = ?");
  // Whoever has asked since then is yet to be answered.
  const answer = db.prepare(
    "UPDATE process SET answered = ?1, wanted = CASE WHEN asked = ?1 THEN min(wanted, 1) ELSE wanted END WHERE name = ?2",
  );
  const change = db.prepare(
    `UPDATE process SET since = CASE WHEN state = ?1 THEN since ELSE ?2 END, state = ?1, pid = ?3, restarts = ?4, last_end = ?5, next_try = ?6 WHERE name = ?7`,
  );
  const unwant = db.prepare(
    "UPDATE process SET wanted = 0, state = CASE state WHEN 'given_up' THEN 'stopped' ELSE state END WHERE name = ?",
  );
  const stamp = (): string => now().toISOString();
  const settle = (which: string): void => {
    const active = [...ACTIVE].map((state) => `'${state}'`).join(", ");
    db.prepare(`UPDATE process SET state = 'stopped', since = ?, pid = NULL, next_try = NULL WHERE state IN (${active}) AND ${which}`).run(
      stamp(),
    );
  };
  const rows = (): Managed[] => all.all().map(processFrom);
  const supervisor = (): SupervisorRow | undefined =>
    living(db.prepare<StoredSupervisor>(SUPERVISOR).all().map(supervisorFrom)[0], settings);

  return {
    /** As they stand, whoever is left to mind them. */
    rows,
    /** The one that lives. */
    supervisor,

    /**
     * Wants processes up, or one that waits for its next try to be tried now. What runs goes on as it is.
     * @returns the names of those that run with other settings than these
     */
    ask: (specs: readonly ManagedSpec[]): string[] =>
      db.transaction(() => {
        const running = supervisor() === undefined ? [] : rows().filter((row) => row.wanted && ACTIVE.has(row.state));
        return specs.flatMap(({ name, kind, args }) => {
          const row = running.find((r) => r.name === name);
          if (row === undefined) insert.run(name, kind, JSON.stringify(args), stamp());
          else again.run(name);
          return row !== undefined && JSON.stringify(row.args) !== JSON.stringify(args) ? [name] : [];
        });
      }),
    /** Wants processes anew: those that run are to end first. */
    askAnew: (names: readonly string[]): void =>
      db.transaction(() => {
        for (const name of names) renew.run(name);
      }),
    /** What was given up is forgotten with it. */
    unwant: (names: readonly string[]): void =>
      db.transaction(() => {
        for (const name of names) unwant.run(name);
      }),

    /** This process is the supervisor now, and has to do what its former, if it was killed, had to. @returns the names of what that left */
    takeOver: (environment: SupervisorRow["environment"]): string[] =>
      db.transaction(() => {
        db.prepare("INSERT OR REPLACE INTO supervisor VALUES (1, ?, ?, ?)").run(
          JSON.stringify(ownIdentity()),
          stamp(),
          JSON.stringify(environment),
        );
        const left = rows().filter((row) => row.wanted && ACTIVE.has(row.state));
        for (const { name } of left) again.run(name);
        return left.map((row) => row.name);
      }),
    /** Nothing is left of what a former supervisor ran. */
    leftoversEnded: (): void => settle("TRUE"),
    /** Once it has nothing left to do. false: it was asked for something meanwhile. */
    leave: (): boolean =>
      db.transaction(() => {
        if (rows().some((row) => row.wanted && row.asked > row.answered)) return false;
        db.exec("DELETE FROM supervisor");
        return true;
      }),
    /** Of a supervisor that was killed, when nothing of it is left. What is wanted all the same stays for the next one to start. */
    settleLost: (): void =>
      db.transaction(() => {
        db.exec("DELETE FROM supervisor");
        settle("wanted = 0");
      }),
    leaveAtOnce: (): void => db.exec("DELETE FROM supervisor"),
    answered: (name: string, asked: number): void => void answer.run(asked, name),
    setState: (name: string, { state, pid, restarts, lastEnd, nextTry }: StateChange): void =>
      void change.run(state, stamp(), pid, restarts, lastEnd, nextTry, name),

    [Symbol.dispose]: (): void => db.close(),
  };
}

export type Control = ReturnType<typeof openControl>;
