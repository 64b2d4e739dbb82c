import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { defineStream } from "arachne";
import { CriticalError } from "../../src/core/errors.ts";
import { around, down, message, Offer, offer, place, toServing, type Offer as OfferItem } from "./stream-place.ts";

const stream = defineStream({ topic: "t", item: Offer, into: { serving: toServing } });
const offers = (count: number): OfferItem[] => Array.from({ length: count }, (_, i) => offer(i));
const byId = (items: readonly OfferItem[]): Record<string, OfferItem> => Object.fromEntries(items.map((item) => [item.id, item]));

test("an error that is no passing one stops the stream; what was not committed comes again", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 10 });
  await p.send(offers(50).map((o) => message(o)));
  const broken = around(toServing, (_, write) => {
    if (write === 2) throw new CriticalError("disk_full", "the disk is full");
    return [];
  });
  await expect(p.run(defineStream({ topic: "t", item: Offer, into: { serving: broken } }))).rejects.toThrow("the disk is full");
  const run = await p.run(stream);
  expect(run.lanes[0]!.ledger.read).toBe(30);
  expect(p.served()).toEqual(byId(offers(50)));
});

test("an error that is no passing one stops the stream also where nothing more comes", async () => {
  const p = place();
  await p.send([message(offer(1))]);
  const broken = around(toServing, () => {
    throw new CriticalError("disk_full", "the disk is full");
  });
  const s = defineStream({ topic: "t", item: Offer, trigger: { seconds: 0.2 }, into: { broken, serving: toServing } });
  await expect(p.run(s, { untilEnd: false })).rejects.toThrow("the disk is full");
});

test("a stop in mid-stream ends at once, with nothing lost or committed too early", async () => {
  const p = place({ STREAM_BATCH_MESSAGES: 10 });
  await p.send(offers(100).map((o) => message(o)));
  const stop = new AbortController();
  const stuck = around(toServing, (_, write) => {
    if (write < 3) return [];
    stop.abort();
    return down();
  });
  const run = await p.run(defineStream({ topic: "t", item: Offer, into: { serving: stuck } }), { signal: stop.signal });
  expect(run.lanes[0]!.ledger.read).toBe(30);
  expect(run.remainder).toEqual([]);
  expect((await p.run(stream)).lanes[0]!.ledger.read).toBe(70);
});

test.each([0, 0.2])("a stop while a batch is written commits it, also where the next one is waited for: trigger %d s", async (seconds) => {
  const p = place({ STREAM_TRIGGER_SECONDS: seconds });
  await p.send(offers(5).map((o) => message(o)));
  const stop = new AbortController();
  const slow = around(toServing, async () => {
    stop.abort();
    await sleep(50);
    return [];
  });
  const run = await p.run(defineStream({ topic: "t", item: Offer, into: { serving: slow } }), { signal: stop.signal, untilEnd: false });
  expect(run.lanes[0]!.ledger.read).toBe(5);
  expect((await p.run(stream)).lanes[0]!.ledger.read).toBe(0);
  expect(p.served()).toEqual(byId(offers(5)));
});
