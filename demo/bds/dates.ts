import type { Draw } from "./random.ts";
import { between, weighted } from "./random.ts";

/** When it was posted: so long before it is read, or on a day. All null where the page does not say. */
export interface Posted {
  readonly minutes_ago: number | null;
  /** Whole days before today, in Vietnam. */
  readonly days_ago: number | null;
  /** ISO date */
  readonly date: string | null;
  readonly text: string | undefined;
}

const NONE = { minutes_ago: null, days_ago: null, date: null };
const DAY = 86_400_000;
/** Absolute dates fall in the hundred days from here: after the reform of July 2025, and in the past of whoever reads it. */
const FIRST = Date.UTC(2025, 6, 10);

const two = (n: number) => String(n).padStart(2, "0");

/** A day after the first of the absolute dates, as ISO and as people write it. */
function day(offset: number): { iso: string; text: string } {
  const at = new Date(FIRST + offset * DAY);
  const iso = at.toISOString().slice(0, 10);
  return { iso, text: `${two(at.getUTCDate())}/${two(at.getUTCMonth() + 1)}/${at.getUTCFullYear()}` };
}

const WAYS: readonly { weight: number; write: (draw: Draw) => Posted }[] = [
  { weight: 10, write: () => ({ ...NONE, days_ago: 0, text: "Hôm nay" }) },
  { weight: 8, write: () => ({ ...NONE, days_ago: 1, text: "Hôm qua" }) },
  {
    weight: 4,
    write: (draw) => {
      const minutes = between(draw, 2, 55);
      return { ...NONE, minutes_ago: minutes, text: `${minutes} phút trước` };
    },
  },
  {
    weight: 12,
    write: (draw) => {
      const hours = between(draw, 1, 23);
      return { ...NONE, minutes_ago: hours * 60, text: `${hours} giờ trước` };
    },
  },
  {
    weight: 22,
    write: (draw) => {
      const days = between(draw, 2, 6);
      return { ...NONE, days_ago: days, text: `${days} ngày trước` };
    },
  },
  {
    weight: 7,
    write: (draw) => {
      const weeks = between(draw, 1, 3);
      return { ...NONE, days_ago: weeks * 7, text: `${weeks} tuần trước` };
    },
  },
  {
    weight: 35,
    write: (draw) => {
      const { iso, text } = day(between(draw, 0, 99));
      return { ...NONE, date: iso, text };
    },
  },
  { weight: 2, write: () => ({ ...NONE, text: undefined }) },
];

export function drawPosted(draw: Draw): Posted {
  return weighted(draw, WAYS, (way) => way.weight).write(draw);
}
