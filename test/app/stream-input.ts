import type { TopicMessage } from "../../src/core/topic.ts";
import { seeded } from "../faults/kills.ts";
import { message, offer, type Offer } from "./stream-place.ts";

export interface Input {
  messages: TopicMessage[];
  /** What must be served: by id, the newest of its versions. */
  expected: Record<string, Offer>;
  /** Reason and value (as bytes) of what must be set aside, in the topic's order. */
  poison: { reason: string; value: Buffer }[];
}

const BAD_UTF8 = Buffer.from([0x7b, 0x22, 0x69, 0x64, 0x22, 0x3a, 0xff, 0xfe, 0x7d]);

/** Poison of every kind by turns; each reason is what the stream must say of it. */
const POISONS: readonly ((n: number, huge: number) => { reason: string; value: string | Buffer })[] = [
  (n) => ({ reason: "not_json", value: `{"id":"o${n}",` }),
  (n) => ({ reason: "n: type", value: JSON.stringify({ ...offer(n), n: "seven" }) }),
  (n) => ({ reason: "at: required", value: JSON.stringify({ ...offer(n), at: undefined }) }),
  () => ({ reason: "not_utf8", value: BAD_UTF8 }),
  (n, huge) => ({ reason: "too_large", value: JSON.stringify({ ...offer(n), note: "x".repeat(huge) }) }),
  (n) => ({ reason: "not_an_object", value: `[${n}]` }),
  () => ({ reason: "not_json", value: "" }),
];

export interface InputOptions {
  seed: number;
  count: number;
  /** Share of messages. */
  poison?: number;
  /** Characters of the too large ones. */
  huge?: number;
  /** Messages have a place of their own, then move by up to so many. */
  reorder?: number;
}

/** Versions of a third as many offers, in disorder, every tenth of them twice, with poison among them: the same for the same seed. */
export function randomInput({ seed, count, poison: share = 0.01, huge = 20_000, reorder = 50 }: InputOptions): Input {
  const random = seeded(seed);
  const expected: Input["expected"] = {};
  const all: { at: number; message: TopicMessage; poison?: Input["poison"][number] }[] = [];
  let poisons = 0;
  for (let n = 0; n < count; n++) {
    const at = n + Math.floor(random() * reorder);
    if (random() < share) {
      const { reason, value } = POISONS[poisons++ % POISONS.length]!(n, huge);
      const bytes = Buffer.from(value);
      const sent = typeof value === "string" ? { key: `p${n}`, value } : { key: `p${n}`, value: new TextDecoder().decode(value), bytes };
      all.push({ at, message: sent, poison: { reason, value: bytes } });
      continue;
    }
    const item = offer(n, { id: `o${Math.floor((random() * count) / 3)}`, note: random() < 0.5 ? null : `Nhà đẹp số ${n}` });
    if ((expected[item.id]?.at ?? "") < item.at) expected[item.id] = item;
    all.push({ at, message: message(item) });
    if (random() < 0.1) all.push({ at: at + Math.floor(random() * reorder), message: message(item) });
  }
  all.sort((a, b) => a.at - b.at);
  return { messages: all.map((m) => m.message), expected, poison: all.flatMap((m) => m.poison ?? []) };
}
