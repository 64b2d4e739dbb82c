import { parseDay, type Day } from "../core/day.ts";
import { SettingsError } from "../core/errors.ts";
import type { RunHistory } from "./run-history.ts";
import type { RunState } from "./run-history-rows.ts";

/** Which days are run although the history has a run of theirs: those that failed and no others, or all. */
export type Reprocess = "failed" | "all";

export interface BackfillDay {
  readonly date: Day;
  /** What came of the day's runs: of several, a success counts. */
  readonly last: RunState | undefined;
  readonly run: boolean;
}

export interface BackfillRequest {
  history: RunHistory;
  job: string;
  from: string;
  to: string;
  today: Day;
  reprocess?: Reprocess | undefined;
}

/**
 * The days of a period, first to last, and which of them are to be run: those that have no success yet, unless `reprocess` says otherwise.
 * @throws SettingsError for a period that is none
 */
export function planBackfill({ history, job, from, to, today, reprocess }: BackfillRequest): BackfillDay[] {
  const [first, last] = [parseDay(from), parseDay(to)];
  if (first > last) throw new SettingsError("bad_period", `backfill: ${first} is after ${last}: --from is the first day, --to the last`);
  if (last > today) throw new SettingsError("bad_period", `backfill: ${last} has not come yet (today is ${today})`);
  const days: BackfillDay[] = [];
  for (let date = first; date <= last; date = dayAfter(date)) {
    const states = history.onDate(job, date).map((run) => run.state);
    const state = states.includes("succeeded") ? "succeeded" : states.at(-1);
    const ended = state !== undefined && state !== "queued" && state !== "running";
    const run = reprocess === "all" || (reprocess === "failed" ? ended && state !== "succeeded" : state !== "succeeded");
    days.push({ date, last: state, run });
  }
  return days;
}

function dayAfter(day: Day): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
