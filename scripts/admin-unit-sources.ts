/** Reads the files that generate-admin-units.ts generates from, checks that they agree, and gives them one shape. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface SourceProvince {
  province: string;
  provinceCode: string;
  provinceKeywords: string[];
}
interface SourceDistrict {
  district: string;
  districtShort: string;
  districtCode: string;
  districtKeywords: string[];
}
interface SourceWard {
  ward: string;
  wardShort: string;
  wardCode: string;
  wardKeywords: string[];
}
interface DividedDistrict {
  dividedDistrictKeywords: string[];
  districts: Record<string, unknown>;
}
type ByKey<T> = Record<string, T>;

/** A ward of before July 2025. */
export interface LegacyWard {
  /** `province_district_ward`, as the converter names it. */
  key: string;
  code: string;
  name: string;
  short: string;
  keywords: string[];
}

export interface Sources {
  legacy: { provinces: ByKey<SourceProvince>; districts: ByKey<ByKey<SourceDistrict>>; divided: ByKey<ByKey<DividedDistrict>> };
  from2025: { provinces: ByKey<SourceProvince> };
  /** Province of 2025 → the provinces it was made of. */
  converter: { provinces: ByKey<string[]> };
  wardsOf(province: string, district: string): LegacyWard[];
  wards2025Of(province: string): SourceWard[];
  /** Codes of the 2025 wards that got a part of this ward; one where it went over whole. */
  newWardsOf(legacyKey: string): string[];
}

/** @throws where the sources contradict each other: generated data must not hide that. */
export function readSources(folder: string): Sources {
  // NaN is Python's way of writing "no ward": districts that have none (islands).
  const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), "utf8").replaceAll(/:\s*NaN\b/g, ":null")) as T;
  const legacy = read<Record<string, never>>("vnadminunits_parser_legacy.json");
  const from2025 = read<Record<string, never>>("vnadminunits_parser_from_2025.json");
  const converter = read<{
    DICT_PROVINCE: ByKey<string[]>;
    DICT_PROVINCE_WARD_NO_DIVIDED: ByKey<ByKey<string[]>>;
    DICT_PROVINCE_WARD_DIVIDED: ByKey<ByKey<{ newWardKey: string }[]>>;
  }>("vnadminunits_converter_2025.json");

  const wards = new Map<string, LegacyWard[]>();
  // The three dictionaries differ in which keywords still tell wards apart; accented ones add what plain ones cannot.
  for (const name of ["NO_ACCENTED", "ACCENTED"])
    for (const [province, districts] of entries<ByKey<ByKey<SourceWard>>>(legacy[`DICT_PROVINCE_DISTRICT_WARD_${name}`]))
      for (const [district, ofDistrict] of Object.entries(districts))
        for (const [ward, w] of Object.entries(ofDistrict)) {
          const list = wards.get(`${province}_${district}`) ?? [];
          wards.set(`${province}_${district}`, list);
          if (ward === "NaN" || list.some((known) => known.code === w.wardCode)) continue;
          list.push({
            key: `${province}_${district}_${ward}`,
            code: w.wardCode,
            name: w.ward,
            short: w.wardShort,
            keywords: w.wardKeywords,
          });
        }

  const wards2025 = new Map<string, Map<string, SourceWard>>();
  for (const name of ["NO_ACCENTED", "ACCENTED"])
    for (const [province, ofProvince] of entries<ByKey<SourceWard>>(from2025[`DICT_PROVINCE_WARD_${name}`]))
      for (const [ward, w] of Object.entries(ofProvince)) {
        const map = wards2025.get(province) ?? new Map<string, SourceWard>();
        wards2025.set(province, map.set(ward, w));
      }
  const code2025 = (province: string, ward: string): string => {
    const found = wards2025.get(province)?.get(ward);
    if (!found) throw new Error(`converter names an unknown ward: ${province} ${ward}`);
    return found.wardCode;
  };
  const moved = new Map<string, string[]>();
  for (const [province, ofProvince] of entries(converter.DICT_PROVINCE_WARD_NO_DIVIDED))
    for (const [ward, old] of Object.entries(ofProvince)) for (const key of old) moved.set(key, [code2025(province, ward)]);
  for (const [province, ofProvince] of entries(converter.DICT_PROVINCE_WARD_DIVIDED))
    for (const [key, parts] of Object.entries(ofProvince))
      moved.set(
        key,
        parts.map((part) => code2025(province, part.newWardKey)),
      );

  const all = [...wards.values()].flat();
  checkCodes(folder, new Set(all.map((w) => w.code)));
  return {
    legacy: {
      provinces: legacy["DICT_PROVINCE"]!,
      districts: legacy["DICT_PROVINCE_DISTRICT"]!,
      divided: legacy["DICT_PROVINCE_DISTRICT_DIVIDED"]!,
    },
    from2025: { provinces: from2025["DICT_PROVINCE"]! },
    converter: { provinces: converter.DICT_PROVINCE },
    wardsOf: (province, district) => (wards.get(`${province}_${district}`) ?? []).sort((a, b) => (a.code < b.code ? -1 : 1)),
    wards2025Of: (province) => [...wards2025.get(province)!.values()].sort((a, b) => (a.wardCode < b.wardCode ? -1 : 1)),
    newWardsOf: (key) => {
      const to = moved.get(key);
      if (!to) throw new Error(`no 2025 ward for ${key}`);
      return to;
    },
  };
}

function entries<T>(value: ByKey<T> | undefined): [string, T][] {
  if (!value) throw new Error("a dictionary is missing in the sources");
  return Object.entries(value);
}

/** The second source must know the same ward codes. */
function checkCodes(folder: string, codes: ReadonlySet<string>): void {
  const file = "thanglequoc_2025-03_63_provinces_vn_only.json";
  const other = JSON.parse(readFileSync(join(folder, file), "utf8")) as { District: { Ward: { Code: string }[] | null }[] }[];
  const known = new Set(other.flatMap((p) => p.District.flatMap((d) => (d.Ward ?? []).map((w) => w.Code))));
  const differ = [...codes].filter((c) => !known.has(c)).concat([...known].filter((c) => !codes.has(c)));
  if (differ.length > 0) throw new Error(`ward codes that only one source knows: ${differ.join(", ")}`);
}
