import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import type { MessageBatch, StoredMessage, Topic } from "../../src/core/topic.ts";

export interface TopicUnderTest {
  /** Opens the topic of that name; twice with one name is what two processes do. */
  open(name: string): Promise<Topic>;
}

const message = (n: number) => ({ key: `k${n}`, value: JSON.stringify({ n }), headers: { n: String(n) } });
const messages = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));

/** What every topic must do; Kafka and the embedded one run it alike. */
export function topicContract(create: () => TopicUnderTest): void {
  async function opened(name = `t-${randomUUID()}`): Promise<{ topic: Topic; name: string }> {
    const topic = await create().open(name);
    onTestFinished(() => topic.close());
    return { topic, name };
  }

  async function send(topic: Topic, from: number, to: number): Promise<void> {
    await using producer = await topic.producer();
    await producer.send(messages(from, to));
  }

  /** Reads until `count` messages have come, committing where `commit` says so. */
  async function read(
    topic: Topic,
    group: string,
    count: number,
    commit: (batch: MessageBatch) => boolean = () => true,
  ): Promise<StoredMessage[]> {
    const controller = new AbortController();
    const seen: StoredMessage[] = [];
    for await (const batch of topic.consume({ group, signal: controller.signal })) {
      seen.push(...batch.messages);
      if (commit(batch)) await batch.commit();
      if (seen.length >= count) break;
    }
    controller.abort();
    return seen;
  }

  const numberOf = (m: StoredMessage): number => (JSON.parse(m.value) as { n: number }).n;
  const numbers = (read: readonly StoredMessage[]): number[] => read.map(numberOf);
  /** Between partitions there is no order. */
  const sorted = (read: readonly StoredMessage[]): number[] => numbers(read).sort((a, b) => a - b);

  test("gives what was sent: key, value, headers and a time", async () => {
    const { topic } = await opened();
    await send(topic, 1, 3);
    const got = (await read(topic, "g", 3)).sort((a, b) => numberOf(a) - numberOf(b));
    expect(got.map(({ key, value, headers }) => ({ key, value, headers }))).toEqual(messages(1, 3));
    expect(Math.abs(got[0]!.timestamp - Date.now())).toBeLessThan(60_000);
  });

  test("messages of one key come in the order they were sent", async () => {
    const { topic } = await opened();
    await using producer = await topic.producer();
    const sent = [...Array(90).keys()].map((n) => ({ key: `k${n % 7}`, value: JSON.stringify({ n }) }));
    for (let at = 0; at < sent.length; at += 30) await producer.send(sent.slice(at, at + 30));
    const got = await read(topic, "g", 90);
    for (let key = 0; key < 7; key++)
      expect(numbers(got.filter((m) => m.key === `k${key}`))).toEqual([...Array(90).keys()].filter((n) => n % 7 === key));
  });

  test("a value with line breaks, quotes, emoji and decomposed Vietnamese comes back to the letter", async () => {
    const { topic } = await opened();
    const value = JSON.stringify({ text: 'Nhà "đẹp"\r\n\u0000 🏠 Thỏa thuận'.normalize("NFD") });
    await using producer = await topic.producer();
    await producer.send([{ key: "ключ", value }]);
    expect((await read(topic, "g", 1))[0]).toMatchObject({ key: "ключ", value });
  });

  test("a value that is no UTF-8 comes back byte for byte, and says so", async () => {
    const { topic } = await opened();
    const bytes = Uint8Array.from([0x7b, 0xff, 0xfe, 0x22, 0xc3, 0x7d]);
    await using producer = await topic.producer();
    await producer.send([
      { key: "bad", value: new TextDecoder().decode(bytes), bytes },
      { key: "good", value: "đ" },
    ]);
    const got = (await read(topic, "g", 2)).sort((a, b) => a.key.localeCompare(b.key));
    expect(got[0]).toMatchObject({ key: "bad", value: new TextDecoder().decode(bytes) });
    expect([...got[0]!.bytes!]).toEqual([...bytes]);
    expect(got[1]).toMatchObject({ key: "good", value: "đ" });
    expect(got[1]!.bytes).toBeUndefined();
  });

  test("a consumer that keeps its own offsets goes on from them, whatever the group's are", async () => {
    const { topic } = await opened();
    await send(topic, 1, 9);
    const first = await read(topic, "g", 9);
    const own = new Map<number, number>();
    for (const m of first.slice(0, 6)) own.set(m.partition ?? 0, m.offset + 1);
    // A partition of which none of the six was is to be read from its start.
    const start = (partition: number): number => own.get(partition) ?? Math.min(...first.map((m) => m.offset));
    const controller = new AbortController();
    const again: number[] = [];
    for await (const batch of topic.consume({ group: "g", resume: start, signal: controller.signal })) {
      again.push(...numbers(batch.messages));
      await batch.commit();
      if (again.length >= 3) break;
    }
    controller.abort();
    expect(again.sort((a, b) => a - b)).toEqual(numbers(first.slice(6)).sort((a, b) => a - b));
  });

  test("a consumer that keeps its own offsets sets the group's to them, so that lag is true", async () => {
    const { topic } = await opened();
    await send(topic, 1, 9);
    const all = await read(topic, "other", 9);
    const behind = (partition: number): number =>
      Math.max(...all.filter((m) => (m.partition ?? 0) === partition).map((m) => m.offset + 1), 0);
    const controller = new AbortController();
    const consuming = (async () => {
      for await (const batch of topic.consume({ group: "g", resume: behind, signal: controller.signal }))
        expect(batch.messages).toEqual([]);
    })();
    while ((await topic.lag("g")) > 0) await new Promise((next) => setTimeout(next, 50));
    controller.abort();
    await consuming;
  });

  test("a consumer that keeps its own offsets is told of another topic of that name, as long as nothing was committed there", async () => {
    const { topic } = await opened();
    await send(topic, 1, 60);
    const all = await read(topic, "other", 60);
    const of = (partition: number): StoredMessage[] => all.filter((m) => (m.partition ?? 0) === partition);
    const resume = (partition: number): number => of(partition).at(-1)!.offset;
    const begin = async (group: string, resumeTime: (partition: number) => number): Promise<number> => {
      for await (const batch of topic.consume({ group, resume, resumeTime, signal: new AbortController().signal })) {
        await batch.commit();
        return batch.messages.length;
      }
      return 0;
    };
    const long = all[0]!.timestamp - 60_000;
    for (let again = 0; again < 2; again++) await expect(begin("a", () => long)).rejects.toMatchObject({ code: "topic_made_anew" });
    const known = (partition: number): number => Math.max(...of(partition).map((m) => m.timestamp));
    expect(await begin("a", known)).toBe(1);
    expect(await begin("a", () => long)).toBe(1);
  });

  test("a batch holds no more bytes than asked for, but always a message", async () => {
    const { topic } = await opened();
    const value = "x".repeat(50_000);
    await using producer = await topic.producer();
    for (let i = 0; i < 6; i++) await producer.send([{ key: `k${i}`, value: i === 3 ? value.repeat(3) : value }]);
    const controller = new AbortController();
    let seen = 0;
    for await (const batch of topic.consume({ group: "g", maxBytes: 120_000, signal: controller.signal })) {
      const bytes = batch.messages.reduce((sum, m) => sum + m.value.length, 0);
      expect(batch.messages.length === 1 || bytes <= 120_000).toBe(true);
      seen += batch.messages.length;
      await batch.commit();
      if (seen >= 6) break;
    }
    controller.abort();
    expect(seen).toBe(6);
  });

  test("every group reads all of it; within a group what was committed does not come again", async () => {
    const { topic } = await opened();
    await send(topic, 1, 5);
    expect(sorted(await read(topic, "one", 5))).toEqual([1, 2, 3, 4, 5]);
    expect(sorted(await read(topic, "two", 5))).toEqual([1, 2, 3, 4, 5]);
    await send(topic, 6, 7);
    expect(sorted(await read(topic, "one", 2))).toEqual([6, 7]);
  });

  test("what was read but not committed comes again to the next consumer", async () => {
    const { topic, name } = await opened();
    await send(topic, 1, 4);
    await read(topic, "g", 4, () => false);
    const { topic: next } = await opened(name);
    expect(sorted(await read(next, "g", 4))).toEqual([1, 2, 3, 4]);
  });

  test("lag counts what the group has yet to commit", async () => {
    const { topic } = await opened();
    await send(topic, 1, 3);
    expect(await topic.lag("g")).toBe(3);
    await read(topic, "g", 3);
    expect(await topic.lag("g")).toBe(0);
    await send(topic, 4, 5);
    expect(await topic.lag("g")).toBe(2);
  });

  test("two producers at once lose and mix up nothing", async () => {
    const { topic, name } = await opened();
    const { topic: other } = await opened(name);
    await Promise.all([...Array(10).keys()].map((i) => send(i % 2 === 0 ? topic : other, i * 100 + 1, i * 100 + 100)));
    const got = await read(topic, "g", 1000);
    expect(sorted(got)).toEqual([...Array(1000).keys()].map((i) => i + 1));
    for (const partition of new Set(got.map((m) => m.partition)))
      for (let block = 0; block < 10; block++) {
        const own = numbers(got.filter((m) => m.partition === partition)).filter((n) => n > block * 100 && n <= block * 100 + 100);
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
  });

  test("of two consumers of one group, each message goes to one", async () => {
    const { topic, name } = await opened();
    const { topic: other } = await opened(name);
    await send(topic, 1, 200);
    const controller = new AbortController();
    const seen: number[] = [];
    const consumer = async (from: Topic): Promise<void> => {
      for await (const batch of from.consume({ group: "g", maxMessages: 20, signal: controller.signal })) {
        seen.push(...numbers(batch.messages));
        await batch.commit();
        if (seen.length >= 200) controller.abort();
      }
    };
    await Promise.all([consumer(topic), consumer(other)]);
    expect([...seen].sort((a, b) => a - b)).toEqual([...Array(200).keys()].map((i) => i + 1));
  });

  test("an idle consumer ends when its signal is aborted", async () => {
    const { topic } = await opened();
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    let batches = 0;
    for await (const _ of topic.consume({ group: "g", signal: controller.signal })) batches++;
    expect(batches).toBe(0);
  });

  async function all(topic: Topic, from?: string, to?: string): Promise<number[]> {
    const seen: StoredMessage[] = [];
    for await (const batch of topic.read({ from, to, signal: new AbortController().signal })) seen.push(...batch);
    return sorted(seen);
  }
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  test("is read without a group from its start to its end, again and again, and no group moves", async () => {
    const { topic } = await opened();
    expect(await all(topic)).toEqual([]);
    await send(topic, 1, 2500);
    expect(await all(topic)).toEqual(range(1, 2500));
    expect(await all(topic)).toEqual(range(1, 2500));
    expect(await topic.lag("g")).toBe(2500);
    let first: StoredMessage | undefined;
    for await (const [message] of topic.read({ signal: new AbortController().signal })) first ??= message;
    const { key, headers } = message(numberOf(first!));
    expect(first).toMatchObject({ key, headers });
  });

  test("is read from and to places that were kept, across openings", async () => {
    const { topic, name } = await opened();
    const start = await topic.end();
    await send(topic, 1, 3);
    const place = await topic.end();
    await send(topic, 4, 6);
    const { topic: again } = await opened(name);
    expect(await all(again, place)).toEqual([4, 5, 6]);
    expect(await all(again, undefined, place)).toEqual([1, 2, 3]);
    expect(await all(again, start, place)).toEqual([1, 2, 3]);
    expect(await all(again, await again.end())).toEqual([]);
  });

  test("a place is found by a time, and said in offsets", async () => {
    const { topic } = await opened();
    const before = await topic.at(Date.now());
    expect(before).toBe(await topic.end());
    const later = async (): Promise<void> => {
      for (const now = Date.now(); Date.now() === now;) await new Promise((next) => setTimeout(next, 2));
    };
    await send(topic, 1, 3);
    await later();
    const time = Date.now();
    await later();
    await send(topic, 4, 9);
    const place = await topic.at(time);
    expect(await all(topic, place)).toEqual(range(4, 9));
    expect(await all(topic, undefined, place)).toEqual([1, 2, 3]);
    expect(await topic.at(0)).toBe(await topic.start());
    expect(await topic.at(Date.now() + 60_000)).toBe(await topic.end());
    const first = new Map<number, number>();
    for await (const batch of topic.read({ from: place, signal: new AbortController().signal }))
      for (const { partition = 0, offset } of batch) first.set(partition, Math.min(offset, first.get(partition) ?? Infinity));
    for (const [partition, offset] of first) expect(topic.offsets(place).get(partition)).toBe(offset);
    expect(topic.position(topic.offsets(place))).toBe(place);
    expect(() => topic.offsets("elsewhere")).toThrow(/that is no place in an? (embedded|Kafka) topic/);
  });

  test("reading ends where the end was at the call, whatever is sent meanwhile", async () => {
    const { topic } = await opened();
    await send(topic, 1, 1500);
    const seen: StoredMessage[] = [];
    for await (const batch of topic.read({ signal: new AbortController().signal })) {
      if (seen.length === 0) await send(topic, 1501, 1600);
      seen.push(...batch);
    }
    expect(sorted(seen)).toEqual(range(1, 1500));
  });
}
