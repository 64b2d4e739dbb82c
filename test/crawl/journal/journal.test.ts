import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openFrontier } from "../../../src/crawl/journal/frontier.ts";
import { openJournal, type Journal } from "../../../src/crawl/journal/journal.ts";
import { openOutbox } from "../../../src/crawl/journal/outbox.ts";
import type { Harvest, NewRequest, QueuedRequest } from "../../../src/crawl/journal/records.ts";

const print = (url: string): Buffer => createHash("sha1").update(url).digest().subarray(0, 16);
const ask = (url: string, more: Partial<NewRequest> = {}): NewRequest => ({
  url,
  callback: "parse",
  depth: 0,
  priority: 0,
  fingerprint: print(url),
  options: undefined,
  ...more,
});
const harvest = (more: Partial<Harvest> = {}): Harvest => ({ emitted: 0, partial: 0, items: [], rejected: [], follows: [], ...more });
const items = (...keys: string[]): Partial<Harvest> => ({
  emitted: keys.length,
  items: keys.map((key) => ({ key, body: JSON.stringify({ key }) })),
});
const open = (path: string): Journal => {
  const journal = openJournal({ path, now: () => new Date() });
  onTestFinished(() => journal.close());
  return journal;
};

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "arachne-journal-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, "spider.db");
}

async function started(path: string, ...urls: string[]): Promise<{ journal: Journal; next: () => QueuedRequest | number }> {
  const journal = open(path);
  journal.begin("site", {});
  await journal.submit({ kind: "start", requests: urls.map((url) => ask(url)), hosts: ["site"] });
  const frontier = openFrontier(journal.db, () => true);
  journal.onCommit(() => frontier.added());
  return { journal, next: () => frontier.next(Date.now()) };
}

const leased = (next: () => QueuedRequest | number): QueuedRequest => {
  const request = next();
  if (typeof request === "number") throw new Error("the frontier is empty");
  return request;
};

test("a request that was leased but not done is there again after a restart, one that was done is not", async () => {
  const path = folder();
  const first = await started(path, "http://site/1", "http://site/2");
  const one = leased(first.next);
  leased(first.next);
  await first.journal.submit({ kind: "parsed", request: one, harvest: harvest() });

  const again = open(path);
  expect(again.unfinished()?.origin).toBe("site");
  const frontier = openFrontier(again.db, () => true);
  expect(frontier.next(0)).toMatchObject({ url: "http://site/2" });
  expect(frontier.next(0)).toBe(Infinity);
});

test("a crawl that is resumed tries its pages anew", async () => {
  const path = folder();
  const first = await started(path, "http://site/1");
  const request = leased(first.next);
  request.retries = 3;
  await first.journal.submit({ kind: "retry", request });
  const again = open(path);
  again.resume();
  expect(leased(() => openFrontier(again.db, () => true).next(0)).retries).toBe(0);
});

test("a link is queued once, however many pages have it", async () => {
  const { journal, next } = await started(folder(), "http://site/1", "http://site/2");
  const link = ask("http://site/3", { depth: 1 });
  const added = await Promise.all([
    journal.submit({ kind: "parsed", request: leased(next), harvest: harvest({ follows: [link, link] }) }),
    journal.submit({ kind: "parsed", request: leased(next), harvest: harvest({ follows: [link, ask("http://site/1")] }) }),
  ]);
  expect(added[0] + added[1]).toBe(1);
  expect(leased(next).url).toBe("http://site/3");
  expect(journal.pending()).toBe(1);
});

test("dontFilter queues a link again", async () => {
  const { journal, next } = await started(folder(), "http://site/1");
  await journal.submit({
    kind: "parsed",
    request: leased(next),
    harvest: harvest({ follows: [ask("http://site/1", { fingerprint: undefined })] }),
  });
  expect(leased(next).url).toBe("http://site/1");
});

test("a page that redirects to a page already known gives no items a second time", async () => {
  const { journal, next } = await started(folder(), "http://site/a", "http://site/b");
  const arrived = print("http://site/target");
  await journal.submit({ kind: "parsed", request: leased(next), harvest: harvest(items("target")), arrived });
  await journal.submit({ kind: "parsed", request: leased(next), harvest: harvest(items("target")), arrived });
  expect(journal.counters.get("stored")).toBe(1);
  expect(journal.counters.get("emitted")).toBe(1);
  expect(journal.counters.get("parsed")).toBe(2);
});

test("one outcome that cannot be applied rolls back its whole group and leaves the counters as they were", async () => {
  const { journal, next } = await started(folder(), "http://site/1");
  const request = leased(next);
  const stranger = { ...request, id: 999 };
  const results = await Promise.allSettled([
    journal.submit({ kind: "parsed", request, harvest: harvest(items("x")) }),
    journal.submit({ kind: "parsed", request: stranger, harvest: harvest(items("y")) }),
  ]);
  expect(results.map((r) => r.status)).toEqual(["rejected", "rejected"]);
  expect(journal.counters.get("stored")).toBe(0);
  expect(journal.pending()).toBe(1);
  expect(openOutbox(journal.db, ["d"]).take("d", { items: 10, bytes: 1e9 })).toBeUndefined();
});

