import type { ManagedKind } from "./manager-plan.ts";
import type { ProcessIdentity } from "./process-state-identity.ts";

/**
 * `starting`: not known yet to stay. `waiting`: it ended, and is started again at `nextTry`. `done`: it came to its end. `given_up`: it failed too
 * often, or can never succeed. `lost`: its supervisor was killed, nobody minds it (never stored: whoever looks finds out).
 */
export type ManagedState = "starting" | "running" | "waiting" | "stopping" | "stopped" | "done" | "given_up" | "lost";

/** States in which there is a process, or will be one again. */
export const ACTIVE: ReadonlySet<ManagedState> = new Set<ManagedState>(["starting", "running", "waiting", "stopping"]);

/** A managed process as the control table has it. Times are ISO 8601 in UTC. */
export interface Managed {
  readonly name: string;
  readonly kind: ManagedKind;
  readonly args: readonly string[];
  /** Whether it is to run. */
  readonly wanted: boolean;
  /** … but not as the process that runs now: that one is to end first. */
  readonly anew: boolean;
  readonly state: ManagedState;
  /** Of that state. */
  readonly since: string;
  readonly pid: number | null;
  /** Since `up`. */
  readonly restarts: number;
  /** How it ended last, in words. */
  readonly lastEnd: string | null;
  readonly nextTry: string | null;
  /** How many `up`s have named it, and up to which the supervisor has acted. */
  readonly asked: number;
  readonly answered: number;
}

export type StateChange = Pick<Managed, "state" | "pid" | "restarts" | "lastEnd" | "nextTry">;

export interface SupervisorRow {
  readonly identity: ProcessIdentity;
  readonly since: string;
  /** Digests of the settings in its environment, by name. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Append only: see `openDatabase`. */
export const MANAGER_MIGRATIONS: readonly string[] = [
  `CREATE TABLE process (
     name TEXT PRIMARY KEY, kind TEXT NOT NULL, args TEXT NOT NULL, wanted INTEGER NOT NULL, state TEXT NOT NULL, since TEXT NOT NULL,
     pid INTEGER, restarts INTEGER NOT NULL DEFAULT 0, last_end TEXT, next_try TEXT,
     asked INTEGER NOT NULL DEFAULT 0, answered INTEGER NOT NULL DEFAULT 0
   );
   CREATE TABLE supervisor (one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL, since TEXT NOT NULL, environment TEXT NOT NULL);`,
];

export const processColumns = `name, kind, args, wanted, state, since, pid, restarts, last_end AS lastEnd, next_try AS nextTry, asked, answered`;
export const supervisorColumns = "identity, since, environment";

/** `wanted`: 0 no, 1 yes, 2 anew. */
export type StoredProcess = Omit<Managed, "args" | "wanted" | "anew"> & { args: string; wanted: number };

export function processFrom({ args, wanted, ...row }: StoredProcess): Managed {
  return { ...row, args: JSON.parse(args) as string[], wanted: wanted > 0, anew: wanted === 2 };
}

export type StoredSupervisor = Record<"identity" | "since" | "environment", string>;

export function supervisorFrom({ identity, since, environment }: StoredSupervisor): SupervisorRow {
  return { identity: JSON.parse(identity) as ProcessIdentity, since, environment: JSON.parse(environment) as Record<string, string> };
}
