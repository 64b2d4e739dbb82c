import { Cron, CronPattern } from "croner";
import { dayIn } from "./day.ts";
import { SettingsError } from "./errors.ts";
import { instantsOf, shiftAround, wallTime } from "./schedule-zone.ts";

/** When a job runs: a cron expression, read in a zone. */
export interface Schedule {
  readonly cron: string;
  readonly zone: string;
  /** The first run after an instant; undefined: there is none any more. */
  next(after: Date): Date | undefined;
  /** All runs after `after` up to and with `upTo`, oldest first. */
  between(after: Date, upTo: Date): Date[];
}

/**
 * Reads a cron expression: five fields, a sixth before them for seconds, `L W #`, or @hourly and its kin.
 *
 * Daylight saving: a time of day that the clock leaps over runs when the clock has leapt, a time that comes twice runs once, at
 * the first. A schedule of every hour (`0 * * * *`) goes by elapsed time instead: 25 runs in a day of 25 hours.
 * @throws SettingsError `bad_schedule` naming `job`, the value and `source` (where it was given)
 */
export function parseSchedule(cron: string, zone: string, { job, source }: { job: string; source: string }): Schedule {
  const bad = (why: string, cause?: unknown): SettingsError =>
    new SettingsError("bad_schedule", `schedule of job ${job}: ${JSON.stringify(cron)} (from ${source}) is not valid: ${why}`, { cause });
  let pattern: Cron;
  let everyHour: boolean;
  try {
    // The expression is about wall times, and UTC has no others: the zone's changes are our own affair (below).
    pattern = new Cron(cron, { timezone: "UTC", paused: true });
    everyHour = new CronPattern(pattern.getPattern() ?? "").hour.every((on) => on === 1);
  } catch (cause) {
    throw bad(`${reason(cause)}. An example: "0 2 * * *", daily at 02:00`, cause);
  }
  if (pattern.nextRun(new Date(0)) === null) throw bad("there is no such date");

  /** Runs from the wall time of `from` on, in the order of wall times: around a change not in that of instants. */
  function* runsFrom(from: number): Generator<{ wall: number; instants: number[] }> {
    for (const at of pattern.enumerate(new Date(from - 1000))) {
      const instants = instantsOf(at.getTime(), zone);
      yield { wall: at.getTime(), instants: everyHour ? instants : instants.slice(0, 1) };
    }
  }
  return {
    cron,
    zone,
    next(after) {
      const margin = shiftAround(after.getTime(), zone);
      let best: number | undefined;
      for (const { wall, instants } of runsFrom(wallTime(after.getTime(), zone) - margin)) {
        if (best !== undefined && wall > wallTime(best, zone) + margin) break;
        for (const at of instants) if (at > after.getTime() && at < (best ?? Infinity)) best = at;
      }
      return best === undefined ? undefined : new Date(best);
    },
    between(after, upTo) {
      const first = wallTime(after.getTime(), zone) - shiftAround(after.getTime(), zone);
      const last = wallTime(upTo.getTime(), zone) + shiftAround(upTo.getTime(), zone);
      const found = new Set<number>();
      for (const { wall, instants } of runsFrom(first)) {
        if (wall > last) break;
        for (const at of instants) if (at > after.getTime() && at <= upTo.getTime()) found.add(at);
      }
      return [...found].sort((a, b) => a - b).map((at) => new Date(at));
    },
  };
}

/** @throws SettingsError `bad_zone` */
export function checkZone(zone: string, source: string): void {
  try {
    dayIn(zone, new Date(0));
  } catch (cause) {
    throw new SettingsError(
      "bad_zone",
      `SCHEDULER_TIMEZONE=${JSON.stringify(zone)} (from ${source}) is not a time zone: name one of the IANA list, as Asia/Ho_Chi_Minh`,
      { cause },
    );
  }
}

function reason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.replace(/^CronPattern: /, "").replace(/\.$/, "");
}
