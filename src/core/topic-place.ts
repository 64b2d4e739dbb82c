import type { TopicOffsets } from "./topic.ts";

/** A place in a topic as people name it: a time is in milliseconds since 1970. */
export type TopicPlace = "earliest" | "latest" | number | TopicOffsets;

export const PLACE_FORMS = "a day (2026-11-20, in UTC), a time with its zone (2026-11-20T08:00:00+07:00), or offsets (0:1200,1:1180)";

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;
const OFFSETS = /^\d{1,9}:\d{1,15}(,\d{1,9}:\d{1,15})*$/;

/** undefined: it is none. A time without a zone would be another one on each machine, so it is none. */
export function parsePlace(text: string): TopicPlace | undefined {
  if (text === "earliest" || text === "latest") return text;
  if (OFFSETS.test(text)) {
    const pairs = text.split(",").map((pair) => pair.split(":").map(Number) as [number, number]);
    const offsets = new Map(pairs);
    return offsets.size === pairs.length ? offsets : undefined;
  }
  if (!TIME.test(text)) return undefined;
  // 30 February would be 2 March.
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  const time = Date.parse(text);
  return Number.isNaN(time) || midnight.toISOString().slice(0, 10) !== day ? undefined : time;
}
