/** A decimal number as written, without the loss of a double: `digits` × 10^-`scale`. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/**
 * Whether exactly three digits behind a lone separator are thousands ("1.530") or a fraction. Only the caller knows what
 * kind of number it is.
 */
export type ThreeDigits = (whole: string, fraction: string, separator: "." | ",") => "thousands" | "fraction";

/**
 * Reads a number written with `.` `,` or spaces, in Vietnamese or English use; undefined where it is not one.
 * Of two kinds of separators the last is the decimal one; one kind several times is thousands; a lone separator is decimal unless three digits follow it.
 */
export function readDecimal(text: string, three: ThreeDigits): Decimal | undefined {
  const compact = /\s/.test(text) ? text.replaceAll(/\s/g, "") : text;
  const dots = count(compact, ".");
  const commas = count(compact, ",");
  if (dots + commas === 0) return decimal(compact, "");
  if (dots > 0 && commas > 0) {
    const point = Math.max(compact.lastIndexOf("."), compact.lastIndexOf(","));
    const whole = compact.slice(0, point);
    const other = compact[point] === "." ? "," : ".";
    return count(compact, compact[point]!) === 1 && grouped(whole, other)
      ? decimal(whole.replaceAll(other, ""), compact.slice(point + 1))
      : undefined;
  }
  const separator = dots > 0 ? "." : ",";
  if (dots + commas > 1) return grouped(compact, separator) ? decimal(compact.replaceAll(separator, ""), "") : undefined;
  const point = compact.indexOf(separator);
  const whole = compact.slice(0, point);
  const fraction = compact.slice(point + 1);
  const thousands = grouped(compact, separator) && !whole.startsWith("0") && three(whole, fraction, separator) === "thousands";
  return thousands ? decimal(whole + fraction, "") : decimal(whole, fraction);
}

function grouped(text: string, separator: string): boolean {
  const [first, ...rest] = text.split(separator);
  return /^\d{1,3}$/.test(first!) && rest.every((group) => /^\d{3}$/.test(group));
}

function count(text: string, char: string): number {
  let n = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) n++;
  return n;
}

function decimal(whole: string, fraction: string): Decimal | undefined {
  if (!/^\d{0,18}$/.test(whole) || !/^\d{0,18}$/.test(fraction) || whole + fraction === "") return undefined;
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

/** `d` × 10^`exponent` as a whole number, halves up. */
export function scaled(d: Decimal, exponent: number): bigint {
  const shift = exponent - d.scale;
  return shift >= 0 ? d.digits * 10n ** BigInt(shift) : divideRounded(d.digits, 10n ** BigInt(-shift));
}

/** `a` / `b` as a whole number, halves up; neither is negative. */
export function divideRounded(a: bigint, b: bigint): bigint {
  return (a * 2n + b) / (b * 2n);
}

/** Undefined beyond what a double counts exactly (9 × 10^15 đồng, more than anything is sold for). */
export function toSafeNumber(n: bigint): number | undefined {
  return n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : undefined;
}
