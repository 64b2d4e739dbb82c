/**
 * A second reading of prices and areas, written apart from the parsers and in another way: each known shape as a whole, matched
 * against the text as it stands (with its diacritics), numbers as exact fractions of strings. What fits no shape is undefined.
 */

interface Fraction {
  n: bigint;
  d: bigint;
}

const VND: Readonly<Record<string, bigint>> = {
  tỷ: 1_000_000_000n,
  triệu: 1_000_000n,
  tr: 1_000_000n,
  nghìn: 1000n,
  ngàn: 1000n,
  đ: 1n,
  vnđ: 1n,
};
const PERIOD: Readonly<Record<string, string>> = {
  "": "total",
  "/m²": "per_m2",
  "/m2": "per_m2",
  "/m": "per_m2",
  "/tháng": "per_month",
  "/m²/tháng": "per_m2_month",
};

export interface Reading {
  value: number | null;
  unit: string;
}

export function readPrice(text: string): Reading | undefined {
  const python = /^\{'value': ([\d.]+), 'unit': '([^']+)'/.exec(text);
  const t = (python ? `${python[1]} ${python[2]}` : text)
    .toLowerCase()
    .replaceAll("\u00a0", " ")
    .trim()
    .replaceAll(/ *\/ */g, "/");
  if (t === "thỏa thuận" || t === "giá thỏa thuận") return { value: null, unit: "negotiable" };
  const m = /^(?<a>[\d.,]+) (?<ua>\p{L}+)(?: (?<b>[\d.,]+) (?<ub>\p{L}+))?(?<per>(?:\/.*)?)$/u.exec(t)?.groups;
  if (!m) return undefined;
  const unit = PERIOD[m["per"]!];
  const first = money(m["a"]!, m["ua"]!);
  const second = m["b"] === undefined ? { n: 0n, d: 1n } : money(m["b"], m["ub"]!);
  if (unit === undefined || !first || !second) return undefined;
  const sum = { n: first.n * second.d + second.n * first.d, d: first.d * second.d };
  return { value: Number((sum.n * 2n + sum.d) / (sum.d * 2n)), unit };
}

function money(number: string, unit: string): Fraction | undefined {
  const scale = VND[unit];
  if (scale === undefined) return undefined;
  // The written rule: three digits behind a point are thousands where the last is a nought or the unit knows no such fraction.
  const thousands = /^\d{1,3}(?:\.\d{3})+$/.test(number) && (number.endsWith("0") || scale < 1_000_000n || number.split(".").length > 2);
  const value = fraction(thousands ? number.replaceAll(".", "") : number.replace(",", "."));
  return value && { n: value.n * scale, d: value.d };
}

function fraction(plain: string): Fraction | undefined {
  const [whole, part = "", ...more] = plain.split(".");
  if (more.length > 0 || !/^\d+$/.test(whole!) || !/^\d*$/.test(part)) return undefined;
  return { n: BigInt(whole! + part), d: BigInt(`1${"0".repeat(part.length)}`) };
}

/** Hundredths of a square metre, or null where the text says that nobody knows; undefined for an unknown shape. */
export function readArea(text: string): number | null | undefined {
  const t = text.replaceAll("\u00a0", " ").replace("·", "").trim();
  if (t === "" || t === "KXĐ" || t === "Không xác định" || t === "Không xác") return null;
  const m = /^(?<number>[\d.,]+)(?: *(?<unit>m²|m2|m)(?:\(.*\))?)?$/.exec(t)?.groups;
  if (!m) return undefined;
  const number = m["number"]!;
  const grouped = m["unit"] !== undefined && /^\d{1,3}(?:\.\d{3})+(?:,\d+)?$/.test(number);
  const value = fraction((grouped ? number.replaceAll(".", "") : number).replace(",", "."));
  if (!value) return undefined;
  const hundredths = Number((value.n * 200n + value.d) / (value.d * 2n));
  return hundredths === 0 ? null : hundredths;
}
