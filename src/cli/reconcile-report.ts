import type { Reconciled } from "../app/reconcile.ts";
import type { StatisticResult } from "../app/reconcile-statistics.ts";
import type { Difference } from "../core/reconcile.ts";
import { printable } from "../core/printable.ts";
import { toJson } from "./output.ts";
import { clip } from "./terminal-text.ts";
import { count, duration, paint, table } from "./terminal.ts";

/** For people: what was compared, how much of it is equal, and the first differences with both values. */
export function reconcileReport(name: string, done: Reconciled, first: readonly Difference[], limit: number): string {
  const { counts, statistics, elapsedMs } = done;
  const documents = counts.changed + counts.missing + counts.extra;
  const lines = [
    `${name}: what is served as ${done.alias} against ${done.job} of ${done.date}, ${duration(elapsedMs)}`,
    "",
    table(
      ["side", "documents", "from"],
      [
        ["batch", done.batchDocuments, batchOrigin(done)],
        ["served", done.servedDocuments, streamState(done)],
      ],
    ),
    "",
    table(
      ["documents", "count"],
      [
        ["equal", counts.equal],
        ["changed", counts.changed],
        ["missing (not served)", counts.missing],
        ["extra (not the batch's)", counts.extra],
        ["awaiting the batch's next run", counts.awaiting],
      ],
    ),
    ...list(first, documents, limit),
  ];
  if (statistics.length > 0)
    lines.push(
      "",
      table(
        ["statistics", "rows", "of what is served", "differ"],
        statistics.map((s) => [s.name, s.batchRows, s.servedRows, s.differences.length]),
      ),
      ...statistics.flatMap((s) => statisticList(s, limit)),
    );
  lines.push("", verdict(done));
  return `${lines.join("\n")}\n`;
}

function verdict({ differences, stream: { lag }, crawling, deadLetters = 0 }: Reconciled): string {
  if (differences === 0) return paint.green("0 differences");
  return [
    paint.red(`${count(differences)} DIFFERENCES`),
    ...(crawling.length === 0 ? [] : [`${crawling.join(", ")} is crawling: what it finds stands in batch files only later`]),
    ...(lag === 0 ? [] : [`${count(lag)} messages are still to be read: run the stream, or wait longer (--wait)`]),
    ...(deadLetters === 0 ? [] : [`${count(deadLetters)} messages were set aside: arachne deadletters list`]),
  ].join("\n");
}

function batchOrigin({ built, job }: Reconciled): string {
  if (built === undefined) return `published by ${job}`;
  const rejected = Object.values(built.rejected).reduce((sum, n) => sum + n, 0);
  return `${count(built.rowsIn)} rows, ${count(built.duplicates)} seen again, ${count(rejected)} rejected`;
}

function streamState({ stream: { topic, lag, waitedMs } }: Reconciled): string {
  const waited = waitedMs < 1000 ? "" : ` after ${duration(waitedMs)}`;
  return lag === 0 ? `${topic}, all of it read${waited}` : `${topic}, ${count(lag)} messages to read${waited}`;
}

function list(first: readonly Difference[], total: number, limit: number): string[] {
  if (total === 0) return [];
  const more = total > first.length ? [`… the first ${count(limit)} of ${count(total)}: --output FILE or --json give all`] : [];
  return ["", ...first.flatMap(describe), ...more];
}

function statisticList({ name, differences }: StatisticResult, limit: number): string[] {
  if (differences.length === 0) return [];
  const shown = differences.slice(0, limit);
  const more = differences.length > shown.length ? [`… the first ${count(limit)} of ${count(differences.length)}: --json gives all`] : [];
  return ["", name, ...shown.flatMap(describe), ...more];
}

/** Fields of a document that only one side has: enough to know it by. */
const SHOWN_FIELDS = 4;

function describe({ kind, key, fields }: Difference): string[] {
  const all = Object.entries(fields);
  const own = all.filter(([, { batch, served }]) => (batch ?? served ?? null) !== null);
  const shown = kind === "changed" ? all : own.slice(0, SHOWN_FIELDS);
  return [
    `${kind}  ${printable(key)}`,
    ...shown.map(([name, { batch, served }]) => {
      if (kind === "missing") return `  ${name}: batch ${text(batch)}`;
      return kind === "extra" ? `  ${name}: served ${text(served)}` : `  ${name}: batch ${text(batch)}, served ${text(served)}`;
    }),
  ];
}

function text(value: unknown): string {
  return value === undefined ? "(no such field)" : clip(toJson(value), 60);
}
