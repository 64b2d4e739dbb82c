import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { MessageBatch } from "../../src/core/topic.ts";
import { openEmbeddedTopic } from "../../src/topics/embedded.ts";
import { topicContract } from "../contracts/topic.ts";

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "arachne-topic-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const open = (dir: string, name: string, now = () => new Date(), retentionHours = 0) =>
  openEmbeddedTopic({ dir, name, retentionHours, now });

describe("the topic contract", () => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-topic-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  topicContract(() => ({ open: (name) => Promise.resolve(open(dir, name)) }));
});

test("a batch that is sent again with its mark stands once", async () => {
  const topic = open(folder(), "t");
  onTestFinished(() => topic.close());
  const batch = [{ key: "a", value: "1" }];
  for (const sequence of [1, 1, 2, 2, 1]) {
    await using producer = await topic.producer();
    await producer.send(batch, { producer: "p", sequence });
  }
  expect(await topic.lag("g")).toBe(2);
});

test("a consumer that is gone without a word is replaced when its lease has run out", async () => {
  const dir = folder();
  let clock = 1_000_000;
  const now = (): Date => new Date(clock);
  const dead = open(dir, "t", now);
  const alive = open(dir, "t", now);
  onTestFinished(() => Promise.all([dead.close(), alive.close()]).then(() => {}));
  await using producer = await dead.producer();
  await producer.send([{ key: "a", value: "1" }]);

  const signal = new AbortController();
  onTestFinished(() => signal.abort());
  const first = dead.consume({ group: "g", signal: signal.signal })[Symbol.asyncIterator]();
  const held = await first.next(); // holds the lease, and is never asked again

  const taken: string[] = [];
  const reading = (async () => {
    for await (const batch of alive.consume({ group: "g", signal: signal.signal })) {
      taken.push(...batch.messages.map((m) => m.value));
      await batch.commit();
      return;
    }
  })();
  await new Promise((r) => setTimeout(r, 300));
  expect(taken).toEqual([]);
  clock += 6_000;
  await reading;
  expect(taken).toEqual(["1"]);
  await expect((held.value as { commit(): Promise<void> }).commit()).rejects.toThrow(/lost its lease/);
});

test("a consumer whose process was killed is replaced at once, though its lease has not run out", async () => {
  const dir = folder();
  const topic = open(dir, "t", () => new Date(1_000_000)); // a clock that stands still: no lease ever runs out
  onTestFinished(() => topic.close());
  await using producer = await topic.producer();
  await producer.send([{ key: "a", value: "1" }]);
  const script = `
    const { openEmbeddedTopic } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/topics/embedded.ts"))});
    const topic = openEmbeddedTopic({ dir: process.argv[1], name: "t", retentionHours: 0, now: () => new Date(1_000_000) });
    for await (const _ of topic.consume({ group: "g", signal: new AbortController().signal })) process.kill(process.pid, "SIGKILL");`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script, dir], { stdio: "inherit" });
  const signal = await new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
  expect(signal).toBe("SIGKILL");
  for await (const batch of topic.consume({ group: "g", signal: new AbortController().signal })) {
    expect(batch.messages.map((m) => m.value)).toEqual(["1"]);
    break;
  }
});

test("a consumer that finds its lease lost takes no further batch while another has the group", async () => {
  const dir = folder();
  let clock = 1_000_000;
  const now = (): Date => new Date(clock);
  const [slow, quick] = [open(dir, "t", now), open(dir, "t", now)];
  const stop = new AbortController();
  await using producer = await slow.producer();
  for (let i = 0; i < 4; i++) await producer.send([{ key: "k", value: String(i) }]);
  const options = { group: "g", maxMessages: 1, signal: stop.signal };
  const [first, second] = [slow.consume(options)[Symbol.asyncIterator](), quick.consume(options)[Symbol.asyncIterator]()];
  onTestFinished(async () => {
    stop.abort();
    await Promise.all([next, second.return?.(undefined)]);
    await Promise.all([slow.close(), quick.close()]);
  });
  let next: Promise<unknown> = Promise.resolve();
  const late = (await first.next()).value as MessageBatch;
  await late.check?.();
  clock += 6_000;
  await second.next(); // took over
  await expect(late.check?.()).rejects.toThrow(/lost its lease/);
  await expect(late.commit()).rejects.toThrow(/lost its lease/);
  next = first.next().then(() => "a batch");
  expect(await Promise.race([next, new Promise((done) => setTimeout(() => done("none"), 300))])).toBe("none");
});

