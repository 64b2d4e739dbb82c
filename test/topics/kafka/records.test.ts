import { expect, test } from "vitest";
import { chunks, encode } from "../../../src/topics/kafka/records.ts";

test("requests hold some thousand records at most, however small they are, and all of them in order", () => {
  const messages = Array.from({ length: 4_500 }, (_, n) => ({ key: String(n), value: "" }));
  const parts = [...chunks([encode(messages.slice(0, 100), 8e6), encode(messages.slice(100), 8e6)], 8e6)];
  expect(parts.map((part) => part.length)).toEqual([2_000, 2_000, 500]);
  expect(parts.flat().map(({ key }) => key)).toEqual(messages.map(({ key }) => key));
});
