import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defineStream, defineTransform, type Stream } from "arachne";
import { countLetters, findLetter, readLetters, type LetterFilter } from "../../src/app/dead-letters-read.ts";
import { replayLetters, type ReplayCounts, type ReplayRequest } from "../../src/app/dead-letters-replay.ts";
import { openDeadLetters, type SetAside } from "../../src/app/dead-letters.ts";
import { TransientError } from "../../src/core/errors.ts";
import { Poison } from "../../src/core/stream-decode.ts";
import { around, message, Offer, offer, place, toServing, type Offer as OfferItem, type Place } from "./stream-place.ts";
import { bars, tickMessage, toBars } from "./stream-ticks.ts";

const now = (): Date => new Date();
const context = (p: Place) => ({ settings: p.settings, log: p.log, now, signal: new AbortController().signal });
const stream = defineStream({ topic: "t", item: Offer, into: { serving: toServing } });
const BAD = Buffer.from([0xff, 0x7b]);

const replay = (p: Place, s: Stream, filter: LetterFilter = {}, more: Partial<ReplayRequest> = {}): Promise<ReplayCounts> =>
  replayLetters({ ...context(p), project: p.project({ s }), filter, to: "refuser", ...more });

async function ids(p: Place, filter: LetterFilter = {}): Promise<[id: string, replayed: boolean][]> {
  const all: [string, boolean][] = [];
  for await (const { letter, replayed } of readLetters("t", filter, context(p))) all.push([letter.id.replace(/@\d+$/, ""), replayed]);
  return all;
}

/** Two sinks, of which one refuses n = 5 as long as it is told to. */
function picky(): { stream: Stream; mind: { strict: boolean; seen: string[] } } {
  const mind = { strict: true, seen: [] as string[] };
  const fussy = around(toServing, (entries) => {
    mind.seen.push(...entries.map(({ item }) => item.id));
    return entries.flatMap(({ item }, i) => (mind.strict && item.n === 5 ? [i] : []));
  });
  return { stream: defineStream({ topic: "t", item: Offer, into: { serving: toServing, fussy } }), mind };
}

