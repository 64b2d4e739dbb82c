import { divideRounded, readDecimal, scaled, type ThreeDigits } from "./decimal.ts";
import { foldUnit, letter } from "./fold.ts";

/** An amount of money with what it is for. */
export interface Amount {
  vnd: bigint;
  /** "other": per year, per person, per plot of another size: nothing that a Listing can say. */
  per: "total" | "per_m2" | "per_month" | "per_m2_month" | "other";
}

export interface PriceText {
  amounts: Amount[];
  /** "từ 2 tỷ", "< 1 tr/m²", "1 - 2 tỷ": a bound or a range is no price. */
  bounded: boolean;
  /** Dollars, gold: what they are worth in đồng is not in the text. */
  foreign: boolean;
  /** "thỏa thuận", "liên hệ" */
  negotiable: boolean;
}

/** Power of ten of each unit of money. */
const MONEY: Readonly<Record<string, number>> = { ty: 9, ti: 9, trieu: 6, tr: 6, nghin: 3, ngan: 3, k: 3, dong: 0, d: 0, vnd: 0 };
const MONTH = new Set(["thang", "th", "thg", "t", "month"]);
const SQUARE_METRE = new Set(["m2", "m", "metvuong", "sqm"]);
/** A metre of street front is no square metre. */
const FRONTAGE = new Set(["ngang", "mat", "dai", "toi", "rong"]);
/** The whole thing: a flat, a plot, a house. */
const WHOLE = new Set(["can", "lo", "nen", "nha", "toa", "tong", "canho", "mieng", "manh", "xuat", "suat", "tatca", "phong"]);
const FOREIGN = new Set(["usd", "$", "eur", "€", "dola", "luong", "cay", "vang"]);
const BOUND = new Set(["tu", "duoi", "tren", "hon", "toida", "toithieu", "itnhat", "<", ">", "≥", "≤"]);
const RANGE = new Set(["-", "–", "—", "den", "toi", "~"]);
const OPEN = /thoathuan|thuongluong|lienhe/;

/** Numbers; m2 in its spellings; words; the signs that mean something here. */
const TOKEN = /\d[\d.,]*(?: \d{3}(?![\d.,]))*|m ?2(?!\d)|[a-z]+|[-–—~/<>≥≤$€+·•|;()]/g;

/** Every amount of the text. `area` is for the rule of three digits: see `threeDigits`. */
export function readPriceText(text: string, area: number | null): PriceText {
  const tokens = joinWords(fold(text).match(TOKEN) ?? []);
  const out: PriceText = { amounts: [], bounded: false, foreign: false, negotiable: false };
  for (let i = 0; i < tokens.length;) {
    const amount = isNumber(tokens[i]) ? readAmount(tokens, i, area) : undefined;
    if (!amount) {
      out.foreign ||= FOREIGN.has(tokens[i]!) && (isNumber(tokens[i - 1]) || isNumber(tokens[i + 1]));
      i++;
      continue;
    }
    const before = tokens[i - 1];
    // "1 - 2 tỷ", "3 tỷ đến 5 tỷ"; but "6,28 tỷ ~ 87,83 triệu/m²" is a price and what it comes to.
    const range = RANGE.has(before ?? "") && i > 1 && !(before === "~" && out.amounts.length > 0);
    out.bounded ||= BOUND.has(before ?? "") || range;
    out.amounts.push(amount.amount);
    i = amount.end;
  }
  out.negotiable = out.amounts.length === 0 && OPEN.test(tokens.join(""));
  return out;
}

/** A price is short; of a text put in its place only the beginning is read. */
const LONGEST = 500;

/** Characters that NFKC may change: those beyond Latin and its Vietnamese letters. */
const UNUSUAL = /[^\0-\u024f\u1e00-\u1eff]|[\u00b2\u00bd]/;

/** Plain lower-case text: no diacritics, one space, `²` as 2; a scraper's `{'value': 1.0, 'unit': 'VNĐ'}` as "1.0 vnd". */
function fold(text: string): string {
  let source = text.includes("'value'") ? text.replace(/^.*'value': ?([\d.]+), ?'unit': ?'([^']*)'.*$/s, "$1 $2") : text;
  if (source.length > LONGEST) source = source.slice(0, LONGEST);
  if (UNUSUAL.test(source)) source = source.normalize("NFKC");
  let out = "";
  for (let i = 0; i < source.length; i++) {
    const code = source.charCodeAt(i);
    const c = foldUnit(code);
    if (c === 0) continue;
    if (c !== 32) out += letter(c);
    else if (code <= 32 || code === 0xa0) out += out.endsWith(" ") ? "" : " ";
    else out += source[i]!;
  }
  return out;
}

const PAIRS = new Map([
  ["met vuong", "metvuong"],
  ["do la", "dola"],
  ["can ho", "canho"],
  ["toi da", "toida"],
  ["toi thieu", "toithieu"],
  ["it nhat", "itnhat"],
  ["tat ca", "tatca"],
]);

