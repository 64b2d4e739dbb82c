import { foldUnit, keyLetter } from "./fold.ts";
import { units, type UnitType } from "./units.ts";

/** A part of an address that may name a unit: "Phường 8", "Gò Vấp", "Đường Hạ Lý". */
export interface Mention {
  /** The type written before (or, in English, after) the name; "" where none is. */
  readonly type: UnitType;
  /** The name without its type, folded as `nameKey` does. */
  readonly key: string;
  /** The same with its type, where the type is a single letter or a word that also begins names ("Xã Đàn"). */
  readonly whole: string;
  /** As written, for comparing diacritics. */
  readonly text: string;
  /** Whether any unit bears this name. */
  readonly known: boolean;
}

interface Word {
  key: string;
  from: number;
  to: number;
  /** " - " or " / " stands before it. */
  dash: boolean;
}

const ONE_WORD: Readonly<Record<string, UnitType>> = {
  phuong: "p",
  p: "p",
  f: "p",
  ward: "p",
  xa: "x",
  x: "x",
  commune: "x",
  tt: "t",
  quan: "q",
  q: "q",
  district: "q",
  dist: "q",
  huien: "h",
  h: "h",
  tx: "s",
  tp: "c",
  citi: "c",
  tinh: "n",
  t: "n",
  province: "n",
};
const TWO_WORDS: Readonly<Record<string, Readonly<Record<string, UnitType>>>> = {
  thi: { tran: "t", xa: "s" },
  thanh: { pho: "c" },
  dac: { khu: "d" },
};
const ACCENTED: Readonly<Record<string, string>> = { phuong: "phường", xa: "xã", quan: "quận", huien: "huyện", tinh: "tỉnh" };
/** English puts the type behind: "Ho Chi Minh City", "Tan Phu District". */
const BEHIND: Readonly<Record<string, UnitType>> = {
  citi: "c",
  district: "q",
  province: "n",
  dist: "q",
  ward: "p",
  commune: "x",
  town: "t",
};
/** "P12", "Q.7", "quận1". */
const GLUED = /^(phuong|p|f|quan|q)0*(\d{1,2})$/;
const POSTCODE = /^\d{5,6}$/;
/** "Mỹ Đình II" is Mỹ Đình 2. */
const ROMAN: Readonly<Record<string, string>> = { i: "1", ii: "2", iii: "3", iv: "4" };
const COUNTRY = new Set(["vietnam", "vn", "undefined", "null"]);
/** Longest name in words: "Văn Miếu - Quốc Tử Giám" has five, "Nông trường Mộc Châu" four. */
const LONGEST = 6;

/** No address is this long; of a whole description only the end is read, so that no text takes long. */
const LONGEST_TEXT = 1000;

/** The mentions of an address in the order written; empty parts and the country are left out. */
export function readMentions(address: string): Mention[] {
  const text = address.length > LONGEST_TEXT ? address.slice(-LONGEST_TEXT) : address;
  const segments = readSegments(text);
  const out: Mention[] = [];
  for (let i = 0; i < segments.length; i++) pushSegment(text, segments[i]!, i === segments.length - 1, out);
  return out;
}

/** Words of each part between commas; a dash between spaces is kept as a mark on the word after it. */
function readSegments(text: string): Word[][] {
  const segments: Word[][] = [];
  let words: Word[] = [];
  let key = "";
  let from = 0;
  let dash = false;
  for (let i = 0; i <= text.length; i++) {
    const code = i < text.length ? text.charCodeAt(i) : 44;
    const c = foldUnit(code);
    if (c === 0) continue;
    if (c !== 32) {
      if (key === "") from = i;
      key += keyLetter(c);
      continue;
    }
    if (key !== "") {
      if (!POSTCODE.test(key)) words.push({ key, from, to: i, dash });
      key = "";
      dash = false;
    }
    if (isBreak(code)) {
      if (words.length > 0) segments.push(words);
      words = [];
      dash = false;
    } else if (isDash(code) && words.length > 0 && (isSpace(text, i - 1) || isSpace(text, i + 1))) dash = true;
  }
  return segments.filter((s) => !(s.length <= 2 && COUNTRY.has(s.map((w) => w.key).join(""))));
}

/** , ; | · • newline and brackets of every kind */
function isBreak(code: number): boolean {
  return code === 44 || code === 59 || code === 124 || code === 0xb7 || code === 0x2022 || code === 10 || code === 13 || isBracket(code);
}
function isBracket(code: number): boolean {
  return code === 40 || code === 41 || code === 91 || code === 93 || code === 0xff0c || code === 0xff08 || code === 0xff09;
}
function isDash(code: number): boolean {
  return code === 45 || code === 0x2013 || code === 0x2014 || code === 47;
}
function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 0xa0 || code === 9;
}

