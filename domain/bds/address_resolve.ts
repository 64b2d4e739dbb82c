import type { Mention } from "./address_text.ts";
import {
  districtsOf,
  mayBeDistrict,
  mayBeWard,
  provinceOf,
  sameDiacritics,
  wards2025Of,
  wardsOf,
  type DistrictMatch,
} from "./address_match.ts";
import type { District, Province, Province2025, Ward, Ward2025 } from "./units.ts";

/** On which side of the reform of 1 July 2025 an address was written. */
export type Era = "before" | "after";

/** What an address names; a field is left out where the text does not decide. */
export interface Place {
  ward?: Ward | undefined;
  district?: District | undefined;
  province?: Province | undefined;
  ward2025?: Ward2025 | undefined;
  province2025?: Province2025 | undefined;
}

/**
 * Reads an address from its end: province, district before it, ward before that. An address without a district may be of
 * the new scheme; then `era` decides, or both readings must agree.
 */
export function legacyPlace(mentions: readonly Mention[], era: Era | undefined): Place {
  const place = fromTheEnd(mentions, era);
  // "TP.HCM - Quận 7 - Phường Tân Phú": written the other way round.
  return place.province || mentions.length < 2 || !provinceOf(mentions[0]!) ? place : fromTheEnd([...mentions].reverse(), era);
}

function fromTheEnd(mentions: readonly Mention[], era: Era | undefined): Place {
  let last = mentions.length - 1;
  while (last >= 0 && !mentions[last]!.known) last--;
  if (last < 0) return {};
  const province = provinceOf(mentions[last]!);
  if (!province) return withoutProvince(mentions, last, era);

  const found = findDistrict(mentions, last - 1, province);
  if (found) return inDistrict(mentions, found.at, found.match, province);
  // "Phường 7, Vũng Tàu", "Phường Vĩnh Ninh, Huế": the last name is the province, and a district of it.
  const city = districtsOf(mentions[last]!, (d) => d.province === province);
  const next = (w: Ward2025): boolean => w.province === province.successor;
  const inCity = city && wardWithoutDistrict(mentions, era, (d) => city.all.includes(d), next);
  const place = inCity ?? wardWithoutDistrict(mentions, era, (d) => d.province === province, next);
  if (place) return place;
  const ward = city && findWard(mentions, last, city);
  return withSuccessors(ward ? { ward, district: ward.district, province } : { province });
}

/** What the new-scheme part of an address adds to, or decides in, what its old-scheme part gave. */
export function place2025(mentions: readonly Mention[], legacy: Place): Place {
  let province2025 = legacy.province2025;
  for (let i = mentions.length - 1; i >= 0 && mentions[i]!.known; i--) {
    const named = provinceOf(mentions[i]!)?.successor;
    if (named) {
      province2025 = named;
      break;
    }
  }
  const inProvince = (w: Ward2025): boolean => !province2025 || w.province === province2025;
  for (const m of wardMentions(mentions, mentions.length)) {
    let found = wards2025Of(m, inProvince);
    // Namesakes in one province, or no province named: the old part may tell them apart.
    if (found.length > 1) found = found.filter((w) => reaches(w, legacy));
    if (found.length === 1) return fromWard2025(found[0]!, legacy);
  }
  return legacy.province ? { ...legacy, province2025 } : { ...legacy, province2025, province: onlyPart(province2025) };
}

function reaches(w: Ward2025, legacy: Place): boolean {
  if (legacy.ward) return legacy.ward.successors.includes(w);
  if (legacy.district) return w.districts.includes(legacy.district);
  return true;
}

/** A new ward, and what it tells of the old scheme: whatever all its parts have in common. */
function fromWard2025(ward2025: Ward2025, known: Place): Place {
  const { districts } = ward2025;
  const district = known.district ?? (districts.length === 1 ? districts[0] : undefined);
  const provinces = new Set(districts.map((d) => d.province));
  // The province's name may be the new one ("Phường Thủ Dầu Một, Hồ Chí Minh"): it counts only where the ward could be in it.
  const named = known.province && provinces.has(known.province) ? known.province : undefined;
  const province = district?.province ?? (provinces.size === 1 ? districts[0]!.province : named);
  const parts = ward2025.parts.filter((w) => !district || w.district === district);
  const ward = known.ward ?? (parts.length === 1 && district ? parts[0] : undefined);
  return { ward, district, province, ward2025, province2025: ward2025.province };
}

function onlyPart(province: Province2025 | undefined): Province | undefined {
  return province?.parts.length === 1 ? province.parts[0] : undefined;
}

function withSuccessors(place: Place): Place {
  const next = place.ward?.successors ?? (place.district?.wards.length === 0 ? place.district.successors : undefined);
  return { ...place, ward2025: next?.length === 1 ? next[0] : undefined, province2025: place.province?.successor };
}

interface Found {
  at: number;
  match: DistrictMatch;
}

