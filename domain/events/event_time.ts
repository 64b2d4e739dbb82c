import { Flaw, shown } from "./flaw.ts";

/** ISO 8601, extended or basic; a space or a small t for the T, a comma for the point; without a zone it is UTC. */
const EXTENDED = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(Z|z|UTC|[+-]\d\d(?::?\d\d)?)?)?$/;
const BASIC = /^(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(?:(\d\d)(?:[.,](\d+))?)?(Z|z|[+-]\d\d(?::?\d\d)?)?$/;
const EPOCH = /^-?\d+(\.\d+)?$/;

/**
 * When an event happened, as ISO text in UTC with milliseconds. Numbers, and texts of digits, are times since 1970, in the unit that
 * their size tells: seconds below 10^11 (the year 5138), milliseconds below 10^14, microseconds below 10^17, else nanoseconds.
 */
export function eventTime(value: string | number): string | Flaw {
  const text = typeof value === "string" ? value.trim() : value;
  const ms = typeof text === "number" || EPOCH.test(text) ? fromEpoch(Number(text)) : fromIso(text);
  return Number.isNaN(ms) || Math.abs(ms) > FARTHEST
    ? new Flaw("timestamp: not_a_time", `timestamp must be ISO 8601 or a time since 1970, is ${shown(value)}`)
    : new Date(ms).toISOString();
}

/** The years that four digits name. */
const FARTHEST = Date.UTC(9999, 11, 31);

function fromEpoch(value: number): number {
  const size = Math.abs(value);
  const unit = size < 1e11 ? 1e3 : size < 1e14 ? 1 : size < 1e17 ? 1e-3 : 1e-6;
  return Math.floor(value * unit);
}

function fromIso(text: string): number {
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    EXTENDED.exec(text) ?? BASIC.exec(text) ?? [];
  if (year === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return NaN;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // 30 February would be 2 March.
  if (new Date(midnight).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return NaN;
  const clock = (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000; // a leap second is the next minute's first
  return midnight + clock + Number(fraction.padEnd(3, "0").slice(0, 3)) - offsetOf(zone);
}

/** Milliseconds east of Greenwich; NaN beyond a day. */
function offsetOf(zone: string): number {
  if (/^(z|utc)$/i.test(zone)) return 0;
  const [, sign, hours, minutes = "00"] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59) return NaN;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
