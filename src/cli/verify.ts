import type { Command } from "commander";
import { defaultJob } from "../app/default-job.ts";
import type { QualityReport } from "../app/quality.ts";
import { isStop } from "../app/record-run.ts";
import { verifyJob, type VerifyRun } from "../app/verify-job.ts";
import { describeFinding, isFailure, stability, type GroupProfile } from "../core/quality.ts";
import { createInterrupt } from "./interrupt.ts";
import { outputWidth, print, toJson } from "./output.ts";
import { rowsTable } from "./result-table.ts";
import { addSetOption, openSession } from "./session.ts";
import { count } from "./terminal.ts";

interface Options {
  date?: string;
  json?: boolean;
  set?: string[];
}

const EXAMPLES = `
Examples:
  arachne verify                                BATCH_JOB, or the only job
  arachne verify bds_batch --date 2026-11-20
  arachne verify --json | jq '.views[].failures'

Runs the job up to its quality gate and compares what it would publish with
what is published. Nothing is published or served. Exit code 1 when it fails.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("[job]", "name of a file in jobs/, without .ts")
    .option("--date <day>", "as of the end of that day, YYYY-MM-DD")
    .option("--json", "profiles and findings as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(name: string | undefined, options: Options): Promise<void> {
  const { project, settings, log, now } = await openSession(options);
  const job = name ?? defaultJob(project, settings);
  const interrupt = createInterrupt(log);
  try {
    const done = await verifyJob({ project, job, settings, log, now, signal: interrupt.signal, date: options.date });
    await print(options.json === true ? `${toJson(toObject(job, done))}\n` : report(job, done));
    if (!passed(done)) process.exitCode = 1;
  } catch (error) {
    if (!isStop(error, interrupt.signal)) throw error;
  } finally {
    const code = interrupt.exitCode();
    if (code !== undefined) process.exitCode = code;
    interrupt.dispose();
  }
}

const failuresOf = (r: QualityReport): string[] => r.findings.filter(isFailure).map(describeFinding);
const passed = (done: VerifyRun): boolean => done.reports.every((r) => failuresOf(r).length === 0);

function toObject(job: string, done: VerifyRun): object {
  const views = done.reports.map((r) => ({ ...r, failures: failuresOf(r) }));
  return { job, date: done.date, against: done.against ?? null, passed: passed(done), views };
}

function report(job: string, done: VerifyRun): string {
  const { against, reports } = done;
  const lines = [
    `${job} for ${done.date}, against ${against === undefined ? "nothing: no output is published yet" : `what ${against.job} published for ${against.date}`}`,
  ];
  if (reports.length === 0) lines.push(`${job} has no quality gate: it never calls c.verify`);
  for (const r of reports) {
    const by = r.now.by === null ? "" : ` by ${r.now.by}`;
    lines.push("", `${r.view}${by}${r.was === undefined ? " (not published yet: nothing to compare with)" : ""}`, "", table(r));
    for (const finding of r.findings) lines.push(`${isFailure(finding) ? "FAILED" : "note"}  ${describeFinding(finding)}`);
  }
  const failed = reports.reduce((sum, r) => sum + failuresOf(r).length, 0);
  lines.push("", failed === 0 ? "passed" : `${count(failed)} failed: it would not be published; --accept-change lets it pass`);
  return `${lines.join("\n")}\n`;
}

function table({ now, was }: QualityReport): string {
  const names = [...new Set([...Object.keys(was?.groups ?? {}), ...Object.keys(now.groups)])].sort();
  const rows = names.map((name) => {
    const [today, then] = [now.groups[name], was?.groups[name]];
    return [
      now.by === null ? "all" : name,
      count(today?.rows ?? 0),
      then === undefined ? "" : count(then.rows),
      ...(today === undefined || then === undefined ? ["", ""] : [leastFilled(today, then), mostDrifted(today, then)]),
    ];
  });
  return rowsTable(["group", "rows", "were", "coverage fell most", "drifted most"], rows, outputWidth());
}

function leastFilled(now: GroupProfile, was: GroupProfile): string {
  let worst = { field: "", now: 0, was: 0, drop: 0 };
  for (const [field, filled] of Object.entries(was.filled)) {
    const [then, today] = [filled / was.rows, (now.filled[field] ?? 0) / now.rows];
    if (then - today > worst.drop) worst = { field, now: today, was: then, drop: then - today };
  }
  return worst.field === "" ? "" : `${worst.field} ${worst.was.toFixed(2)} → ${worst.now.toFixed(2)}`;
}

function mostDrifted(now: GroupProfile, was: GroupProfile): string {
  let worst = { field: "", psi: 0 };
  for (const [field, bins] of Object.entries(was.bins)) {
    const { psi } = stability(bins, now.bins[field] ?? {});
    if (psi > worst.psi) worst = { field, psi };
  }
  return worst.psi < 0.005 ? "" : `${worst.field} ${worst.psi.toFixed(2)}`;
}
