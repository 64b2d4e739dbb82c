const MINUTE = 60_000;
const DAY = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Building a format costs more than a hundred uses of it. @throws RangeError for a zone that is not known */
function formatFor(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  return format;
}

/** What clocks in the zone show at an instant, written as if it were UTC: a wall time. All in milliseconds. */
export function wallTime(at: number, zone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatFor(zone).formatToParts(at)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) + (((at % 1000) + 1000) % 1000);
}

const offset = (at: number, zone: string): number => wallTime(at, zone) - at;

/**
 * The instants at which clocks in the zone show a wall time: one; two where the clock goes back over it; and for a time that
 * the clock leaps over, the one valid instant after it, when the clock has leapt.
 */
export function instantsOf(wall: number, zone: string): number[] {
  const before = offset(wall - DAY, zone);
  const after = offset(wall + DAY, zone);
  if (before === after && offset(wall - before, zone) === before) return [wall - before];
  const instants = [...new Set([wall - before, wall - after])].filter((at) => wallTime(at, zone) === wall).sort((a, b) => a - b);
  return instants.length > 0 ? instants : [leap(wall, zone, before)];
}

/** The instant at which the clock leaps over a wall time; every leap is at a whole minute. */
function leap(wall: number, zone: string, before: number): number {
  let early = Math.floor((wall - DAY - before) / MINUTE); // the clock shows less than `wall` until the leap, more from then on
  let late = Math.ceil((wall + DAY - before) / MINUTE);
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (wallTime(middle * MINUTE, zone) < wall) early = middle;
    else late = middle;
  }
  return late * MINUTE;
}

/** How far two readings of the clock around an instant may be apart: 0 but for the days around a change. */
export function shiftAround(at: number, zone: string): number {
  return Math.abs(offset(at - DAY, zone) - offset(at + DAY, zone));
}

/** What clocks in the zone show, as 2026-11-21 02:00. */
export function localTime(at: Date, zone: string): string {
  return new Date(wallTime(at.getTime(), zone)).toISOString().slice(0, 16).replace("T", " ");
}
