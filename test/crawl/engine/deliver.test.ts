import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { NamedPipeline } from "../../../src/core/chain.ts";
import { RejectedError, TransientError } from "../../../src/core/errors.ts";
import type { Delivery, OutboxBatch, PipelineContext } from "../../../src/core/pipeline.ts";
import { startDeliveries } from "../../../src/crawl/engine/deliver.ts";
import { openFrontier } from "../../../src/crawl/journal/frontier.ts";
import { openJournal } from "../../../src/crawl/journal/journal.ts";
import { openOutbox } from "../../../src/crawl/journal/outbox.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A journal whose outbox holds `count` items, one page each, and deliverers over it. */
async function setUp(
  count: number,
  deliveries: Record<string, Delivery>,
  bodyOf = (n: number) => JSON.stringify({ n }),
  OUTBOX_MAX_ITEMS = 50_000,
) {
  const dir = mkdtempSync(join(tmpdir(), "arachne-deliver-"));
  const journal = openJournal({ path: join(dir, "j.db"), now: () => new Date() });
  const stop = new AbortController();
  onTestFinished(() => {
    stop.abort();
    journal.close();
    rmSync(dir, { recursive: true, force: true });
  });
  journal.begin("site", {});
  const requests = Array.from({ length: count }, (_, n) => ({
    url: `http://s/${n}`,
    callback: "parse",
    depth: 0,
    priority: 0,
    fingerprint: undefined,
    options: undefined,
  }));
  await journal.submit({ kind: "start", requests, hosts: ["s"] });
  const frontier = openFrontier(journal.db, () => true);
  const store = async (n: number): Promise<void> => {
    const request = frontier.next(0);
    if (typeof request === "number") throw new Error("no request left");
    await journal.submit({
      kind: "parsed",
      request,
      harvest: { emitted: 1, partial: 0, items: [{ key: `k${n}`, body: bodyOf(n) }], rejected: [], follows: [] },
    });
  };
  const outbox = openOutbox(journal.db, Object.keys(deliveries));
  const failures: unknown[] = [];
  const deliverer = startDeliveries({
    outbox,
    deliveries: Object.entries(deliveries).map(([name, pipeline], order): NamedPipeline<Delivery> => ({ name, order, pipeline })),
    context: { log: silent, signal: stop.signal, settings: { OUTBOX_MAX_ITEMS } } as unknown as PipelineContext,
    onFatal: (error) => failures.push(error),
    onProgress: () => {},
  });
  return { store, deliverer, failures, outbox, stop };
}

const ranges = (batches: readonly OutboxBatch[]): [number, number][] => batches.map((b) => [b.from, b.to]);
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("a delivery gets its batches full, and what is left when the crawl closes", async () => {
  const got: OutboxBatch[] = [];
  const { store, deliverer } = await setUp(25, { files: { limits: () => ({ items: 10 }), deliver: async (b) => void got.push(b) } });
  for (let n = 0; n < 25; n++) await store(n);
  deliverer.poke();
  await until(() => got.length === 2);
  expect(ranges(got)).toEqual([
    [1, 10],
    [11, 20],
  ]);
  await deliverer.drain();
  expect(ranges(got)).toEqual([
    [1, 10],
    [11, 20],
    [21, 25],
  ]);
});

test("a batch is also closed by its bytes", async () => {
  const got: OutboxBatch[] = [];
  const deliveries = { files: { limits: () => ({ items: 1000, bytes: 3000 }), deliver: async (b: OutboxBatch) => void got.push(b) } };
  const { store, deliverer } = await setUp(7, deliveries, (n) => JSON.stringify({ n, text: "x".repeat(980) }));
  for (let n = 0; n < 7; n++) await store(n);
  await deliverer.drain();
  expect(ranges(got).every(([from, to]) => to - from <= 2)).toBe(true);
  expect(got.reduce((sum, b) => sum + b.length, 0)).toBe(7);
});

test("a batch is also closed by its age", async () => {
  const got: OutboxBatch[] = [];
  const { store, deliverer } = await setUp(3, {
    files: { limits: () => ({ items: 1000, ageSeconds: 0.05 }), deliver: async (b) => void got.push(b) },
  });
  await store(0);
  await store(1);
  deliverer.poke();
  await until(() => got.length === 1);
  expect(ranges(got)).toEqual([[1, 2]]);
});

test("a delivery that hangs holds back no other", async () => {
  const quick: OutboxBatch[] = [];
  let release = (): void => {};
  const hang = new Promise<void>((resolve) => (release = resolve));
  const { store, deliverer } = await setUp(20, {
    slow: { limits: () => ({ items: 5 }), deliver: () => hang },
    quick: { limits: () => ({ items: 5 }), deliver: async (b) => void quick.push(b) },
  });
  for (let n = 0; n < 20; n++) await store(n);
  deliverer.poke();
  await until(() => quick.length === 4);
  expect(deliverer.backlog()).toBe(20);
  release();
  await deliverer.drain();
  expect(deliverer.backlog()).toBe(0);
});

test("a transient failure is tried again with the very same batch", async () => {
  const tries: [number, number][] = [];
  const { store, deliverer, failures } = await setUp(5, {
    flaky: {
      limits: () => ({ items: 5 }),
      deliver(b) {
        tries.push([b.from, b.to]);
        return tries.length < 2 ? Promise.reject(new TransientError("down", "the sink is down")) : Promise.resolve();
      },
    },
  });
  for (let n = 0; n < 5; n++) await store(n);
  await deliverer.drain();
  expect(tries).toEqual([
    [1, 5],
    [1, 5],
  ]);
  expect(failures).toEqual([]);
});

test("any other failure stops the crawl and keeps the batch", async () => {
  const error = new RejectedError("no", "the sink will never take this");
  const { store, deliverer, failures, outbox } = await setUp(5, {
    broken: { limits: () => ({ items: 5 }), deliver: () => Promise.reject(error) },
  });
  for (let n = 0; n < 5; n++) await store(n);
  await expect(deliverer.drain()).rejects.toBe(error);
  expect(failures).toEqual([error]);
  expect(outbox.take("broken", { items: 1, bytes: 1 })).toMatchObject({ from: 1, to: 5 });
});

test("a batch that is larger than what the outbox may hold does not wait for ever", async () => {
  const got: OutboxBatch[] = [];
  const files: Delivery = { limits: () => ({ items: 1000 }), deliver: async (b) => void got.push(b) };
  const { store, deliverer } = await setUp(10, { files }, undefined, 10);
  for (let n = 0; n < 10; n++) await store(n);
  deliverer.poke();
  await until(() => got.length === 1);
  expect(ranges(got)).toEqual([[1, 10]]);
});

test("a stop is settled when the batch under way is done, and takes no other", async () => {
  const got: OutboxBatch[] = [];
  let release = (): void => {};
  const hang = new Promise<void>((resolve) => (release = resolve));
  const files: Delivery = { limits: () => ({ items: 5 }), deliver: (b) => (got.push(b), hang) };
  const { store, deliverer, stop, outbox } = await setUp(10, { files });
  for (let n = 0; n < 10; n++) await store(n);
  deliverer.poke();
  await until(() => got.length === 1);
  stop.abort();
  setTimeout(release, 20);
  await deliverer.settled();
  expect(ranges(got)).toEqual([[1, 5]]);
  expect(outbox.waiting("files")).toBe(5);
});