/** The nearest district to the left of the province; one without its type only right beside it. */
function findDistrict(mentions: readonly Mention[], from: number, province: Province): Found | undefined {
  const sisters = (d: District): boolean => d.province.successor === province.successor;
  let adjacent = true;
  for (let at = from; at >= 0; at--) {
    const m = mentions[at]!;
    if (!m.known) continue;
    if (mayBeDistrict(m) && (m.type !== "" || (adjacent && !/^\d/.test(m.key)))) {
      // "Thủ Dầu Một, Hồ Chí Minh": since the reform people write the new province behind the old district.
      const match = districtsOf(m, (d) => d.province === province) ?? districtsOf(m, sisters);
      if (match) return { at, match };
    }
    adjacent = false;
  }
  return undefined;
}

function inDistrict(mentions: readonly Mention[], at: number, match: DistrictMatch, named: Province): Place {
  const ward = findWard(mentions, at, match);
  if (ward) return withSuccessors({ ward, district: ward.district, province: ward.district.province });
  const district = match.named.length === 1 ? match.named[0] : undefined;
  const province = district?.province ?? match.all[0]?.province ?? named;
  // "Phường Bình Trưng, Quận 2": a new ward beside an old district.
  for (const m of mentions)
    if (mayBeWard(m)) {
      const found = wards2025Of(m, (w) => match.all.some((d) => w.districts.includes(d)));
      if (found.length === 1) return fromWard2025(found[0]!, { district, province });
    }
  return withSuccessors({ district, province });
}

/** A ward with its type, nearest first; else the name right before the district. */
function findWard(mentions: readonly Mention[], at: number, match: DistrictMatch): Ward | undefined {
  for (const districts of match.named.length === match.all.length ? [match.all] : [match.named, match.all])
    for (const m of wardMentions(mentions, at)) {
      const found = wardsOf(m, (d) => districts.includes(d));
      if (found.length === 1) return found[0];
    }
  return undefined;
}

function wardMentions(mentions: readonly Mention[], at: number): Mention[] {
  const typed = mentions.filter((m, i) => i !== at && mayBeWard(m) && m.known).reverse();
  const before = mentions[at - 1];
  if (!before?.known || mayBeWard(before)) return typed;
  // "quan thanh, ba dinh" may be Phường Quán Thánh, not Quận Thanh.
  const name = before.type === "" ? before : { ...before, type: "" as const, key: before.whole };
  return /^\d+$/.test(name.key) ? typed : [...typed, name];
}

/**
 * A ward named without its district: of the old scheme, of the new one, or a name that both have. Where it may be either,
 * what all readings share is kept. A name that several old wards bear is no way to write an old address, so after the
 * reform the new ward is meant.
 */
function wardWithoutDistrict(
  mentions: readonly Mention[],
  era: Era | undefined,
  inside: (d: District) => boolean,
  inside2025: (w: Ward2025) => boolean,
): Place | undefined {
  for (const m of mentions.filter(mayBeWard).reverse()) {
    const found = wardsOf(m, inside);
    const next = era === "before" ? [] : wards2025Of(m, inside2025);
    // "Xã Đông Anh" is the new one, the old one was a thị trấn; "Phường Thuận Hóa" is not the old Thuận Hòa.
    const exact = next.some((w) => fits(m, w)) && !found.some((w) => fits(m, w));
    const old = exact || (era === "after" && next.length === 1) ? [] : found;
    const readings = [
      ...old.map((ward) => withSuccessors({ ward, district: ward.district, province: ward.district.province })),
      ...next.map((ward) => fromWard2025(ward, {})),
    ];
    if (readings.length > 0) return readings.reduce(shared);
  }
  return undefined;
}

function fits(m: Mention, unit: Ward | Ward2025): boolean {
  return unit.type === m.type && sameDiacritics(m, unit);
}

function shared(a: Place, b: Place): Place {
  return {
    ward: a.ward === b.ward ? a.ward : undefined,
    district: a.district === b.district ? a.district : undefined,
    province: a.province === b.province ? a.province : undefined,
    ward2025: a.ward2025 === b.ward2025 ? a.ward2025 : undefined,
    province2025: a.province2025 === b.province2025 ? a.province2025 : undefined,
  };
}

/** "Mỗ Lao, Hà Đông", "Quận Cầu Giấy": a district's name that only one province has, or only one with that ward. */
function withoutProvince(mentions: readonly Mention[], last: number, era: Era | undefined): Place {
  const m = mentions[last]!;
  const match = mayBeDistrict(m) ? districtsOf(m, () => true) : undefined;
  if (match && (m.type !== "" || match.all.some((d) => sameDiacritics(m, d)))) {
    const withWard = match.all.filter((d) => findWard(mentions, last, { named: [d], all: [d] }));
    const provinces = new Set(match.all.map((d) => d.province));
    if (provinces.size === 1) return inDistrict(mentions, last, match, match.all[0]!.province);
    if (withWard.length === 1) return inDistrict(mentions, last, { named: withWard, all: withWard }, withWard[0]!.province);
    return {};
  }
  const anywhere = (): boolean => true;
  return wardWithoutDistrict(mentions, era, anywhere, anywhere) ?? {};
}
