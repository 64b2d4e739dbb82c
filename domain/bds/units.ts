import legacy from "./generated/legacy.json" with { type: "json" };
import units2025 from "./generated/units_2025.json" with { type: "json" };
import { nameKey, toneKey } from "./fold.ts";

/** p phường, x xã, t thị trấn, d đặc khu; q quận, h huyện, s thị xã, c thành phố (of district or province level), n tỉnh. */
export type UnitType = "p" | "x" | "t" | "d" | "q" | "h" | "s" | "c" | "n" | "";

export interface Unit {
  readonly code: string;
  readonly name: string;
  readonly type: UnitType;
  /** The name without its type, folded: see `nameKey`. */
  readonly key: string;
}
/** One of the 34 since July 2025. */
export interface Province2025 extends Unit {
  readonly parts: Province[];
}
/** One of the 63 before July 2025. */
export interface Province extends Unit {
  readonly successor: Province2025;
  readonly districts: District[];
}
export interface District extends Unit {
  readonly province: Province;
  readonly wards: Ward[];
  /** Islands have no wards; this is what they became. */
  successors: Ward2025[];
}
export interface Ward extends Unit {
  readonly district: District;
  /** One where the ward went over whole, several where it was split. */
  readonly successors: readonly Ward2025[];
}
export interface Ward2025 extends Unit {
  readonly province: Province2025;
  /** The wards that went into it, whole or in part; for an island the district. */
  readonly parts: Ward[];
  readonly districts: District[];
}

/** A unit under one of its names. */
export interface Named<U extends Unit> {
  readonly unit: U;
  /** Type under that name; "" where the source does not say. */
  readonly type: UnitType;
  /** Not its name of today but a former one, or another spelling. */
  readonly alias: boolean;
  /** Only a part of the unit that bore this name came to this one. */
  readonly partial: boolean;
}

export interface Units {
  provinces: Map<string, Province>;
  provinces2025: Map<string, Province2025>;
  districts: Map<string, Named<District>[]>;
  wards: Map<string, Named<Ward>[]>;
  wards2025: Map<string, Named<Ward2025>[]>;
}

/** The most frequent first. */
const TYPES: readonly (readonly [prefix: string, type: UnitType])[] = [
  ["Xã ", "x"],
  ["Phường ", "p"],
  ["Thị trấn ", "t"],
  ["Huyện ", "h"],
  ["Thành phố ", "c"],
  ["Thị xã ", "s"],
  ["Quận ", "q"],
  ["Tỉnh ", "n"],
  ["Đặc khu ", "d"],
];

/** The type's words that a name begins with. */
function prefixOf(name: string): readonly [prefix: string, type: UnitType] {
  for (const entry of TYPES) if (name.startsWith(entry[0])) return entry;
  return NO_TYPE;
}
const NO_TYPE = ["", ""] as const;

function keyOf(name: string, prefix: string): string {
  const key = nameKey(name.slice(prefix.length));
  return key.startsWith("0") ? key.replace(/^0+(?=\d)/, "") : key;
}

/** A unit's name without its type, for comparing diacritics. */
export function shortToneKey(u: Unit): string {
  let key = tones.get(u);
  if (key === undefined) {
    tones.set(u, (key = toneKey(u.name.slice(prefixOf(u.name)[0].length))));
  }
  return key;
}
const tones = new WeakMap<Unit, string>();

let loaded: Units | undefined;

/** All units with their names, indexed once a process (some 60 ms). */
export function units(): Units {
  return (loaded ??= build());
}

/** What people write for a province beside its name; the rest are the sources' keywords. */
const PROVINCE_ALIASES: readonly (readonly [code: string, ...keys: string[]])[] = [
  ["01", "hnoi", "thudohanoi"],
  ["46", "thuathienhue", "tthue"],
  ["66", "daclac", "daclak"],
  ["67", "dacnong"],
  ["77", "brvt"],
  ["79", "tphcm", "hcmc", "hochiminhcity", "saigon", "sg", "sgn", "tpsg", "tphochiminh"],
];