function pushSegment(text: string, words: readonly Word[], last: boolean, out: Mention[]): void {
  const whole = mention(text, words, 0, words.length);
  if (whole.known) {
    out.push(whole);
    return;
  }
  const dash = words.findIndex((w, i) => i > 0 && w.dash);
  if (dash > 0) {
    pushSegment(text, words.slice(0, dash), false, out);
    pushSegment(text, words.slice(dash), last, out);
    return;
  }
  // The longest name first: "xã Tân Xã Thạch Thất" must not be cut before its second "xã".
  const head = startsUnit(words, 0) ? knownHead(text, words) : 0;
  const cut = head > 0 ? head : words.findIndex((_, i) => i > 0 && startsUnit(words, i));
  if (cut > 0) {
    pushSegment(text, words.slice(0, cut), false, out);
    pushSegment(text, words.slice(cut), last, out);
    return;
  }
  // "Nguyễn Trãi Thanh Xuân Hà Nội": only the end of an address is read without commas, a street's name may end in anything.
  const tail = last && !startsUnit(words, 0) ? knownTail(text, words) : 0;
  if (tail > 0) {
    pushSegment(text, words.slice(0, tail), true, out);
    pushSegment(text, words.slice(tail), true, out);
  } else out.push(whole);
}

/** Whether a unit's type stands at `i` with a name behind it; in the middle of a part only forms that no name contains. */
function startsUnit(words: readonly Word[], i: number): boolean {
  const { key } = words[i]!;
  if (GLUED.test(key)) return true;
  if (i + 1 >= words.length) return false;
  if (TWO_WORDS[key]?.[words[i + 1]!.key] !== undefined) return i + 2 < words.length;
  return ONE_WORD[key] !== undefined;
}

function knownHead(text: string, words: readonly Word[]): number {
  const shortest = GLUED.test(words[0]!.key) ? 1 : 2;
  for (let end = Math.min(words.length - 1, LONGEST + 2); end >= shortest; end--) if (mention(text, words, 0, end).known) return end;
  return 0;
}

/** Where the province begins that ends the address, or before it the district: 0 where neither does. */
function knownTail(text: string, words: readonly Word[]): number {
  const all = units();
  for (let from = Math.max(1, words.length - LONGEST); from < words.length; from++) {
    const m = mention(text, words, from, words.length);
    if (all.provinces.has(m.key) || (m.type === "" && words.length - from > 1 && all.districts.has(m.key))) return from;
  }
  return 0;
}

function mention(text: string, words: readonly Word[], from: number, to: number): Mention {
  const first = words[from]!;
  const written = text.slice(first.from, words[to - 1]!.to);
  const glued = GLUED.exec(first.key);
  if (glued && to - from === 1) return known(glued[1]!.startsWith("p") || glued[1] === "f" ? "p" : "q", glued[2]!, first.key, written);
  let type: UnitType = "";
  let start = from;
  let end = to;
  const two = to - from > 2 ? TWO_WORDS[first.key]?.[words[from + 1]!.key] : undefined;
  if (two !== undefined) {
    type = two;
    start += 2;
  } else if (to - from > 1 && ONE_WORD[first.key] !== undefined && !isNameOnly(text, words, from, to, written)) {
    type = ONE_WORD[first.key]!;
    start++;
  } else if (to - from > 1 && BEHIND[words[to - 1]!.key] !== undefined) {
    type = BEHIND[words[to - 1]!.key]!;
    end--;
  }
  let key = joined(words, start, end);
  const roman = end - start > 1 ? ROMAN[words[end - 1]!.key] : undefined;
  if (roman !== undefined && !isName(key)) key = joined(words, start, end - 1) + roman;
  const whole = joined(words, from, start) + key;
  return known(type, key.replace(/^0+(?=\d)/, ""), whole, type === "" ? written : text.slice(words[start]!.from, words[end - 1]!.to));
}

/** "Quận Thánh" has a type; "Quán Thánh" has not, nor "Quan Hoa" where the rest shows that marks are written: they are names. */
function isNameOnly(text: string, words: readonly Word[], from: number, to: number, written: string): boolean {
  const first = words[from]!;
  const accented = ACCENTED[first.key];
  if (accented === undefined || !/[^\0-\x7f]/.test(written)) return false;
  return text.slice(first.from, first.to).normalize("NFC").toLowerCase() !== accented && isName(joined(words, from, to));
}

function joined(words: readonly Word[], from: number, to: number): string {
  let key = "";
  for (let i = from; i < to; i++) key += words[i]!.key;
  return key;
}

function known(type: UnitType, key: string, whole: string, text: string): Mention {
  // "quan thanh" without marks: the name, where only that is one.
  if (type !== "" && whole !== key && !isName(key) && isName(whole)) return { type: "", key: whole, whole, text, known: true };
  return { type, key, whole, text, known: isName(key) || (whole !== key && isName(whole)) };
}

function isName(key: string): boolean {
  const all = units();
  return all.wards.has(key) || all.districts.has(key) || all.wards2025.has(key) || all.provinces.has(key);
}
