import { expect, test } from "vitest";
import { z } from "zod";
import { defineItem } from "../../../src/core/item.ts";
import { documentId, rowWriter, toOperation, versionNumber } from "../../../src/sinks/elasticsearch/operations.ts";

test("an id is the key up to 512 bytes, however many letters those are, and a hash beyond", () => {
  expect(documentId("ạ".repeat(170))).toBe("ạ".repeat(170));
  expect(documentId("ạ".repeat(171))).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(documentId("a".repeat(512))).toBe("a".repeat(512));
  expect(documentId("a".repeat(513))).toMatch(/^sha256:/);
});

test("a document goes out as it came in, to the letter", () => {
  const document = '{"n":9007199254740993,"x":1.10,"t":"đ \\n \\" \\u0000"}';
  const row = { key: 'a"b', version: "1970-01-01T00:00:01.000Z", document };
  expect(toOperation(row)).toEqual({
    of: row,
    id: 'a"b',
    version: 1000,
    action: '{"index":{"_id":"a\\"b","version":1000,"version_type":"external_gte"}}',
    source: document,
  });
});

test("a version must be a time that Elasticsearch can order by", () => {
  expect(versionNumber("2026-11-21T00:00:00.123Z")).toBe(Date.UTC(2026, 10, 21) + 123);
  expect(versionNumber("1969-12-31T23:59:59.999Z")).toBe(0);
  for (const version of ["", "yesterday"]) expect(() => versionNumber(version)).toThrow(/is no time/);
});

test("a row is written with every digit: 64-bit integers, decimals beyond a double, what is in structs and lists", () => {
  const item = defineItem({
    name: "row",
    schema: z.object({
      id: z.string(),
      n: z.int(),
      d: z.number().meta({ decimal: [20, 2] }),
      s: z.object({ n: z.int().nullable(), t: z.string() }),
      l: z.array(z.number()),
    }),
    key: ["id"],
  });
  const write = rowWriter(item);
  expect(write({ id: "a", n: 9007199254740993n, d: "123456789012345678.90", s: { t: "x", n: 9007199254740993n }, l: "[1,2.50]" })).toEqual({
    id: "a",
    version: 0,
    action: '{"index":{"_id":"a"}}',
    source: '{"id":"a","n":9007199254740993,"d":123456789012345678.90,"s":{"n":9007199254740993,"t":"x"},"l":[1,2.50]}',
  });
});
