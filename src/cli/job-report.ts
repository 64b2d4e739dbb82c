import { isAbsolute, relative } from "node:path";
import type { JobRun } from "../app/run-job.ts";
import { outputWidth, toJson } from "./output.ts";
import { resultTable } from "./result-table.ts";
import { count, duration } from "./terminal.ts";

/** What a run has done, with all digits. */
export function jobJson(job: string, { result, elapsedMs, ...run }: JobRun): string {
  return `${toJson({ job, ...run, ...result, seconds: elapsedMs / 1000 })}\n`;
}

/** The same for people: tables, then where every row went. */
export function jobReport(job: string, { result: r, date, published, outputPath, servingPlace, elapsedMs }: JobRun, root: string): string {
  const rejected = Object.entries(r.rejected).sort(([, a], [, b]) => b - a);
  const parts: [number, string][] = [
    [r.rowsOut, "kept"],
    [r.duplicates, "duplicates"],
    [rejected.reduce((sum, [, n]) => sum + n, 0), "rejected"],
    ...((r.later ?? 0) > 0 ? [[r.later ?? 0, `crawled after ${date}`] as [number, string]] : []),
  ];
  const where = (place: string): string => (isAbsolute(place) ? relative(root, place) || place : place);
  const output = `${where(outputPath ?? "")} (Parquet)`;
  const serving = `${where(servingPlace)} (serving store)`;
  const rows = [
    `${count(r.rowsIn)} rows = ${parts.map(([n, what]) => `${count(n)} ${what}`).join(" + ")}`,
    ...rejected.map(([reason, n]) => `  ${count(n).padStart(10)}  ${reason}`),
    r.unchanged === true
      ? `published: nothing was to be done, and what is published stays: ${output}, ${serving}`
      : published
        ? `written: ${output}, ${serving}`
        : `published: ${date} is earlier than what is published, so only its rows in the history were written: ${serving}`,
  ];
  return [
    ...r.tables.map((t) => `${resultTable(t, outputWidth())}\n`),
    ...(r.notes ?? []),
    `${job} for ${date}: done in ${duration(elapsedMs)}`,
    // A job that leaves no output of its own turns no rows into others: its tables and notes say what it did.
    ...(outputPath === undefined ? [] : rows),
    "",
  ].join("\n");
}
