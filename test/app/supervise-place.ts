import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { Settings, SettingsInput } from "../../src/core/settings.ts";
import type { ManagedKind } from "../../src/app/manager-plan.ts";
import type { Managed } from "../../src/app/manager-rows.ts";
import { openControl, type Control } from "../../src/app/manager-table.ts";
import { resolveSettings } from "../../src/app/settings.ts";
import { supervise } from "../../src/app/supervise.ts";
import { markedProcesses } from "../../src/app/supervise-marked.ts";

export interface ManagerPlace {
  dir: string;
  settings: Settings;
  control: Control;
  /** A supervisor in this process, whose children are test/app/supervise-child.mjs. */
  supervise(): { ended: Promise<void>; stop(): void; force(): void };
  ask(name: string, args: readonly string[], kind?: ManagedKind): void;
  row(name: string): Managed;
  reached(name: string, state: Managed["state"], restarts?: number): Promise<Managed>;
  log(name: string): string;
  /** Numbers of all processes of this place. */
  left(): number[];
}

export function managerPlace(set: SettingsInput = {}): ManagerPlace {
  const dir = mkdtempSync(join(tmpdir(), "arachne-manager-"));
  onTestFinished(() => {
    for (const pid of markedProcesses(settings.STATE_DIR)) process.kill(pid, "SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });
  const values = { MANAGER_BACKOFF_SECONDS: 0.02, MANAGER_BACKOFF_MAX_SECONDS: 0.1, MANAGER_STOP_SECONDS: 5, JOB_STOP_SECONDS: 1, ...set };
  const { settings } = resolveSettings({ root: dir, project: { values }, env: {} });
  const now = (): Date => new Date();
  const control = openControl({ settings, now });
  onTestFinished(() => control[Symbol.dispose]());
  const row = (name: string): Managed => control.rows().find((each) => each.name === name)!;
  return {
    dir,
    settings,
    control,
    row,
    supervise() {
      const stop = new AbortController();
      const force = new AbortController();
      const ended = supervise({
        control,
        settings,
        arachne: [process.execPath, join(import.meta.dirname, "supervise-child.mjs")],
        project: { root: dir, settings: { values: {} }, names: () => [], load: () => Promise.reject(new Error("there is nothing here")) },
        environment: {},
        steadyMs: 50,
        now,
        stop: stop.signal,
        force: force.signal,
        lockSeconds: 0,
      });
      onTestFinished(() => force.abort());
      return { ended, stop: () => stop.abort(), force: () => force.abort() };
    },
    ask: (name, args, kind = "stream") => void control.ask([{ name, kind, args }]),
    reached: (name, state, restarts = 0) =>
      until(() => {
        const found = row(name);
        return found.state === state && found.restarts >= restarts ? found : undefined;
      }),
    log: (name) => readFileSync(join(settings.LOG_DIR, `${name}.log`), "utf8"),
    left: () => markedProcesses(settings.STATE_DIR),
  };
}

/** Waits for a state, however long it takes; the test's own limit ends it. */
export async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(20);
  }
}
