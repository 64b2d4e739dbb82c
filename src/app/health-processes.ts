import { ago, counted } from "./health-words.ts";
import type { Check, HealthRow } from "./health.ts";
import type { Managed } from "./manager-rows.ts";
import { readManaged } from "./manager-table.ts";
import { readProcesses, type ProcessState } from "./process-state.ts";

/** A process that has written nothing for so long is stuck, or stopped: it should every 2 seconds. */
const SILENT_MS = 15_000;

/** A row for each process that the manager minds, and for each other one that runs. */
export const processCheck: Check = {
  names: ["processes"],
  unknown: "warn",
  run({ settings, now }) {
    const running = readProcesses(settings, now());
    const managed = readManaged(settings).processes;
    const minded = new Set(managed.map(({ pid }) => pid));
    const rows = [
      ...managed.map((row) => managedRow(row, running, now())),
      ...running.filter(({ pid }) => !minded.has(pid)).map((state) => processRow(state, now())),
    ];
    const none: HealthRow = { check: "processes", state: "ok", version: null, found: "none is running", todo: null };
    return Promise.resolve(rows.length === 0 ? [none] : rows);
  },
};

function managedRow(m: Managed, running: readonly ProcessState[], now: Date): HealthRow {
  const row = { check: `managed.${m.name}`, version: null };
  const restarts = m.restarts === 0 ? "" : `, restarted ${counted(m.restarts, "time")}`;
  const ended = m.lastEnd === null ? "" : `: ${m.lastEnd}`;
  const logs = `arachne logs ${m.name}`;
  switch (m.state) {
    case "running": {
      const state = running.find(({ pid }) => pid === m.pid);
      if (state !== undefined && isSilent(state, now)) return { ...row, ...silent(state, now) };
      return { ...row, state: "ok", found: `running, started ${ago(m.since, now)}${restarts}`, todo: null };
    }
    case "starting":
    case "stopping":
    case "stopped":
    case "done":
      return { ...row, state: "ok", found: `${m.state} ${ago(m.since, now)}${restarts}`, todo: null };
    case "waiting":
      return {
        ...row,
        state: "warn",
        found: `is ${m.restarts > 1 ? "started again and again" : "to be started again"}${restarts}${ended}`,
        todo: `see why it ends: ${logs}`,
      };
    case "given_up":
      return {
        ...row,
        state: "down",
        found: `given up ${ago(m.since, now)}${restarts}${ended}`,
        todo: `${logs} says why; arachne up -d tries it again`,
      };
    case "lost":
      return {
        ...row,
        state: "down",
        found: "the manager that minded it was killed",
        todo: "arachne up -d starts it again, arachne down forgets it",
      };
  }
}

function processRow(state: ProcessState, now: Date): HealthRow {
  const { kind, name, worker, pid, startedAt } = state;
  const row = { check: `process.${kind}${kind === name ? "" : `.${name}`}${worker === 0 ? "" : `.${worker}`}`, version: null };
  if (isSilent(state, now)) return { ...row, ...silent(state, now) };
  return { ...row, state: "ok", found: `process ${pid}, started ${ago(startedAt, now)}`, todo: null };
}

function isSilent({ writtenAt }: ProcessState, now: Date): boolean {
  return now.getTime() - Date.parse(writtenAt) > SILENT_MS;
}

function silent({ pid, writtenAt }: ProcessState, now: Date): Pick<HealthRow, "state" | "found" | "todo"> {
  return {
    state: "warn",
    found: `process ${pid} last said how it is ${ago(writtenAt, now)}`,
    todo: "it is stuck, or was suspended: see its log, or end it; what was under way is done again",
  };
}
