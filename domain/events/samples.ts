import type { IncomingEvent } from "./stream_event.ts";

/** A draw from [0, 1). */
export type Random = () => number;

/** mulberry32: the same draws for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

const PAGES = ["/", "/nha-dat-ban", "/nha-dat-cho-thue", "/tin-tuc", "/lien-he"] as const;
const NAMES = ["an", "binh", "chi", "dung", "hoa", "khanh"] as const;
const SOURCES = ["web", "app", " pos ", "kho-hàng"] as const;

type Kind = (random: Random) => Pick<IncomingEvent, "event_type" | "payload">;

/** Producers do not agree on how to write a type; these are all of them ours. */
const KINDS: readonly Kind[] = [
  (random) => ({
    event_type: "page_view",
    payload: { url: `https://example.com${pick(random, PAGES)}?utm=1`, seconds: Math.floor(random() * 90) },
  }),
  (random) => ({ event_type: "search", payload: { query: pick(random, ["Nhà phố  Quận 1", "căn hộ 2 phòng ngủ", "đất nền Long An"]) } }),
  (random) => ({
    event_type: "OrderPlaced",
    payload: { amount: Math.round(random() * 1e9) / 100, currency: pick(random, ["vnd", "USD"]), items: [{ sku: "a1" }, { sku: "b2" }] },
  }),
  (random) => ({ event_type: "user.signed-up", payload: JSON.stringify({ email: `${pick(random, NAMES)}@Example.org`, plan: "free" }) }),
  (random) => ({ event_type: "Sensor Reading", payload: { celsius: Math.round(random() * 400) / 10, room: pick(random, ["A", "B"]) } }),
];

/** Forms in which producers write one and the same moment; `ms` is a whole second. */
const CLOCKS: readonly ((ms: number) => string | number)[] = [
  (ms) => new Date(ms).toISOString(),
  (ms) => ms / 1000,
  (ms) => ms,
  (ms) => `${new Date(ms + 7 * 3_600_000).toISOString().slice(0, 19)}+07:00`,
  (ms) => new Date(ms).toISOString().slice(0, 19).replace("T", " "),
];

export interface SampleOptions {
  count: number;
  seed: number;
  /** Of the last one; the others are a second apart before it. */
  until: Date;
}

/** Events as producers write them: several types, ways to write a time, and payloads. Equal for equal options; ids differ from seed to seed. */
export function* sampleEvents({ count, seed, until }: SampleOptions): Generator<IncomingEvent & { event_id: string }> {
  const random = seededRandom(seed);
  const last = Math.floor(until.getTime() / 1000);
  for (let n = 0; n < count; n++) {
    const { event_type, payload } = KINDS[n % KINDS.length]!(random);
    yield {
      event_id: `evt-${seed}-${n + 1}`,
      event_type,
      timestamp: pick(random, CLOCKS)((last - (count - 1 - n)) * 1000),
      payload,
      source: pick(random, SOURCES),
      metadata: { host: `app-${Math.floor(random() * 3)}`, trace: Math.floor(random() * 1e9).toString(36) },
    };
  }
}
