import { SettingsError } from "./errors.ts";

/** A calendar day as jobs name it: YYYY-MM-DD. */
export type Day = string;

const QUARTER_MS = 15 * 60_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The day that it is in a zone. @throws SettingsError `time_zone` when the zone is not known here */
export function dayIn(zone: string, at: Date): Day {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    try {
      formatter = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
    } catch (cause) {
      throw new SettingsError("time_zone", `SCHEDULER_TIMEZONE: ${zone} is no time zone: write an IANA name, as Asia/Ho_Chi_Minh`, {
        cause,
      });
    }
    formatters.set(zone, formatter);
  }
  return formatter.format(at);
}

/** When the day is over in the zone: the first moment of the next one, for good where a clock goes back over midnight. */
export function endOfDay(zone: string, day: Day): Date {
  // No zone is more than 14 hours off, and every change of one lies on a quarter of an hour.
  let end = Date.parse(`${day}T00:00:00Z`) + 40 * 3_600_000;
  while (dayIn(zone, new Date(end - QUARTER_MS)) > day) end -= QUARTER_MS;
  return new Date(end);
}

/** @throws SettingsError `bad_date` for what is no day of the calendar */
export function parseDay(text: string): Day {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text)
    throw new SettingsError("bad_date", `date: ${JSON.stringify(text)} is no day: write YYYY-MM-DD`);
  return text;
}
