import type { StoredMessage, TopicMessage } from "../../src/core/topic.ts";
import { readEvent } from "../../domain/events/read_event.ts";
import { sampleEvents, seededRandom } from "../../domain/events/samples.ts";
import { Flaw } from "../../domain/events/flaw.ts";
import type { IncomingEvent } from "../../domain/events/stream_event.ts";

type Incoming = IncomingEvent & { event_id: string };

/** A stored event, but for when it was stored. */
export interface Row {
  event_id: string;
  event_type: string;
  seconds: number;
  payload: string;
  source: string;
  metadata: string;
}

export interface EventsInput {
  messages: TopicMessage[];
  /** Those that must be stored. */
  events: Incoming[];
  /** Those that must be set aside, and why. */
  poison: { reason: string; value: Buffer }[];
}

const LARGE = 1_100_000;
const BAD_UTF8 = Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]);

/** So many characters that gzip halves, and no more: what is large in the topic is as large on its way. */
export function hugeText(characters: number): string {
  const random = seededRandom(characters);
  const block = Array.from({ length: 8_192 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");
  return block.repeat(Math.ceil(characters / block.length)).slice(0, characters);
}

/** Of every kind by turns; each is set aside for what it is, by whoever meets it first: decoder, schema, domain, sink. */
const POISONS: readonly ((event: Incoming, huge: number) => { reason: string; value: string | Buffer })[] = [
  (event) => ({ reason: "not_json", value: JSON.stringify(event).slice(0, -1) }),
  () => ({ reason: "not_utf8", value: BAD_UTF8 }),
  (event) => ({ reason: "event_type: required", value: JSON.stringify({ ...event, event_type: undefined }) }),
  (event) => ({ reason: "event_id: type", value: JSON.stringify({ ...event, event_id: ["a"] }) }),
  (event) => ({ reason: "event_id: empty", value: JSON.stringify({ ...event, event_id: " \t" }) }),
  (event) => ({ reason: "timestamp: not_a_time", value: JSON.stringify({ ...event, timestamp: "2026-02-30T00:00:00Z" }) }),
  (event) => ({ reason: "timestamp: range", value: JSON.stringify({ ...event, timestamp: "1969-12-31T23:59:59Z" }) }),
  (event) => ({ reason: "timestamp: range", value: JSON.stringify({ ...event, timestamp: 4_300_000_000 }) }),
  (event) => ({ reason: "event_type: no_name", value: JSON.stringify({ ...event, event_type: "!!" }) }),
  (event) => ({
    reason: "payload: too_deep",
    value: JSON.stringify({ ...event, payload: JSON.parse(`${"[".repeat(99)}${"]".repeat(99)}`) as unknown }),
  }),
  (event, huge) => ({ reason: "too_large", value: JSON.stringify({ ...event, payload: { text: hugeText(huge) } }) }),
];

export interface EventsOptions {
  seed: number;
  count: number;
  /** Characters of the first five messages that are too large; the others have 1.1 million. */
  huge?: number;
  /** Shares. */
  poison: number;
  repeats: number;
}

/** Events in disorder; some are sent twice, the second time with the time written otherwise and another payload: the first one counts. */
export function eventsInput({ seed, count, huge = LARGE, poison: share, repeats }: EventsOptions): EventsInput {
  const random = seededRandom(seed + 1);
  const all: { at: number; message: TopicMessage }[] = [];
  const events: Incoming[] = [];
  const poison: EventsInput["poison"] = [];
  let n = 0;
  for (const event of sampleEvents({ count, seed, until: new Date("2026-11-21T09:00:00Z") })) {
    const at = n++ + Math.floor(random() * 500);
    if (random() < share) {
      const { reason, value } = POISONS[poison.length % POISONS.length]!(event, poison.length < 5 * POISONS.length ? huge : LARGE);
      const bytes = Buffer.from(value);
      const text = typeof value === "string" ? { value } : { value: new TextDecoder().decode(value), bytes };
      all.push({ at, message: { key: event.event_id, ...text } });
      poison.push({ reason, value: bytes });
      continue;
    }
    events.push(event);
    all.push({ at, message: { key: event.event_id, value: JSON.stringify(event) } });
    if (random() >= repeats) continue;
    const again = { ...event, event_id: ` ${event.event_id} `, payload: { again: true } };
    all.push({ at: at + 1 + Math.floor(random() * 30_000), message: { key: event.event_id, value: JSON.stringify(again) } });
  }
  all.sort((a, b) => a.at - b.at);
  return { messages: all.map((m) => m.message), events, poison };
}

export function rowOf(event: IncomingEvent): Row {
  const read = readEvent(event);
  if (read instanceof Flaw) throw new Error(read.detail);
  const { timestamp, ...rest } = read;
  return { ...rest, seconds: Math.floor(Date.parse(timestamp) / 1000) };
}

/** In the order of ids, as ClickHouse sorts texts: by bytes. */
rowOf.all = (events: readonly IncomingEvent[]): Row[] =>
  events.map(rowOf).sort((a, b) => Buffer.compare(Buffer.from(a.event_id), Buffer.from(b.event_id)));

/** Why a message was set aside, and the message. */
export function letterOf({ headers, value, bytes }: StoredMessage): string {
  return `${headers?.["reason"] ?? ""}: ${Buffer.from(bytes ?? value).toString("base64")}`;
}
