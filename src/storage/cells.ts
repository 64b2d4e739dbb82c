/** What queries give: JSON's values, but for whole numbers beyond 2^53, which are bigints. */
export type Cell = string | number | boolean | bigint | null | readonly Cell[] | { readonly [name: string]: Cell };
export type Row = Record<string, Cell>;

export function exactInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A decimal in full digits: a number, beyond 2^53 a bigint (no digits after the point) or its text. */
export function exactDecimal(text: string): Cell {
  if (!text.includes(".")) return exactInteger(BigInt(text));
  const number = Number(text);
  return Math.abs(number) < Number.MAX_SAFE_INTEGER ? number : text;
}

/** Microseconds since 1970 in UTC, with milliseconds as `Date.toISOString` writes it; microseconds where there are some. */
export function isoTime(micros: bigint): string {
  const rest = ((micros % 1000n) + 1000n) % 1000n; // before 1970 the remainder is negative
  const iso = new Date(Number((micros - rest) / 1000n)).toISOString();
  return rest === 0n ? iso : iso.replace("Z", `${String(rest).padStart(3, "0")}Z`);
}
