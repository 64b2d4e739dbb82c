import { expect, test } from "vitest";
import { RejectedError } from "../../src/core/errors.ts";
import { add, compare, decimalText, divide, toDecimal, ZERO } from "../../src/core/window-decimal.ts";
import { seeded } from "../faults/kills.ts";

const text = (value: unknown): string => decimalText(toDecimal(value));

test.each([
  [0.1, "0.1"],
  [-0, "0"],
  [1e21, "1000000000000000000000"],
  [1.5e-7, "0.00000015"],
  [9007199254740991, "9007199254740991"],
  ["9007199254740993.000000000000000001", "9007199254740993.000000000000000001"],
  ["-00012.3400", "-12.34"],
  ["+7.", "7"],
  ["1e3", "1000"],
  ["12.5E-3", "0.0125"],
] as const)("reads %s as %s", (value, expected) => expect(text(value)).toBe(expected));

test.each(["", " ", "abc", "1,5", "0x10", "1e999999999", "NaN", null, true, {}, [1], NaN, Infinity])("refuses %s", (value) =>
  expect(() => toDecimal(value)).toThrow(RejectedError),
);

test("a million tenths are a hundred thousand", () => {
  let sum = ZERO;
  for (let i = 0; i < 1_000_000; i++) sum = add(sum, toDecimal(0.1));
  expect(decimalText(sum)).toBe("100000");
});

test("sums and orders agree with whole numbers of the finest unit", () => {
  const random = seeded(3);
  for (let i = 0; i < 2_000; i++) {
    const draw = (): { units: bigint; text: string } => {
      const units = BigInt(Math.floor((random() - 0.5) * 2 ** 50)) * BigInt(10 ** Math.floor(random() * 4));
      const digits = String(units < 0n ? -units : units).padStart(9, "0");
      return { units, text: `${units < 0n ? "-" : ""}${digits.slice(0, -8)}.${digits.slice(-8)}` };
    };
    const [a, b] = [draw(), draw()];
    const sum = add(toDecimal(a.text), toDecimal(b.text));
    expect(sum.units * 10n ** BigInt(8 - Math.min(8, sum.scale))).toBe((a.units + b.units) * 10n ** BigInt(Math.max(0, sum.scale - 8)));
    expect(Math.sign(compare(toDecimal(a.text), toDecimal(b.text)))).toBe(a.units < b.units ? -1 : a.units > b.units ? 1 : 0);
  }
});

test.each([
  ["1", 3, 2, "0.33"],
  ["2", 3, 2, "0.67"],
  ["0.125", 1, 2, "0.13"],
  ["-0.125", 1, 2, "-0.13"],
  ["1", 8, 0, "0"],
  ["4", 8, 0, "1"],
  ["10.000", 4, 6, "2.5"],
  ["0.0049", 1, 2, "0"],
] as const)("%s / %s to %s places is %s", (value, by, places, expected) =>
  expect(decimalText(divide(toDecimal(value), by, places))).toBe(expected),
);
