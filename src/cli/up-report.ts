import { lastLines } from "../app/log-tail.ts";
import type { Managed, SupervisorRow } from "../app/manager-rows.ts";
import { logPath } from "../app/supervise-logs.ts";
import { printable } from "../core/printable.ts";
import type { Settings } from "../core/settings.ts";
import { duration, paint, table } from "./terminal.ts";

const WORDS: Partial<Record<Managed["state"], string>> = { given_up: "given up", waiting: "failed, tried again" };

const KINDS: Record<Managed["kind"], string> = { stream: "stream", scheduler: "batch", crawl: "crawler" };

export function processTable(rows: readonly Managed[], now: Date): string {
  return table(
    ["name", "what", "state", "for", "process", "restarts"],
    rows.map((row) => [
      row.name,
      KINDS[row.kind],
      WORDS[row.state] ?? row.state,
      duration(Math.max(0, now.getTime() - Date.parse(row.since))),
      row.pid === null ? "" : String(row.pid),
      row.restarts,
    ]),
  );
}

export function processJson(rows: readonly Managed[], supervisor: SupervisorRow | undefined): object {
  return {
    supervisor: supervisor === undefined ? null : { pid: supervisor.identity.pid, since: supervisor.since },
    processes: rows.map(({ name, kind, args, wanted, state, since, pid, restarts, lastEnd, nextTry }) => ({
      name,
      kind,
      args,
      wanted,
      state,
      since,
      pid,
      restarts,
      lastEnd,
      nextTry,
    })),
  };
}

/** Whether what was asked for does not run, and has not come to its end either. */
export function failed({ state, wanted }: Managed): boolean {
  return !wanted || state === "given_up" || state === "waiting" || state === "lost";
}

const SHOWN_LINES = 5;
const READ_LINES = 60;

/** As lines are for people, and as JSON. */
const MANAGERS = /^(\d\d:\d\d:\d\d (debug |warn |error )?|\{"at":"[^"]*","level":"\w+","message":")manager: /;
const ERROR = /^((\d\d:\d\d:\d\d )?error |\{"at":"[^"]*","level":"error")/;

/** From the last error on that it has told of itself: a stack trace may be longer than what is shown. */
function lastWords(path: string): string[] {
  const lines = lastLines(path, READ_LINES).filter((line) => !MANAGERS.test(line));
  const error = lines.findLastIndex((line) => ERROR.test(line));
  return error < 0 ? lines.slice(-SHOWN_LINES) : lines.slice(error, error + SHOWN_LINES);
}

/** What is wrong with whom, and the last lines that it said. */
export function troubles(rows: readonly Managed[], settings: Pick<Settings, "LOG_DIR">): string[] {
  return rows.flatMap((row) => {
    if (!row.wanted && row.state === "stopped") return [`${paint.yellow("warn")} ${row.name} was stopped meanwhile by \`arachne down\``];
    if (row.state === "lost")
      return [
        `${paint.yellow("warn")} ${row.name}: the manager was killed; \`arachne up -d\` starts it again, \`arachne down\` forgets it`,
      ];
    if (row.state !== "given_up" && row.state !== "waiting") return [];
    const then = row.state === "waiting" ? `tried again at ${row.nextTry?.slice(11, 19)} UTC` : "given up: mend it, then `arachne up -d`";
    return [
      `${paint.red("error")} ${row.name}: ${row.lastEnd}, ${then}`,
      ...lastWords(logPath(settings, row.name)).map((line) => `  ${printable(line)}`),
      `  (all of it: arachne logs ${row.name})`,
    ];
  });
}
