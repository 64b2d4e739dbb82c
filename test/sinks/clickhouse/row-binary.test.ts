import { expect, test } from "vitest";
import { z } from "zod";
import { defineItem, columnsOf } from "arachne";
import { classified, codeOf } from "../../../src/sinks/clickhouse/errors.ts";
import { rangesOf } from "../../../src/sinks/clickhouse/lookup.ts";
import { NoPlace, rowEncoder } from "../../../src/sinks/clickhouse/row-binary.ts";
import { seeded } from "../../faults/kills.ts";

const Row = defineItem({
  name: "row",
  key: ["id"],
  schema: z.object({
    id: z.string(),
    n: z.int().nullable(),
    at: z.iso.datetime(),
    day: z.iso.date(),
    yes: z.boolean(),
    sum: z.number().meta({ decimal: [9, 2] }),
  }),
});
const encode = rowEncoder(columnsOf(Row));
const row = { id: "é", n: -2, at: "1970-01-01T00:01:00.999Z", day: "1970-01-03", yes: true, sum: 1.5 };

test("a row is its columns one behind the other", () => {
  expect((encode(row) as Buffer).toString("hex")).toBe("02c3a9 00feffffffffffffff 3c000000 0200 01 04312e3530".replaceAll(" ", ""));
  expect((encode({ ...row, n: null }) as Buffer).toString("hex")).toBe("02c3a9 01 3c000000 0200 01 04312e3530".replaceAll(" ", ""));
});

test("a text of any length keeps every byte, also where the buffer grows under it", () => {
  for (const length of [0, 127, 128, 4_080, 4_096, 16_383, 16_384, 300_000]) {
    const id = "x".repeat(length);
    const bytes = encode({ ...row, id }) as Buffer;
    expect(bytes.includes(Buffer.from(id))).toBe(true);
    expect(bytes.length).toBe((length < 128 ? 1 : length < 16_384 ? 2 : 3) + length + 9 + 4 + 2 + 1 + 5);
  }
});

test("what no column holds is refused by its name", () => {
  const reasons = [
    { id: "\udc00" },
    { at: "2106-01-01T00:00:00Z" },
    { at: "1969-12-31T23:59:59.999Z" },
    { day: "2106-01-01" },
    { sum: 1e7 },
    { sum: -9_999_999.999 },
  ].map((wrong) => {
    const encoded = encode({ ...row, ...wrong });
    return encoded instanceof NoPlace ? encoded.reason : "none";
  });
  expect(reasons).toEqual(["id: not_utf8", "at: range", "at: range", "day: range", "sum: range", "sum: range"]);
  expect(encode({ ...row, sum: -9_999_999.99 })).toBeInstanceOf(Buffer);
});

test("ranges of time cover every time asked for with its window, few of them, and apart", () => {
  const random = seeded(1);
  for (const window of [0, 60, 3_600])
    for (const count of [1, 40, 2_000]) {
      const seconds = Array.from({ length: count }, () => Math.floor(random() * 1e9));
      const ranges = rangesOf(seconds, window);
      expect(ranges.length).toBeLessThanOrEqual(50);
      for (const s of seconds) expect(ranges.some(([from, to]) => from <= Math.max(0, s - window) && to >= s + window)).toBe(true);
      ranges.slice(1).forEach(([from], i) => expect(from).toBeGreaterThan(ranges[i]![1]));
    }
});

test.each([
  ["Code: 81, e.displayText() = DB::Exception: Database x doesn't exist", "SettingsError", "clickhouse_database"],
  ["Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED) (version 25.8)", "SettingsError", "clickhouse_login"],
  ["Code: 497. DB::Exception: not enough privileges. (ACCESS_DENIED)", "SettingsError", "clickhouse_rights"],
  ["Code: 469. DB::Exception: Constraint `c` is violated at row 3. (VIOLATED_CONSTRAINT)", "RejectedError", "refused_by_store"],
  ["Code: 252. DB::Exception: Too many parts (300). (TOO_MANY_PARTS)", "TransientError", "clickhouse_failed"],
  ["Code: 9999. DB::Exception: something new", "TransientError", "clickhouse_failed"],
  ["connect ECONNREFUSED 127.0.0.1:8123", "TransientError", "clickhouse_unavailable"],
  ["Port 9000 is for clickhouse-client program.", "SettingsError", "clickhouse_port"],
])("%s is a %s", (text, name, code) => {
  const doing = { action: "inserting", place: "http://ch:8123", database: "x", user: "u" };
  expect(classified(new Error(text), doing)).toMatchObject({ name, code });
  expect(codeOf(Object.assign(new Error("x"), { code: "ECONNRESET" }))).toBeUndefined();
});
