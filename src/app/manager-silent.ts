import type { Settings } from "../core/settings.ts";
import type { SupervisorRow } from "./manager-rows.ts";
import { readProcesses } from "./process-state.ts";

/** It tells how it is every 2 seconds. */
const SILENT_MS = 30_000;

/** How long who waits for a supervisor does so before it looks: one that was suspended with the machine needs a moment. */
export const PATIENCE_MS = 5000;

/** Whether a supervisor that lives is stuck, or suspended. One that waits for what it has asked to end is not. */
export function isSilent({ identity, since }: SupervisorRow, settings: Pick<Settings, "STATE_DIR">, now: Date): boolean {
  const state = readProcesses(settings, now).find(({ kind, pid }) => kind === "manager" && pid === identity.pid);
  return now.getTime() - Date.parse(state?.writtenAt ?? since) > SILENT_MS;
}