test("requests come by priority, then in the order found, and a busy host holds back no other", async () => {
  const { journal } = await started(folder());
  await journal.submit({
    kind: "start",
    requests: [ask("http://slow/1"), ask("http://slow/2"), ask("http://fast/1"), ask("http://fast/2", { priority: 5 })],
  });
  const frontier = openFrontier(journal.db, (host) => (host === "slow" ? 1000 : true));
  expect(frontier.next(0)).toMatchObject({ url: "http://fast/2" });
  expect(frontier.next(0)).toMatchObject({ url: "http://fast/1" });
  expect(frontier.next(0)).toBe(1000);
  expect(frontier.isEmpty()).toBe(false);
});

test("ranked requests come before and after the plain ones by their rank, also those added later", async () => {
  const { journal } = await started(folder());
  const queue = (...ranks: number[]) =>
    journal.submit({ kind: "start", requests: ranks.map((priority, i) => ask(`http://s/${i}`, { priority, fingerprint: undefined })) });
  const frontier = openFrontier(journal.db, () => true);
  const take = (): (number | undefined)[] => {
    const ranks: (number | undefined)[] = [];
    for (let r = frontier.next(0); typeof r !== "number"; r = frontier.next(0)) ranks.push(r.priority);
    return ranks;
  };
  await queue(0, -1, 2, 0, -7, 1.5, 2);
  frontier.added();
  expect(take()).toEqual([2, 2, 1.5, 0, 0, -1, -7]);
  await queue(-1, 0, 9);
  frontier.added();
  expect(take()).toEqual([9, 0, -1]);
  await queue(-2);
  frontier.added();
  expect(take()).toEqual([-2]);
  expect(frontier.isEmpty()).toBe(true);
});

test("a deferred request comes back when its time has come, not before", async () => {
  const { journal, next } = await started(folder(), "http://site/1");
  const request = leased(next);
  const frontier = openFrontier(journal.db, () => true);
  leased(() => frontier.next(0));
  frontier.defer(request, 500);
  expect(frontier.next(100)).toBe(400);
  expect(frontier.next(500)).toMatchObject({ url: "http://site/1" });
});

test("a delivery gets the very same batch again until it is confirmed, even if more items have come or the limits have changed", async () => {
  const path = folder();
  const { journal, next } = await started(path, "http://site/1", "http://site/2");
  await journal.submit({ kind: "parsed", request: leased(next), harvest: harvest(items("a", "b")) });
  const before = openOutbox(journal.db, ["files", "topic"]);
  expect(before.take("files", { items: 10, bytes: 1e9 })).toMatchObject({ from: 1, to: 2, keys: ["a", "b"] });
  await journal.submit({ kind: "parsed", request: leased(next), harvest: harvest(items("c")) });

  const after = openOutbox(open(path).db, ["files", "topic"]);
  const batch = after.take("files", { items: 1, bytes: 1 })!;
  expect(batch).toMatchObject({ from: 1, to: 2, keys: ["a", "b"], items: [{ key: "a" }, { key: "b" }] });
  after.confirm("files", batch);
  expect(after.take("files", { items: 10, bytes: 1e9 })).toMatchObject({ from: 3, to: 3 });
  expect(after.waiting("topic")).toBe(3);
});

test("a batch is cut by items or by bytes, wherever in the outbox that is", async () => {
  const { journal, next } = await started(folder(), "http://site/1");
  const keys = Array.from({ length: 700 }, (_, n) => `${1000 + n}`); // bodies of 14 characters
  await journal.submit({ kind: "parsed", request: leased(next), harvest: harvest(items(...keys)) });
  const outbox = openOutbox(journal.db, ["a", "b", "c"]);
  expect(outbox.take("a", { items: 600, bytes: 1e9 })).toMatchObject({ from: 1, to: 600, length: 600 });
  expect(outbox.take("b", { items: 1e6, bytes: 14 * 300 })).toMatchObject({ from: 1, to: 300, length: 300 });
  expect(outbox.take("c", { items: 1e6, bytes: 1e9 })).toMatchObject({ from: 1, to: 700, length: 700 });
});

test("trimming removes what every delivery has taken and nothing else", async () => {
  const { journal, next } = await started(folder(), "http://site/1");
  await journal.submit({ kind: "parsed", request: leased(next), harvest: harvest(items("a", "b", "c")) });
  const outbox = openOutbox(journal.db, ["quick", "slow"]);
  outbox.confirm("quick", outbox.take("quick", { items: 3, bytes: 1e9 })!);
  outbox.confirm("slow", outbox.take("slow", { items: 1, bytes: 1e9 })!);
  outbox.trim();
  expect(outbox.take("slow", { items: 9, bytes: 1e9 })).toMatchObject({ from: 2, to: 3 });
  expect(journal.db.prepare<{ n: number }>("SELECT count(*) AS n FROM outbox").get()!.n).toBe(2);
});

test("items of two crawls never share a batch", async () => {
  const { journal, next } = await started(folder(), "http://site/1");
  await journal.submit({ kind: "parsed", request: leased(next), harvest: harvest(items("old")) });
  openOutbox(journal.db, ["files"]);
  journal.begin("site", {});
  await journal.submit({ kind: "start", requests: [ask("http://site/1")], hosts: ["site"] });
  const frontier = openFrontier(journal.db, () => true);
  await journal.submit({ kind: "parsed", request: leased(() => frontier.next(0)), harvest: harvest(items("new")) });
  const outbox = openOutbox(journal.db, ["files"]);
  const first = outbox.take("files", { items: 10, bytes: 1e9 })!;
  expect(first).toMatchObject({ keys: ["old"], crawl: { id: 1 } });
  outbox.confirm("files", first);
  expect(outbox.take("files", { items: 10, bytes: 1e9 })).toMatchObject({ keys: ["new"], crawl: { id: 2 } });
});