const SECOND = new Set([...PAIRS.keys()].map((pair) => pair.split(" ")[1]!));

function joinWords(tokens: readonly string[]): string[] {
  const out: string[] = [];
  for (const token of tokens) {
    const pair = SECOND.has(token) ? PAIRS.get(`${out.at(-1)} ${token}`) : undefined;
    if (pair) out[out.length - 1] = pair;
    else out.push(token === "m 2" ? "m2" : token);
  }
  return out;
}

function isNumber(token: string | undefined): token is string {
  return token !== undefined && token >= "0" && token < ":";
}

/** `6 tỷ 500 triệu`, `4 tỷ 2`, `7tr5/tháng`, `1 tỷ rưỡi`: the amount that begins at token `at`. */
function readAmount(tokens: readonly string[], at: number, area: number | null): { amount: Amount; end: number } | undefined {
  let vnd = 0n;
  let smallest = Infinity;
  let i = at;
  for (;;) {
    const number = tokens[i];
    const exponent = MONEY[tokens[i + 1] ?? ""];
    if (!isNumber(number) || exponent === undefined || exponent >= smallest) break;
    // "15,6 tỷ 150 tr/m²" is a price and what it comes to, not their sum.
    if (i > at && tokens[i + 2] === "/" && SQUARE_METRE.has(tokens[i + 3] ?? "")) break;
    const value = readDecimal(number.replace(/[.,]+$/, ""), threeDigits(exponent, tokens[i + 2] === "/", area));
    if (!value) return undefined;
    vnd += scaled(value, exponent);
    smallest = exponent;
    i += 2;
  }
  if (i === at) return undefined;
  if (tokens[i] === "ruoi") {
    vnd += 10n ** BigInt(smallest) / 2n;
    i++;
  } else if (isNumber(tokens[i]) && endsAmount(tokens[i + 1])) {
    const tail = colloquial(tokens[i]!, smallest);
    if (tail === undefined) return undefined;
    vnd += tail;
    i++;
  }
  while (MONEY[tokens[i] ?? ""] === 0) i++;
  return readPer(tokens, i, vnd);
}

function endsAmount(next: string | undefined): boolean {
  return next === undefined || !/^[a-z]/.test(next) || MONEY[next] === 0;
}

/** "4 tỷ 2" is 4,2 tỷ and "4 tỷ 550" 4,55 tỷ; "4 tỷ 50" may be 4,05 or 4,5: not guessed at. */
function colloquial(number: string, exponent: number): bigint | undefined {
  return exponent >= 6 && /^(?:\d|\d{3})$/.test(number) ? BigInt(number) * 10n ** BigInt(exponent - number.length) : undefined;
}

/** What stands behind the amount: `/tháng`, `/m²/tháng`, `/1000 m2`, `một tháng`, `/căn`. */
function readPer(tokens: readonly string[], from: number, vnd: bigint): { amount: Amount; end: number } {
  let i = from;
  let month = false;
  let square = false;
  let other = false;
  let divisor = 1n;
  for (;;) {
    const slash = tokens[i] === "/" || tokens[i] === "tren" || tokens[i] === "mot" || tokens[i] === "moi";
    let j = slash ? i + 1 : i;
    let size = 1n;
    if (slash && /^\d+$/.test(tokens[j] ?? "")) size = BigInt(tokens[j++]!);
    const what = tokens[j] ?? "";
    if (!slash && !MONTH.has(what)) break;
    if (MONTH.has(what)) month = true;
    else if (SQUARE_METRE.has(what) && !FRONTAGE.has(tokens[j + 1] ?? "")) [square, divisor] = [true, size];
    else if (what === "ha" || what === "hecta") [square, divisor] = [true, size * 10_000n];
    else if (!WHOLE.has(what)) other = true;
    i = j + 1;
  }
  const per = other ? "other" : square ? (month ? "per_m2_month" : "per_m2") : month ? "per_month" : "total";
  return { amount: { vnd: divisor > 1n ? divideRounded(vnd, divisor) : vnd, per }, end: i };
}

/** Twice what the dearest streets ask for a m², in đồng. */
const BEYOND_BELIEF_M2 = 3e9;

/**
 * Thousands or fraction? Sites never write a fraction's last zero, so "1.600 tỷ" is thousands and "1.515 tỷ" (the 2020
 * layout writes the English point) a fraction, unless the area makes the former absurd. The comma is Vietnam's decimal
 * sign. A đồng and a thousand đồng have no such fractions, and a total is never given in triệu with three of them.
 */
function threeDigits(exponent: number, rate: boolean, area: number | null): ThreeDigits {
  return (whole, fraction, separator) => {
    if (exponent <= 3) return "thousands";
    if (separator === ",") return "fraction";
    if (exponent === 6 && !rate) return "thousands";
    if (!fraction.endsWith("0")) return "fraction";
    return area && (Number(whole + fraction) * 10 ** exponent) / area > BEYOND_BELIEF_M2 ? "fraction" : "thousands";
  };
}