test("a batch whose commit came too late comes again, also where the other consumer has gone meanwhile", async () => {
  const dir = folder();
  let clock = 1_000_000;
  const now = (): Date => new Date(clock);
  const [slow, quick] = [open(dir, "t", now), open(dir, "t", now)];
  const stop = new AbortController();
  await using producer = await slow.producer();
  for (let i = 0; i < 4; i++) await producer.send([{ key: "k", value: String(i) }]);
  const options = { group: "g", maxMessages: 1, signal: stop.signal };
  const [first, second] = [slow.consume(options)[Symbol.asyncIterator](), quick.consume(options)[Symbol.asyncIterator]()];
  onTestFinished(async () => {
    stop.abort();
    await first.return?.(undefined);
    await Promise.all([slow.close(), quick.close()]);
  });
  const late = (await first.next()).value as MessageBatch;
  clock += 6_000;
  await second.next(); // took over,
  await second.return?.(undefined); // and left with nothing committed
  await expect(late.check?.()).rejects.toThrow(/lost its lease/);
  const again = (await first.next()).value as MessageBatch;
  expect(again.messages.map((m) => m.value)).toEqual(["0"]);
  await again.commit();
  expect(((await first.next()).value as MessageBatch).messages.map((m) => m.value)).toEqual(["1"]);
});

test("a consumer that slept while another had the group goes on behind what that one committed", async () => {
  const dir = folder();
  let clock = 1_000_000;
  const now = (): Date => new Date(clock);
  const [slow, quick] = [open(dir, "t", now), open(dir, "t", now)];
  const stop = new AbortController();
  await using producer = await slow.producer();
  for (let i = 0; i < 4; i++) await producer.send([{ key: "k", value: String(i) }]);
  const options = { group: "g", maxMessages: 1, signal: stop.signal };
  const [first, second] = [slow.consume(options)[Symbol.asyncIterator](), quick.consume(options)[Symbol.asyncIterator]()];
  onTestFinished(async () => {
    stop.abort();
    await first.return?.(undefined);
    await Promise.all([slow.close(), quick.close()]);
  });
  const take = async (from: typeof first): Promise<string> => {
    const batch = (await from.next()).value as MessageBatch;
    await batch.commit();
    return batch.messages[0]!.value;
  };
  expect(await take(first)).toBe("0");
  clock += 6_000;
  expect([await take(second), await take(second)]).toEqual(["1", "2"]);
  await second.return?.(undefined);
  expect(await take(first)).toBe("3");
});

test("a batch that was read before another had the group moves nothing back, though the group is ours again", async () => {
  const dir = folder();
  let clock = 1_000_000;
  const now = (): Date => new Date(clock);
  const [slow, quick] = [open(dir, "t", now), open(dir, "t", now)];
  const stop = new AbortController();
  await using producer = await slow.producer();
  for (let i = 0; i < 3; i++) await producer.send([{ key: "k", value: String(i) }]);
  const options = { group: "g", maxMessages: 1, signal: stop.signal };
  const [first, second] = [slow.consume(options)[Symbol.asyncIterator](), quick.consume(options)[Symbol.asyncIterator]()];
  onTestFinished(async () => {
    stop.abort();
    await first.return?.(undefined);
    await Promise.all([slow.close(), quick.close()]);
  });
  const gathered = (await first.next()).value as MessageBatch;
  clock += 6_000;
  for (let i = 0; i < 2; i++) await ((await second.next()).value as MessageBatch).commit();
  await second.return?.(undefined);
  const later = (await first.next()).value as MessageBatch;
  expect(later.messages.map((m) => m.value)).toEqual(["2"]);
  expect(gathered.lost?.()).toBe(true);
  await expect(gathered.check?.()).rejects.toMatchObject({ code: "lease_lost" });
  await expect(gathered.commit()).rejects.toMatchObject({ code: "lease_lost" });
  await later.commit();
  expect(await slow.lag("g")).toBe(0);
});

