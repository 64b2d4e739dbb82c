import { nameKey, toneKey } from "./fold.ts";
import type { Mention } from "./address_text.ts";
import { shortToneKey, units, type District, type Named, type Province, type Unit, type Ward, type Ward2025 } from "./units.ts";

/** Types that a mention of each level may bear. Wards turn from xã to phường and districts from huyện to thị xã, so a type narrows, it does not rule out. */
const WARD_TYPES = "pxtd";
const DISTRICT_TYPES = "qhsc";

export function mayBeWard(m: Mention): boolean {
  return m.type !== "" && WARD_TYPES.includes(m.type);
}

export function mayBeDistrict(m: Mention): boolean {
  return m.type === "" || DISTRICT_TYPES.includes(m.type);
}

/** "TP Hải Dương" is the city, not the province: a city's type only fits provinces that are cities. */
export function provinceOf(m: Mention): Province | undefined {
  if (m.type !== "" && m.type !== "c" && m.type !== "n") return units().provinces.get(m.whole);
  const found = units().provinces.get(m.key) ?? units().provinces.get(m.whole);
  return found && (m.type !== "c" || found.type === "c") ? found : undefined;
}

/** What a district's name stands for. */
export interface DistrictMatch {
  /** Districts that bear the name, or took over whole the one that did; several where the name alone cannot tell. */
  readonly named: readonly District[];
  /** Those and the districts that got some of its wards: where one of its wards may be today. */
  readonly all: readonly District[];
}

/** Undefined where no district inside has that name. */
export function districtsOf(m: Mention, within: (d: District) => boolean): DistrictMatch | undefined {
  const found = lookup(units().districts, m).filter((n) => within(n.unit));
  if (found.length === 0) return undefined;
  const typed = narrow(found, (n) => m.type !== "" && n.type === m.type);
  const named = best(
    m,
    typed.filter((n) => !n.partial),
    () => true,
  );
  const whole = distinct(named);
  return { named: whole, all: distinct(typed.filter((n) => n.partial || whole.includes(n.unit))) };
}

/** The wards inside that the mention may mean: none, one, or several that it cannot tell apart. */
export function wardsOf(m: Mention, within: (d: District) => boolean): Ward[] {
  return distinct(best(m, lookup(units().wards, m), (w) => within(w.district)));
}

export function wards2025Of(m: Mention, within: (w: Ward2025) => boolean): Ward2025[] {
  return distinct(best(m, lookup(units().wards2025, m), within));
}

function lookup<U extends Unit>(index: ReadonlyMap<string, Named<U>[]>, m: Mention): readonly Named<U>[] {
  return index.get(m.key) ?? (m.whole === m.key ? [] : (index.get(m.whole) ?? []));
}

/**
 * What remains of the candidates: those inside; of them those of the type written; of them, where several are left, those
 * with the very diacritics written. Former names are known without diacritics only: they count where no name of today
 * has the right ones, or none are written and no name of today is left.
 */
function best<U extends Unit>(m: Mention, all: readonly Named<U>[], within: (u: U) => boolean): Named<U>[] {
  const inside = all.filter((n) => within(n.unit));
  if (inside.length < 2) return inside;
  const left = narrow(inside, (n) => m.type !== "" && n.type === m.type);
  if (left.length < 2) return left;
  const tone = toneKey(m.text);
  const exact = left.filter((n) => !n.alias && shortToneKey(n.unit) === tone);
  if (exact.length > 0) return exact;
  const marked = tone !== nameKey(m.text);
  return narrow(left, (n) => n.alias === marked);
}

function narrow<T>(list: T[], keep: (t: T) => boolean): T[] {
  const kept = list.filter(keep);
  return kept.length > 0 ? kept : list;
}

function distinct<U extends Unit>(list: readonly Named<U>[]): U[] {
  return list.length < 2 ? list.map((n) => n.unit) : [...new Set(list.map((n) => n.unit))];
}

/** Whether the mention, where it bears diacritics at all, bears those of the unit. */
export function sameDiacritics(m: Mention, u: Unit): boolean {
  const tone = toneKey(m.text);
  return tone === u.key || tone === shortToneKey(u);
}