function build(): Units {
  const all: Units = { provinces: new Map(), provinces2025: new Map(), districts: new Map(), wards: new Map(), wards2025: new Map() };
  const wards2025 = new Map<string, Ward2025>();
  const provinces2025 = new Map<string, Province2025>();
  for (const [code, name] of units2025.provinces as [string, string][]) {
    const [prefix, type] = prefixOf(name);
    const province: Province2025 = { code, name, type, key: keyOf(name, prefix), parts: [] };
    provinces2025.set(code, province);
    all.provinces2025.set(province.key, province);
    for (const row of (units2025.wards as Record<string, string[]>)[code]!) {
      const bar = row.indexOf("|");
      const name = row.slice(bar + 1);
      const [prefix, type] = prefixOf(name);
      const ward: Ward2025 = { code: row.slice(0, bar), name, type, key: keyOf(name, prefix), province, parts: [], districts: [] };
      wards2025.set(ward.code, ward);
      add(all.wards2025, ward.key, { unit: ward, type: ward.type, alias: false, partial: false });
    }
  }
  const provinces = new Map<string, Province>();
  for (const [code, name, to, ...keywords] of legacy.provinces as [string, string, string, ...string[]][]) {
    const [prefix, type] = prefixOf(name);
    const province: Province = { code, name, type, key: keyOf(name, prefix), successor: provinces2025.get(to)!, districts: [] };
    province.successor.parts.push(province);
    provinces.set(code, province);
    const aliases = PROVINCE_ALIASES.find(([c]) => c === code)?.slice(1) ?? [];
    for (const key of [province.key, ...keywords.map(nameKey), ...aliases]) {
      all.provinces.set(key, province);
      if (province.key === province.successor.key) all.provinces2025.set(key, province.successor);
    }
  }
  for (const [code, name, of, ...aliases] of legacy.districts as [string, string, string, ...string[]][]) {
    const province = provinces.get(of)!;
    const [prefix, type] = prefixOf(name);
    const district: District = { code, name, type, key: keyOf(name, prefix), province, wards: [], successors: [] };
    province.districts.push(district);
    addAll(all.districts, district, aliases);
    for (const row of (legacy.wards as Record<string, string[]>)[code]!) {
      const ward = readWard(row, district, wards2025);
      district.wards.push(ward);
      for (const next of ward.successors) {
        next.parts.push(ward);
        if (!next.districts.includes(district)) next.districts.push(district);
      }
      addAll(all.wards, ward, aliasesOf(row));
    }
  }
  for (const [code, to] of Object.entries(legacy.islands as Record<string, string>)) {
    const ward = wards2025.get(to)!;
    const district = [...provinces.values()].flatMap((p) => p.districts).find((d) => d.code === code)!;
    district.successors = [ward];
    ward.districts.push(district);
  }
  return all;
}

/** `code|name|2025 wards joined by +|aliases` */
function readWard(row: string, district: District, wards2025: ReadonlyMap<string, Ward2025>): Ward {
  const [code, name, to] = row.split("|", 3) as [string, string, string];
  const [prefix, type] = prefixOf(name);
  const successors = to.includes("+") ? to.split("+").map((c) => wards2025.get(c)!) : [wards2025.get(to)!];
  return { code, name, type, key: keyOf(name, prefix), district, successors };
}

function aliasesOf(row: string): readonly string[] {
  const aliases = row.split("|", 4)[3];
  return aliases ? aliases.split(" ") : [];
}

function addAll<U extends Unit>(index: Map<string, Named<U>[]>, u: U, aliases: readonly string[]): void {
  add(index, u.key, { unit: u, type: u.type, alias: false, partial: false });
  for (const text of aliases) {
    const partial = text.startsWith("~");
    const [type, key] = (partial ? text.slice(1) : text).split(":") as [UnitType, string];
    add(index, key, { unit: u, type, alias: true, partial });
  }
}

function add<T>(index: Map<string, T[]>, key: string, value: T): void {
  const list = index.get(key);
  if (list) list.push(value);
  else index.set(key, [value]);
}