test("a group is told which messages retention has removed before it read them", async () => {
  const hour = 3_600_000;
  let clock = hour;
  const warnings: string[] = [];
  const log = { warn: (line: string) => void warnings.push(line) };
  const topic = openEmbeddedTopic({ dir: folder(), name: "t", retentionHours: 1, now: () => new Date(clock), log });
  onTestFinished(() => topic.close());
  await using producer = await topic.producer();
  const readOne = async (group: string): Promise<string | undefined> => {
    for await (const batch of topic.consume({ group, maxMessages: 1, signal: new AbortController().signal })) {
      await batch.commit();
      return batch.messages[0]?.value;
    }
  };
  for (const value of ["1", "2", "3"]) await producer.send([{ key: "k", value }]);
  expect(await readOne("slow")).toBe("1");
  clock = 3 * hour;
  await producer.send([{ key: "k", value: "4" }]);
  expect([await readOne("slow"), await readOne("new")]).toEqual(["4", "4"]);
  expect(warnings).toEqual([expect.stringMatching(/group slow had yet to read messages 2 to 3 of .*t\.db/)]);
});

test("messages older than the retention go, and offsets do not start again", async () => {
  let clock = 0;
  const topic = open(folder(), "t", () => new Date(clock), 1);
  onTestFinished(() => topic.close());
  await using producer = await topic.producer();
  await producer.send([{ key: "old", value: "1" }]);
  clock = 2 * 3_600_000;
  await producer.send([{ key: "new", value: "2" }]);
  await producer.send([{ key: "newer", value: "3" }]);
  const controller = new AbortController();
  for await (const batch of topic.consume({ group: "g", signal: controller.signal })) {
    expect(batch.messages.map((m) => [m.offset, m.key])).toEqual([
      [2, "new"],
      [3, "newer"],
    ]);
    break;
  }
});

test("expiring removes what is older than the retention, all of it, and a reader that missed it is told", async () => {
  let clock = 0;
  const topic = open(folder(), "t", () => new Date(clock), 1);
  onTestFinished(() => topic.close());
  await using producer = await topic.producer();
  await producer.send(Array.from({ length: 25_000 }, (_, i) => ({ key: String(i), value: "1" })));
  const place = await topic.end();
  clock = 3_600_000;
  await producer.send([{ key: "new", value: "2" }]);
  const keys = async (from?: string): Promise<string[]> => {
    const seen: string[] = [];
    for await (const batch of topic.read({ from, signal: new AbortController().signal })) seen.push(...batch.map((m) => m.key));
    return seen;
  };
  expect(await topic.expire()).toBe(0);
  clock += 1;
  expect(await topic.expire()).toBe(25_000);
  expect(await keys()).toEqual(["new"]);
  expect(await keys(place)).toEqual(["new"]);
  await expect(keys("24999")).rejects.toMatchObject({ code: "topic_expired", message: /lost messages 25000 to 25000/ });
  clock *= 3;
  expect(await topic.expire()).toBe(1);
  await expect(keys(place)).rejects.toMatchObject({ code: "topic_expired" });
  expect(await keys(await topic.end())).toEqual([]);
});

test("several processes append at once", async () => {
  const dir = folder();
  const script = `
    const { openEmbeddedTopic } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/topics/embedded.ts"))});
    const topic = openEmbeddedTopic({ dir: process.argv[1], name: "t", retentionHours: 0, now: () => new Date() });
    const producer = await topic.producer();
    for (let i = 0; i < 50; i++) await producer.send([{ key: "k", value: process.argv[2] + ":" + i }]);`;
  const run = (id: number): Promise<number | null> =>
    new Promise((resolve) =>
      spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script, dir, String(id)], { stdio: "inherit" }).on(
        "exit",
        resolve,
      ),
    );
  expect(await Promise.all([run(1), run(2), run(3)])).toEqual([0, 0, 0]);
  const topic = open(dir, "t");
  onTestFinished(() => topic.close());
  expect(await topic.lag("g")).toBe(150);
});
