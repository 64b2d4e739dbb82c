import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Sample } from "../core/metrics.ts";
import type { Settings } from "../core/settings.ts";
import { readSqlite, type SqliteReader } from "../storage/sqlite-reader.ts";
import { RUN_STATES, runColumns, type Run, type RunState } from "./run-history-rows.ts";

/** What the run history tells of each job that has ever run; nothing where there is none yet. */
export function jobSamples({ STATE_DIR }: Pick<Settings, "STATE_DIR">): Sample[] {
  const path = join(STATE_DIR, "jobs.db");
  if (!existsSync(path)) return [];
  using db = readSqlite(path);
  return [
    ...newest(db, "TRUE").flatMap(({ job_name, run }) =>
      RUN_STATES.map((state) => sample("arachne_job_state", { job_name, state }, run.state === state ? 1 : 0)),
    ),
    ...newest(db, "started IS NOT NULL").map(({ job_name, run }) =>
      sample("arachne_job_last_start_timestamp_seconds", { job_name }, seconds(run.started)),
    ),
    ...newest(db, "started IS NOT NULL AND ended IS NOT NULL").map(({ job_name, run }) =>
      sample("arachne_job_last_duration_seconds", { job_name }, seconds(run.ended) - seconds(run.started)),
    ),
    ...newest(db, "state = 'succeeded'").flatMap(({ job_name, run }) => [
      sample("arachne_job_last_success_timestamp_seconds", { job_name }, seconds(run.ended)),
      sample("arachne_job_last_rows_in", { job_name }, run.rowsIn ?? 0),
      sample("arachne_job_last_rows_out", { job_name }, run.rowsOut ?? 0),
      sample("arachne_job_last_rows_rejected", { job_name }, run.rejected ?? 0),
    ]),
    ...db
      .all<{ job_name: string; state: RunState; n: number }>(
        "SELECT job AS job_name, state, count(*) AS n FROM run WHERE state NOT IN ('queued', 'running') GROUP BY job, state",
      )
      .map(({ job_name, state, n }) => sample("arachne_job_runs", { job_name, state }, n)),
  ];
}

/** Of each job the newest run of those that `where` takes. */
function newest(db: SqliteReader, where: string): { job_name: string; run: Run }[] {
  return db
    .all<Run>(`SELECT ${runColumns} FROM run WHERE id IN (SELECT max(id) FROM run WHERE ${where} GROUP BY job) ORDER BY job`)
    .map((run) => ({ job_name: run.job, run }));
}

function sample(name: Sample["name"], labels: Sample["labels"], value: number): Sample {
  return { name, labels, value };
}

function seconds(iso: string | null): number {
  return Date.parse(iso ?? "") / 1000;
}
