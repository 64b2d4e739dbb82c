import { divideRounded, readDecimal, scaled, toSafeNumber, type Decimal, type ThreeDigits } from "./decimal.ts";

const NUMBER = String.raw`\d[\d.,]*(?: \d{3}(?![\d.,]))*`;
/** Nine of ten texts: a number and its unit. */
const USUAL = /^[\s·]*(\d[\d.,]*)\s*m[2²]?\s*$/;
const AREA = new RegExp(String.raw`(${NUMBER}) ?(m ?2(?!\d)|m(?![a-z\d])|met vuong|sqm|km2|ha(?![a-z])|hecta)`, "g");
const SIDES = new RegExp(String.raw`^\D*(${NUMBER}) ?m? ?[x*×] ?(${NUMBER}) ?m?\D*$`);
const ALONE = new RegExp(String.raw`^(${NUMBER})$`);
const BOUND = /(?:^|[^a-z])(?:tu|duoi|tren|hon|toi da|toi thieu|it nhat) ?\d|[<>≥≤]/;
const RANGE = new RegExp(String.raw`\d ?(?:m ?2|m|ha)? ?(?:-|–|—|~|den|toi) ?\d`);

/** Largest area a Listing may have, in m². */
const LARGEST = 1e9;

/**
 * Area in m², rounded to two decimals, halves up; null for a bound, a range, a unit whose size depends on the region (sào,
 * công, mẫu), or no number. `38 m2(3,5x12)` is 38, `5m x 20m` is 100, and a number alone is m²: no site gives another unit
 * in its area field. ` 105 m` is a page's `m<sup>2</sup>` that lost its 2.
 */
export function parseArea(text: string): number | null {
  const usual = USUAL.exec(text);
  if (usual) return round(read(usual[1]!, written), 0);
  const plain = text
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f\u200b-\u200d\ufeff]/g, "")
    .toLowerCase()
    .replaceAll(/[\s·•]+/g, " ")
    .trim();
  const alone = ALONE.exec(plain);
  if (alone) return round(read(alone[1]!, machine), 0);
  if (BOUND.test(plain)) return null;
  const sides = SIDES.exec(plain);
  if (sides) return product(read(sides[1]!, machine), read(sides[2]!, machine));
  const outside = plain.replaceAll(/\([^)]*\)?/g, " ");
  if (RANGE.test(outside)) return null;
  const found = [...outside.matchAll(AREA)];
  if (found.length !== 1) return null;
  const [, number, unit] = found[0]!;
  return round(read(number!, written), unit === "km2" ? 6 : unit!.startsWith("h") ? 4 : 0);
}

/**
 * Beside a unit people wrote the number: `1.530 m²` is thousands, as everywhere in Vietnam; the comma is its decimal sign
 * (`56,555 m²`) unless that left less than 10 m², which is no property: `1,530 m²` is the English way of 1530.
 */
const written: ThreeDigits = (whole, _fraction, separator) => (separator === "." || whole.length === 1 ? "thousands" : "fraction");
/** Alone it comes from a machine, which writes the English point: `147.059` is 147,06. */
const machine: ThreeDigits = (_whole, _fraction, separator) => (separator === "." ? "fraction" : "thousands");

function read(number: string, three: ThreeDigits): Decimal | undefined {
  return readDecimal(number.replace(/[.,]+$/, ""), three);
}

function round(value: Decimal | undefined, exponent: number): number | null {
  return value ? toArea(scaled(value, exponent + 2)) : null;
}

function product(a: Decimal | undefined, b: Decimal | undefined): number | null {
  if (!a || !b) return null;
  const scale = a.scale + b.scale;
  return toArea(scale <= 2 ? a.digits * b.digits * 10n ** BigInt(2 - scale) : divideRounded(a.digits * b.digits, 10n ** BigInt(scale - 2)));
}

/** Hundredths of a m² as m²; 0 is how sites write "not given". */
function toArea(hundredths: bigint): number | null {
  const n = toSafeNumber(hundredths);
  return n === undefined || n === 0 || n / 100 > LARGEST ? null : n / 100;
}