test("letters are counted by where and why, and found by what is asked for", async () => {
  const p = place();
  const { stream } = picky();
  await p.send([
    ...[1, 5, 6].map((n) => message(offer(n))),
    { key: "a", value: "no" },
    { key: "b", value: "nor" },
    { key: "c", value: "", bytes: BAD },
  ]);
  await p.run(stream);
  // Each sink's consumer sends its own, whichever comes first.
  const all = (await ids(p)).map(([id]) => id);
  expect(all.sort()).toEqual(["t/0/2/s.fussy", "t/0/4/s", "t/0/5/s", "t/0/6/s"]);
  expect((await ids(p, { reason: "not_utf8" })).map(([id]) => id)).toEqual(["t/0/6/s"]);
  expect(await ids(p, { stream: "other" })).toEqual([]);
  const counts = await countLetters(p.project({ s: stream }), {}, context(p));
  expect(counts.map(({ reason, letters, stage, sink }) => [reason, letters, stage, sink])).toEqual(
    expect.arrayContaining([
      ["not_json", 2, "decode", undefined],
      ["not_utf8", 1, "decode", undefined],
      ["no_thanks", 1, "sink", "fussy"],
    ]),
  );
  const example = counts.find(({ reason }) => reason === "not_utf8")!.example;
  const found = await findLetter(example, context(p));
  expect(Buffer.from(found.message.bytes!)).toEqual(BAD);
  await expect(findLetter("t/0/999/s@1", context(p))).rejects.toThrow(/there is no letter/);
  await expect(findLetter("nonsense", context(p))).rejects.toThrow(/is no letter's id/);
});

test("asking for letters where there are none makes no topic", async () => {
  const p = place();
  await p.send([message(offer(1))]);
  expect(await ids(p)).toEqual([]);
  expect(existsSync(join(p.settings.TOPIC_DIR, "t.dead.db"))).toBe(false);
});

test("what a sink refused goes back to that sink alone, once", async () => {
  const p = place();
  const { stream, mind } = picky();
  await p.send([message(offer(5), { spider: "x" }), message(offer(6))]);
  await p.run(stream);
  mind.strict = false;
  mind.seen = [];
  expect(await replay(p, stream)).toEqual({ replayed: 1, already: 0, cut: 0 });
  expect(await replay(p, stream)).toEqual({ replayed: 0, already: 1, cut: 0 });
  const run = await p.run(stream);
  expect(mind.seen).toEqual(["o5"]);
  expect(run.lanes.map(({ ledger }) => [ledger.read, ledger.written + ledger.kept, ledger.dropped])).toEqual([
    [1, 0, { "replayed to another": 1 }],
    [1, 1, {}],
  ]);
  expect((await p.read("t")).at(-1)).toMatchObject({ key: "o5", headers: { spider: "x", replays: "1", replay_to: "s/fussy" } });
});

test("what goes back to one sink alone, and is poison by now, is set aside again", async () => {
  const p = place();
  const { stream } = picky();
  await p.send([message(offer(5)), message(offer(6))]);
  await p.run(stream);
  await replay(p, stream);
  const changed = defineTransform<OfferItem>({
    process(items) {
      if (items.some(({ n }) => n === 5)) throw new Error("five is no more");
      return items;
    },
  });
  const run = await p.run({ ...stream, stages: { changed } });
  expect(run.lanes.map(({ ledger }) => ledger.dead)).toEqual([{}, { changed_error: 1 }]);
  expect(await ids(p)).toEqual([
    ["t/0/1/s.fussy", true],
    ["t/0/3/s.fussy", false],
  ]);
});

test("letters far apart that were sent before are not sent again", async () => {
  const p = place();
  const poison = new Poison("decode", "not_json", "");
  const far: SetAside[] = [1, 90_001].map((offset) => ({ message: { key: "k", value: "no", offset, timestamp: 1 }, poison }));
  for (let run = 0; run < 2; run++) {
    await using letters = openDeadLetters("t", "s", context(p));
    await letters.send(far, "s.serving");
  }
  expect(await p.read("t.dead")).toHaveLength(2);
});

test("letters are not sent once their batch has gone to another, who sends them", async () => {
  const p = place();
  const letter: SetAside = {
    message: { key: "k", value: "no", offset: 1, timestamp: 1 },
    poison: new Poison("decode", "not_json", ""),
  };
  await using mine = openDeadLetters("t", "s", context(p));
  await using others = openDeadLetters("t", "s", context(p));
  const gone = mine.send([letter], "s.serving", async () => {
    await others.send([letter], "s.serving");
    throw new TransientError("lease_lost", "it has gone to another");
  });
  await expect(gone).rejects.toThrow("it has gone to another");
  expect(await p.read("t.dead")).toHaveLength(1);
});

test("put back for everyone, every sink gets it again", async () => {
  const p = place();
  const { stream, mind } = picky();
  await p.send([message(offer(5))]);
  await p.run(stream);
  mind.strict = false;
  await replay(p, stream, {}, { to: "everyone" });
  expect((await p.run(stream)).lanes.map(({ ledger }) => ledger.written + ledger.kept)).toEqual([1, 1]);
});

test("poison that is put back unmended is set aside again, as a letter of its own", async () => {
  const p = place();
  await p.send([{ key: "c", value: new TextDecoder().decode(BAD), bytes: BAD }]);
  await p.run(stream);
  await replay(p, stream);
  await p.run(stream);
  expect(await ids(p)).toEqual([
    ["t/0/1/s", true],
    ["t/0/2/s", false],
  ]);
  const back = (await p.read("t")).at(-1)!;
  expect(Buffer.from(back.bytes!)).toEqual(BAD);
});

test("only what was asked for is put back; the rest stays to be put back later", async () => {
  const p = place();
  await p.send([
    { key: "a", value: "no" },
    { key: "b", value: "[]" },
    { key: "c", value: '{"id":1}' },
  ]);
  await p.run(stream);
  expect(await replay(p, stream, { reason: "not_an_object" })).toMatchObject({ replayed: 1 });
  const [first] = await ids(p);
  const { example } = (await countLetters(p.project({ s: stream }), { reason: "not_json" }, context(p)))[0]!;
  expect(first).toEqual(["t/0/1/s", false]);
  expect(await replay(p, stream, { topic: "t" }, { id: example })).toMatchObject({ replayed: 1 });
  expect(await replay(p, stream, {})).toMatchObject({ replayed: 1, already: 2 });
});

test("of another stream on the same topic nothing is moved", async () => {
  const p = place();
  const other = defineStream({ topic: "t", item: Offer, group: "elsewhere", into: { serving: toServing } });
  await p.send([{ key: "a", value: "no" }]);
  await p.run(stream);
  expect(await replay(p, other, { stream: "someone" }, { project: p.project({ someone: other }) })).toMatchObject({ replayed: 0 });
  expect(await ids(p)).toEqual([["t/0/1/s", false]]);
});

test("a window's row that a sink refused goes back to the sinks, not into the topic of events", async () => {
  const p = place();
  const tick = { id: "1", symbol: "BTC", at: "2026-11-21T00:00:01.000Z", price: "2.00", size: 1 };
  await p.send([tick, { ...tick, id: "2", at: "2026-11-21T01:00:00.000Z" }].map(tickMessage));
  let strict = true;
  const fussy = {
    async open(c: Parameters<typeof toBars.open>[0]) {
      const inner = await toBars.open(c);
      return {
        write: (entries: Parameters<typeof inner.write>[0]) =>
          strict
            ? Promise.resolve({ written: 0, kept: 0, refused: entries.map((_, entry) => ({ entry, reason: "no_thanks" })) })
            : inner.write(entries),
        [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
      };
    },
  };
  const s = bars({}, { into: { bars: fussy } });
  await p.run(s);
  expect(await p.read("t.dead")).toHaveLength(1);
  strict = false;
  expect(await replay(p, s)).toMatchObject({ replayed: 1 });
  expect(await replay(p, s)).toMatchObject({ replayed: 0, already: 1 });
  expect(await p.read("t")).toHaveLength(2);
  await p.run(s);
  expect(Object.values(p.served("bars"))).toMatchObject([{ symbol: "BTC", open: "2.00", trades: 1 }]);
});

test("letters that stand twice after a crash count once", async () => {
  const p = place();
  await p.send([{ key: "a", value: "no" }]);
  await p.run(stream);
  const [letter] = await p.read("t.dead");
  await p.send([{ key: letter!.key, value: letter!.value, headers: letter!.headers! }], "t.dead");
  expect(await ids(p)).toHaveLength(1);
  expect(await replay(p, stream)).toMatchObject({ replayed: 1 });
});
