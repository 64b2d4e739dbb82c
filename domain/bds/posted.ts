import { foldWords } from "./fold.ts";

/** Vietnam has kept UTC+7 without summer time since 1975, so the offset is a number and needs no time-zone library. */
const VIETNAM_OFFSET_MS = 7 * 3_600_000;

const AGO = /(?:^| )(\d{1,4}|mot|vai) (giay|phut|gio|tieng|ngay|tuan|thang|nam)(?: truoc)(?: |$)/;
const UNIT_MS: Readonly<Record<string, number>> = {
  giay: 1000,
  phut: 60_000,
  gio: 3_600_000,
  tieng: 3_600_000,
  ngay: 86_400_000,
  tuan: 7 * 86_400_000,
};

/**
 * The day a listing says it was posted on, in Vietnam's time zone, as YYYY-MM-DD; null where the text does not say.
 * Relative words count from `crawledAt`; months and years ago are calendar ones. Day comes before month, as in Vietnam.
 */
export function parsePosted(text: string, crawledAt: Date): string | null {
  const iso = /(?:^|\D)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:(T\d{2}:\d{2}\S*)|\D|$)/.exec(text);
  if (iso) return iso[4] ? instant(`${iso[1]}-${pad(iso[2]!)}-${pad(iso[3]!)}${iso[4]}`) : day(iso[1]!, iso[2]!, iso[3]!);
  const local = /(?:^|\D)(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?!\d)/.exec(text);
  if (local) return day(local[3]!.length === 2 ? `20${local[3]}` : local[3]!, local[2]!, local[1]!);
  if (/^\d{10}(?:\d{3})?$/.test(text.trim())) return vietnamDay(new Date(Number(text) * (text.trim().length === 10 ? 1000 : 1)));
  return relative(foldWords(text), crawledAt) ?? withoutYear(text, crawledAt);
}

function relative(words: string, crawledAt: Date): string | null {
  if (/\bhom nay\b|\bvua xong\b|\bmoi dang\b|\bvua dang\b/.test(words)) return vietnamDay(crawledAt);
  if (/\bhom qua\b/.test(words)) return back(crawledAt, 86_400_000);
  if (/\bhom kia\b/.test(words)) return back(crawledAt, 2 * 86_400_000);
  const ago = AGO.exec(words);
  if (!ago || ago[1] === "vai") return null;
  const n = ago[1] === "mot" ? 1 : Number(ago[1]);
  const ms = UNIT_MS[ago[2]!];
  return ms === undefined ? monthsBack(crawledAt, ago[2] === "nam" ? 12 * n : n) : back(crawledAt, n * ms);
}

function back(from: Date, ms: number): string {
  return vietnamDay(new Date(from.getTime() - ms));
}

/** 31 March, one month back, is 28 February: the month has no later day. */
function monthsBack(from: Date, months: number): string {
  const local = new Date(from.getTime() + VIETNAM_OFFSET_MS);
  const first = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() - months, 1));
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(local.getUTCDate(), lastDay));
  return first.toISOString().slice(0, 10);
}

/** "17/10": the last such day that is not after the crawl. */
function withoutYear(text: string, crawledAt: Date): string | null {
  const found = /(?:^|[^\d/])(\d{1,2})\/(\d{1,2})(?![\d/])/.exec(text);
  if (!found) return null;
  const today = vietnamDay(crawledAt);
  const year = Number(today.slice(0, 4));
  const thisYear = day(String(year), found[2]!, found[1]!);
  return thisYear !== null && thisYear <= today ? thisYear : day(String(year - 1), found[2]!, found[1]!);
}

/** Undefined days (31/02) are null. */
function day(year: string, month: string, date: string): string | null {
  const text = `${year}-${pad(month)}-${pad(date)}`;
  const parsed = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || !parsed.toISOString().startsWith(text) ? null : text;
}

function instant(text: string): string | null {
  const time = new Date(/(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}+07:00`);
  return Number.isNaN(time.getTime()) ? null : vietnamDay(time);
}

export function vietnamDay(time: Date): string {
  return new Date(time.getTime() + VIETNAM_OFFSET_MS).toISOString().slice(0, 10);
}

function pad(n: string): string {
  return n.padStart(2, "0");
}
