import { existsSync } from "node:fs";
import { join } from "node:path";
import { textLiteral } from "../core/schema/sql-text.ts";
import type { Settings } from "../core/settings.ts";
import { readSqlite } from "../storage/sqlite-reader.ts";
import { ago, counted } from "./health-words.ts";
import type { Check, HealthContext, HealthRow } from "./health.ts";
import { readProcesses } from "./process-state.ts";
import type { Project } from "./project.ts";
import { runColumns, type Run } from "./run-history-rows.ts";

/** A row for each job: how its last run went. */
export function jobChecks(project: Project): Check[] {
  return project.names("jobs").map((job) => ({
    names: [`job.${job}`],
    unknown: "warn",
    run: (c) => Promise.resolve([{ check: `job.${job}`, version: null, ...judge(job, newest(job, c.settings), c) }]),
  }));
}

function newest(job: string, { STATE_DIR }: Settings): Run | undefined {
  const path = join(STATE_DIR, "jobs.db");
  if (!existsSync(path)) return undefined;
  using db = readSqlite(path);
  return db.all<Run>(`SELECT ${runColumns} FROM run WHERE job = ${textLiteral(job)} ORDER BY id DESC LIMIT 1`)[0];
}

function judge(job: string, run: Run | undefined, { settings, now }: HealthContext): Pick<HealthRow, "state" | "found" | "todo"> {
  if (run === undefined) return { state: "ok", found: "has not run yet", todo: null };
  const when = run.ended ?? run.started;
  const found = `${run.state.replace("_", " ")} ${when === null ? "" : `${ago(when, now())}, `}for ${run.date}`;
  const again = `${run.logFile === null ? "" : `see ${run.logFile}; `}run it again: arachne job run ${job} --date ${run.date}`;
  switch (run.state) {
    case "succeeded":
      return { state: "ok", found: `${found}, ${counted(run.rowsOut ?? 0, "row")} out`, todo: null };
    case "queued":
    case "stopped":
    case "skipped":
      return { state: "ok", found, todo: null };
    case "running":
      if (readProcesses(settings, now()).some(({ pid }) => pid === run.pid)) return { state: "ok", found, todo: null };
      return { state: "warn", found: `${found}, but its process is gone`, todo: again };
    case "blocked":
      return { state: "warn", found: `${found}: ${run.error ?? ""}`, todo: `run the job that it waits for; arachne jobs history ${job}` };
    case "failed":
    case "timed_out":
    case "lost":
      return { state: "warn", found: `${found}: ${run.error ?? ""}`, todo: again };
  }
}
