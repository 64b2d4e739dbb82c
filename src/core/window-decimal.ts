import { RejectedError } from "./errors.ts";

/** units / 10^scale, exact. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

export const ZERO: Decimal = { units: 0n, scale: 0 };

const FORM = /^([+-]?)(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
/** Exponents beyond this are no measurements, and their digits would fill memory. */
const LARGEST_EXPONENT = 400;

/**
 * Exactly what the digits say: of a number, those that it prints (0.1 is a tenth), of a text, all of them.
 * @throws RejectedError `not_a_number`
 */
export function toDecimal(value: unknown): Decimal {
  if (typeof value === "number" && Number.isSafeInteger(value)) return { units: BigInt(value), scale: 0 };
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  const [, sign, whole = "", fraction = "", exponent = "0"] = FORM.exec(text) ?? [];
  if (sign === undefined || Math.abs(Number(exponent)) > LARGEST_EXPONENT)
    throw new RejectedError("not_a_number", `window: ${JSON.stringify(value)} is no number`);
  const digits = BigInt(`${whole}${fraction}`) * (sign === "-" ? -1n : 1n);
  const scale = fraction.length - Number(exponent);
  return normal(scale < 0 ? { units: digits * 10n ** BigInt(-scale), scale: 0 } : { units: digits, scale });
}

export function add(a: Decimal, b: Decimal): Decimal {
  if (a.scale === b.scale) return { units: a.units + b.units, scale: a.scale };
  const [fine, coarse] = a.scale > b.scale ? [a, b] : [b, a];
  return { units: fine.units + coarse.units * 10n ** BigInt(fine.scale - coarse.scale), scale: fine.scale };
}

/** Negative, 0 or positive, as `a - b` is. */
export function compare(a: Decimal, b: Decimal): number {
  const { units } = add(a, { units: -b.units, scale: b.scale });
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

/** The quotient by a whole number, rounded once, half away from zero, to so many places. */
export function divide(a: Decimal, by: number, places: number): Decimal {
  const numerator = a.units * 10n ** BigInt(Math.max(0, places + 1 - a.scale)) * (a.units < 0n ? -1n : 1n);
  const scale = Math.max(a.scale, places + 1);
  const divisor = BigInt(by) * 10n ** BigInt(scale - places);
  const rounded = (2n * numerator + divisor) / (2n * divisor);
  return { units: a.units < 0n ? -rounded : rounded, scale: places };
}

/** Plain digits without trailing zeros: `-12.5`. */
export function decimalText(decimal: Decimal): string {
  const { units, scale } = normal(decimal);
  if (scale === 0) return String(units);
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function normal({ units, scale }: Decimal): Decimal {
  let [u, s] = [units, scale];
  while (s > 0 && u % 10n === 0n) {
    u /= 10n;
    s--;
  }
  return { units: u, scale: s };
}
