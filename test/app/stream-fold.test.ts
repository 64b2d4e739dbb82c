import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openCheckpoint } from "../../src/app/stream-checkpoint.ts";
import { openFolder, type Folder, type Reached } from "../../src/app/stream-fold.ts";
import { madeRows, type MadeRow } from "../../src/app/stream-made.ts";
import type { StreamEntry } from "../../src/core/stream.ts";
import { seeded } from "../faults/kills.ts";
import { barsOf, bars, randomTicks, START, Tick, type Tick as TickItem } from "./stream-ticks.ts";

interface Bench {
  folder: Folder;
  made: () => readonly MadeRow[];
  /** Opens the same checkpoint again, as the next run does. */
  again: () => Folder;
}

function bench(idleMs = 60_000): Bench {
  const dir = mkdtempSync(join(tmpdir(), "arachne-fold-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const window = bars().window!;
  const db = openCheckpoint({ path: join(dir, "c.db"), stream: "s", topic: "t", meaning: window.meaning });
  onTestFinished(() => db.close());
  const made = madeRows(db, ["bars"]);
  const again = (): Folder =>
    openFolder({ db, window, item: Tick, rules: { latenessMs: 30_000, aheadMs: 0 }, made, idleMs, now: () => new Date(START) });
  return { folder: again(), again, made: () => made.after("bars", 100_000) };
}

const entry = (item: TickItem, partition: number, offset: number): StreamEntry => ({ item, headers: {}, partition, offset, time: 0 });
const tick = (seconds: number, symbol = "BTC"): TickItem => ({
  id: `${symbol}${seconds}`,
  symbol,
  at: new Date(START + seconds * 1000).toISOString(),
  price: "1.00",
  size: 1,
});

function give(folder: Folder, entries: readonly StreamEntry[]): (string | undefined)[] {
  const read = new Map<number, Reached>();
  for (const { partition, offset } of entries) read.set(partition, { next: offset + 1, time: 0 });
  const { results, save } = folder.fold(entries, read);
  save();
  return results.map((r) => (typeof r === "object" ? r.reason : r));
}

const starts = (rows: readonly MadeRow[]): string[] => rows.map((r) => `${JSON.parse(r.key)} ${(r.start - START) / 1000}`);

test("the partition that is furthest behind holds windows open", () => {
  const { folder, made } = bench();
  give(folder, [entry(tick(0), 0, 0), entry(tick(0, "ETH"), 1, 0)]);
  give(folder, [entry(tick(1000), 0, 1)]);
  expect(made()).toEqual([]);
  expect(give(folder, [entry(tick(10, "ETH"), 1, 1)])).toEqual([undefined]);
  give(folder, [entry(tick(100, "ETH"), 1, 2)]);
  expect(starts(made())).toEqual(["BTC 0", "ETH 0"]);
});

test("a partition that has yet to give anything holds windows open, until all was read and it was empty", () => {
  const { folder, made } = bench();
  folder.begin(0);
  folder.begin(1);
  give(folder, [entry(tick(0), 0, 0), entry(tick(1000), 0, 1)]);
  expect(made()).toEqual([]);
  expect(give(folder, [entry(tick(5, "ETH"), 1, 0)])).toEqual([undefined]);
  folder.begin(2);
  give(folder, [entry(tick(1000, "ETH"), 1, 1)]);
  expect(made()).toEqual([]);
  folder.settle();
  expect(starts(made())).toEqual(["BTC 0", "ETH 0"]);
});

test("a partition that gives nothing for a while holds nothing open; what it gives later for a closed window is late", async () => {
  const { folder, made } = bench(20);
  give(folder, [entry(tick(0), 0, 0), entry(tick(0, "ETH"), 1, 0)]);
  let offset = 1;
  // A pause counts for a tenth of what makes a partition idle, however long it was: then nothing was read at all.
  await new Promise((next) => setTimeout(next, 40));
  give(folder, [entry(tick(1000), 0, offset++)]);
  expect(made()).toEqual([]);
  for (; made().length === 0; offset++) {
    await new Promise((next) => setTimeout(next, 4));
    give(folder, [entry(tick(1000), 0, offset)]);
  }
  expect(offset).toBeGreaterThan(10);
  expect(starts(made())).toEqual(["BTC 0", "ETH 0"]);
  expect(give(folder, [entry(tick(59, "ETH"), 1, 1), entry(tick(960, "ETH"), 1, 2)])).toEqual(["late", undefined]);
});

test("what is late is the same after a restart", () => {
  const { folder, again } = bench();
  // The second partition holds all windows open: late is what the first one's own events say.
  give(folder, [entry(tick(100), 0, 0), entry(tick(0, "ETH"), 1, 0)]);
  expect(give(again(), [entry(tick(5), 0, 1), entry(tick(65), 0, 2)])).toEqual(["late", undefined]);
});

test("a batch that was not saved has left nothing behind", () => {
  const { folder, again, made } = bench();
  folder.fold([entry(tick(0), 0, 0), entry(tick(500), 0, 1)], new Map([[0, { next: 2, time: 0 }]]));
  expect(again().next(0)).toBeUndefined();
  give(again(), [entry(tick(1), 0, 0), entry(tick(500), 0, 1)]);
  expect(JSON.parse(made()[0]!.json)).toMatchObject({ trades: 1 });
});

test("rows carry rising times, also while the clock stands still", () => {
  const { folder, made } = bench();
  for (let minute = 0; minute < 5; minute++) give(folder, [entry(tick(minute * 600), 0, minute)]);
  const times = made().map((r) => r.at);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBe(4);
});

test("rows wait for the slowest sink, only the newest of a window, and then go", () => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-made-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const db = openCheckpoint({ path: join(dir, "c.db"), stream: "s", topic: "t", meaning: "" });
  onTestFinished(() => db.close());
  const left = (): number => db.prepare<{ n: number }>("SELECT count(*) AS n FROM made").get()!.n;
  const made = madeRows(db, ["quick", "slow"]);
  db.transaction(() => ["a", "b"].forEach((key) => made.add(0, key, 1, `"${key}1"`)));
  made.confirm("quick", made.after("quick", 10).at(-1)!.seq);
  expect(left()).toBe(2);
  db.transaction(() => made.add(0, "a", 2, '"a2"'));
  expect(made.after("quick", 10).map((r) => r.json)).toEqual(['"a2"']);
  expect(made.after("slow", 10).map((r) => r.json)).toEqual(['"b1"', '"a2"']);
  made.confirm("slow", made.after("slow", 1)[0]!.seq);
  expect(left()).toBe(1);
  made.confirm("quick", made.after("quick", 10)[0]!.seq);
  // Without the slow one nothing needs to be kept.
  madeRows(db, ["quick"]).confirm("quick", 1_000);
  expect(left()).toBe(0);
});

test("over several partitions, each with its own late events, the sums are those of a plain loop", () => {
  const random = seeded(9);
  const lanes = [0, 1, 2].map((p) => randomTicks(30 + p, 400).map((t) => ({ ...t, symbol: `${t.symbol}${p}` })));
  const { folder, made } = bench();
  const at = [0, 0, 0];
  while (at.some((n, p) => n < lanes[p]!.length)) {
    const p = Math.floor(random() * 3);
    const some = lanes[p]!.slice(at[p], at[p]! + 1 + Math.floor(random() * 30));
    give(
      folder,
      some.map((t, i) => entry(t, p, at[p]! + i)),
    );
    at[p]! += some.length;
  }
  give(
    folder,
    [0, 1, 2].map((p) => entry(tick(100_000, `BTC${p}`), p, 1_000)),
  );
  const rows = Object.fromEntries(made().map((r) => [`${JSON.parse(r.key)}\u001f${new Date(r.start).toISOString()}`, JSON.parse(r.json)]));
  const expected = lanes.map((ticks) => barsOf(ticks)).map(({ open, closed }) => ({ ...open, ...closed }));
  expect(rows).toEqual(Object.assign({}, ...expected));
});
