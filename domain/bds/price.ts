import { divideRounded, toSafeNumber } from "./decimal.ts";
import type { Listing } from "./listing.ts";
import { readPriceText, type Amount } from "./price_text.ts";

export interface Price {
  /** As quoted, in whole đồng; null where there is no single amount. */
  vnd: number | null;
  unit: Listing["price_unit"];
  /** A price per m² that the text states beside the total ("15,6 tỷ · 150 tr/m²"). */
  perM2: number | null;
}

const UNKNOWN: Price = Object.freeze({ vnd: null, unit: "unknown", perM2: null });
const NEGOTIABLE: Price = Object.freeze({ vnd: null, unit: "negotiable", perM2: null });

/**
 * Reads a price as listings write it: see docs/clean.md for the shapes and the rules. A number without a unit of money
 * is `unknown`; a bound or a range has its unit but no amount. `area` (m²) only helps to tell `1.600 tỷ` from `1.515 tỷ`.
 */
export function parsePrice(text: string, area: number | null = null): Price {
  const { amounts, bounded, foreign, negotiable } = readPriceText(text, area);
  const first = amounts[0];
  if (!first || foreign) return negotiable && !foreign ? NEGOTIABLE : UNKNOWN;
  const last = amounts.at(-1)!;
  const perM2 = amounts.length === 2 && isPerM2(last) && !isPerM2(first) ? last : undefined;
  if (bounded || (amounts.length > 1 && !perM2)) return { vnd: null, unit: unitOf(last), perM2: null };
  const vnd = toSafeNumber(first.vnd);
  if (first.per === "other" || vnd === undefined || vnd === 0) return UNKNOWN;
  return { vnd, unit: first.per, perM2: perM2 ? (toSafeNumber(perM2.vnd) ?? null) : null };
}

/**
 * The price per m² that a field of its own states. The field says what the amount is for, so "/m²" may be missing; an
 * amount without a unit of money, or a bound ("< 1 tr/m²"), is null.
 */
export function parsePricePerM2(text: string): number | null {
  const { amounts, bounded, foreign } = readPriceText(text, null);
  const amount = amounts[0];
  if (!amount || amounts.length > 1 || bounded || foreign || amount.per === "other") return null;
  return toSafeNumber(amount.vnd) || null;
}

/** đồng per m², halves up; null where the area is unknown or nil. */
export function perSquareMetre(vnd: number, area: number | null): number | null {
  if (area === null || area <= 0) return null;
  return toSafeNumber(divideRounded(BigInt(vnd) * 100n, BigInt(Math.round(area * 100)))) ?? null;
}

function unitOf(amount: Amount): Price["unit"] {
  return amount.per === "other" ? "unknown" : amount.per;
}

function isPerM2(amount: Amount): boolean {
  return amount.per === "per_m2" || amount.per === "per_m2_month";
}
