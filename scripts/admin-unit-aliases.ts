/** Former names and other spellings of units, out of the sources' keyword lists. */
import { nameKey } from "../domain/bds/fold.ts";
import type { LegacyWard, Sources } from "./admin-unit-sources.ts";

type Types = readonly (readonly [prefix: string, type: string])[];

const WARD_TYPES: Types = [
  ["phuong", "p"],
  ["xa", "x"],
  ["thitran", "t"],
  ["tt", "t"],
];
const DISTRICT_TYPES: Types = [
  ["quan", "q"],
  ["huien", "h"],
  ["thixa", "s"],
  ["tx", "s"],
  ["thanhpho", "c"],
  ["tp", "c"],
];
/** What the sources put before or after a name to tell namesakes apart ("hcaolanh", "samuongte"): the parser reads types itself. */
const RESIDUE = /^(?:phuong|ward|xa|sa|x|s|thitran|tt|quan|huien|h|thixa|thisa|tx|thanhpho|tp)*$/;

/**
 * `type:name` of each keyword that the unit's own name does not give. A keyword says its type only where the list also
 * has the name alone: "xadan" may be Xã Đàn or the xã named Đan.
 */
function aliases(keywords: readonly string[], own: string, types: Types): string[] {
  const keys = new Set(keywords.map(nameKey));
  const found = new Map<string, string>();
  for (const key of keys) {
    if (RESIDUE.test(key.replace(own, ""))) continue;
    const typed = types.find(
      ([prefix]) => key.startsWith(prefix) && (keys.has(key.slice(prefix.length)) || /^\d+$/.test(key.slice(prefix.length))),
    );
    const name = typed ? key.slice(typed[0].length) : key;
    if (typed || !found.has(name)) found.set(name.replace(/^0+(?=\d)/, ""), typed?.[1] ?? "");
  }
  found.delete(own);
  // "sadaosa": the sources' spelling of "xã Đào Sá", which "daosa" says already.
  return [...found]
    .filter(([name]) => !(name.startsWith("sa") && found.has(name.slice(2))))
    .map(([name, type]) => `${type}:${name}`)
    .sort();
}

function ownKey(name: string): string {
  return nameKey(name.replace(/^(?:Phường|Xã|Thị trấn|Quận|Huyện|Thị xã|Thành phố) /i, "")).replace(/^0+(?=\d)/, "");
}

export function wardAliases(w: LegacyWard): string[] {
  // "ward6", "p06", "f6" say no more than "phuong6" does: the parser reads those itself.
  const keywords = w.keywords.filter((k) => !/^(?:ward|[pf])\d+$/.test(k));
  return aliases(keywords, ownKey(w.name), WARD_TYPES);
}

/** Also the former districts that came into this one, `~` where only some of their wards did. */
export function districtAliases(s: Sources, province: string, district: string): string[] {
  const d = s.legacy.districts[province]![district]!;
  const own = ownKey(d.district);
  const keywords = d.districtKeywords.filter((k) => !/^(?:district|q)\d+$/.test(k));
  const parts = Object.values(s.legacy.divided[province] ?? {})
    .filter((old) => district in old.districts)
    .flatMap((old) => aliases(old.dividedDistrictKeywords, own, DISTRICT_TYPES).map((a) => `~${a}`));
  const whole = aliases(keywords, own, DISTRICT_TYPES).filter((a) => !parts.includes(`~${a}`));
  return [...whole, ...new Set(parts)];
}
