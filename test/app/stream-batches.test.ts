import { expect, test } from "vitest";
import { microBatches } from "../../src/app/stream-batches.ts";
import type { MessageBatch, StoredMessage } from "../../src/core/topic.ts";

const MUCH = { messages: 1_000, bytes: 1e6 };

function batch(partition: number, count: number): MessageBatch {
  const messages = Array.from({ length: count }, (_, offset) => ({ key: "k", value: "v", partition, offset, timestamp: 0 }));
  return { messages, commit: () => Promise.resolve() };
}

/** Gives these at once, then nothing until it is left. */
async function* given(...batches: MessageBatch[]): AsyncGenerator<MessageBatch> {
  yield* batches;
  await new Promise<never>(() => undefined);
}

async function take(count: number, source: AsyncIterable<MessageBatch>, bounds: Parameters<typeof microBatches>[1]): Promise<number[][]> {
  const iterator = microBatches(source, bounds);
  const taken: number[][] = [];
  while (taken.length < count) taken.push((await iterator.next()).value!.messages.map((message: StoredMessage) => message.partition!));
  return taken;
}

test("with no time to wait each goes as it comes", async () => {
  expect(await take(2, given(batch(0, 2), batch(1, 1)), { ...MUCH, ms: 0 })).toEqual([[0, 0], [1]]);
});

test("what comes within the time goes together", async () => {
  expect(await take(1, given(batch(0, 2), batch(1, 1), batch(2, 1)), { ...MUCH, ms: 50 })).toEqual([[0, 0, 1, 2]]);
});

test("what does not fit within the bounds begins the next one", async () => {
  const source = (): AsyncIterable<MessageBatch> => given(batch(0, 2), batch(1, 2), batch(2, 1));
  expect(await take(2, source(), { ...MUCH, messages: 3, ms: 50 })).toEqual([[0, 0], [1, 1, 2]]); // prettier-ignore
  expect(await take(2, source(), { ...MUCH, bytes: 3, ms: 50 })).toEqual([[0, 0], [1, 1, 2]]); // prettier-ignore
});

test("what alone is beyond the bounds goes alone", async () => {
  expect(await take(2, given(batch(0, 5), batch(1, 1)), { ...MUCH, messages: 3, ms: 50 })).toEqual([[0, 0, 0, 0, 0], [1]]);
});

test("the end of the source is the end, and what was gathered until then is given", async () => {
  // oxlint-disable-next-line require-await -- an async source
  const source = (async function* () {
    yield* [batch(0, 1), batch(1, 1)];
  })();
  const sizes: number[] = [];
  for await (const { messages } of microBatches(source, { ...MUCH, ms: 50 })) sizes.push(messages.length);
  expect(sizes).toEqual([2]);
});
