import { accessSync, constants, mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { cannotWrite } from "../storage/atomic-file.ts";
import { waitForLock } from "../storage/lock.ts";
import { MANAGER } from "./manager-plan.ts";
import { observeProcess } from "./metrics-observe.ts";
import type { Project } from "./project.ts";
import type { Managed, StateChange, SupervisorRow } from "./manager-rows.ts";
import { supervisorLock, type Control } from "./manager-table.ts";
import { keepRunning, type Child } from "./supervise-child.ts";
import { endLeftovers, stopSeconds } from "./supervise-leftovers.ts";
import { openLogs } from "./supervise-logs.ts";

export interface SuperviseOptions {
  control: Control;
  settings: Settings;
  /** How `arachne` is called: a program and its first arguments. */
  arachne: readonly string[];
  project: Project;
  /** Digests of the settings in this process's environment, which its children have, too. */
  environment: SupervisorRow["environment"];
  now: () => Date;
  random?: () => number;
  /** How long a process must stay, from when it is ready, to count as running. */
  steadyMs?: number;
  /** Aborted: everything is stopped. */
  stop: AbortSignal;
  /** Aborted: everything is ended at once. */
  force: AbortSignal;
  /** How long another one's lock is waited for. */
  lockSeconds: number;
  /** There is no other one. */
  onStart?: () => void;
  /** Whole lines of what a process, or the manager itself, has to say; they stand in its log already. */
  onLines?: (name: string, lines: string) => void;
}

const POLL_MS = 250;
/** A scheduler finds out within a second that there is another one. */
const STEADY_MS = 2000;

/**
 * Runs what the control table wants until nothing of it is left to run, or `stop`. One a project.
 * @throws CriticalError `locked` when there is another one, `file_write` when there is no place for logs
 */
export async function supervise(o: SuperviseOptions): Promise<void> {
  const { control, settings, now, stop, force } = o;
  logFolder(settings.LOG_DIR);
  const lock = await waitForLock(supervisorLock(settings), "the manager", { now, signal: stop, seconds: o.lockSeconds });
  o.onStart?.();
  using logs = openLogs({ settings, now, onLines: o.onLines ?? (() => undefined) });
  const log = logs.of(MANAGER);
  const children = new Map<string, { child: Child; stop: AbortController }>();
  /** Up to which `up` each has been acted on, also when the table could not be told: nothing is started twice for one. */
  const acted = new Map<string, number>();
  const unsaved = new Map<string, StateChange>();
  let wake = new AbortController();
  stop.addEventListener("abort", () => wake.abort(), { once: true });

  /** That it fails has been told; it is told again once a whole round has gone well. */
  let told = false;
  let failed = false;
  /** A table that cannot be read or written, on a full disk, must not end what runs. */
  function attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!told) log.error(`the control table cannot be used; what runs goes on: ${describeError(error)}`);
      told = failed = true;
      return undefined;
    }
  }

  function save(): void {
    attempt(() => {
      for (const [name, change] of unsaved) {
        control.setState(name, change);
        unsaved.delete(name);
      }
    });
  }

  function start({ name, kind, args }: Managed): void {
    const controller = new AbortController();
    const child = keepRunning({
      name,
      kind,
      command: [...o.arachne, ...args],
      cwd: o.project.root,
      stateDir: settings.STATE_DIR,
      stopSeconds: stopSeconds(kind, settings),
      settings,
      random: o.random ?? Math.random,
      steadyMs: o.steadyMs ?? STEADY_MS,
      now,
      log: logs.of(name),
      stop: controller.signal,
      force,
      onLines: (lines) => logs.print(name, lines),
      onState(change) {
        unsaved.set(name, change);
        save();
      },
    });
    children.set(name, { child, stop: controller });
    void child.ended.then(() => {
      children.delete(name);
      wake.abort();
    });
  }

  function act(row: Managed): void {
    const running = children.get(row.name);
    const anew = row.anew && acted.get(row.name) !== row.asked;
    if (running !== undefined && (!row.wanted || anew)) running.stop.abort();
    // One that is being stopped is started again when it has ended.
    if (row.asked === row.answered || running?.stop.signal.aborted === true) return;
    if (acted.get(row.name) !== row.asked) {
      acted.set(row.name, row.asked);
      if (running !== undefined) running.child.nudge();
      else if (row.wanted) start(row);
    }
    control.answered(row.name, row.asked);
  }

  async function stopAll(): Promise<void> {
    attempt(() => control.unwant(control.rows().map((row) => row.name)));
    const ended = [...children.values()].map(({ child, stop: one }) => {
      one.abort();
      return child.ended;
    });
    await Promise.all(ended);
  }

  try {
    await using _ = observeProcess({ project: o.project, settings, kind: "manager", name: MANAGER, log, now });
    const left = control.takeOver(o.environment);
    log.info(`started, process ${process.pid}`);
    if (left.length > 0) log.warn(`another one was killed; what it ran is started again: ${left.join(", ")}`);
    await endLeftovers({ settings, force, log });
    control.leftoversEnded();
    while (!stop.aborted) {
      wake = new AbortController();
      failed = false;
      save();
      for (const row of attempt(() => control.rows()) ?? []) attempt(() => act(row));
      if (children.size === 0 && attempt(() => control.leave()) === true) break;
      told &&= failed;
      await sleep(POLL_MS, undefined, { signal: wake.signal }).catch(() => undefined);
    }
    if (stop.aborted) await stopAll();
    save();
    // What is asked for from here on is the next one's business: it waits for the lock.
    attempt(() => control.leaveAtOnce());
    log.info("ended: nothing is left to run");
  } finally {
    lock.release();
  }
}

/** What is lost later, on a full disk, is bearable; not to have any log from the start is a mistake in the settings. */
function logFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
  } catch (error) {
    throw cannotWrite(dir, error);
  }
}
