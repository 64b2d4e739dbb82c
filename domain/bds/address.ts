import { readMentions } from "./address_text.ts";
import { legacyPlace, place2025, type Era, type Place } from "./address_resolve.ts";
import type { Listing } from "./listing.ts";
import type { Unit } from "./units.ts";

export type AddressUnits = Pick<
  Listing,
  | "ward"
  | "ward_code"
  | "district"
  | "district_code"
  | "province"
  | "province_code"
  | "ward_2025"
  | "ward_2025_code"
  | "province_2025"
  | "province_2025_code"
>;

export interface AddressHints {
  /** The post-reform address, where the page has it apart. */
  address2025?: string | undefined;
  /** Whether the address was written before or after the reform of 1 July 2025; undefined where nobody knows. */
  era?: Era | undefined;
}

/** Addresses repeat: listings of one street, and the crawl's own second look. Cleared when full, which costs one more parse each. */
const CACHE_LIMIT = 50_000;
const cache = new Map<string, AddressUnits>();

/**
 * Names and codes of the units that an address text names, in both schemes; null where the text does not decide.
 * Never throws; the result is shared, do not change it.
 */
export function parseAddress(text: string, hints: AddressHints = {}): AddressUnits {
  const key = `${hints.era ?? ""}\u001f${text}\u001f${hints.address2025 ?? ""}`;
  const known = cache.get(key);
  if (known) return known;
  const units = parse(text, hints);
  if (cache.size >= CACHE_LIMIT) cache.clear();
  cache.set(key, units);
  return units;
}

function parse(text: string, hints: AddressHints): AddressUnits {
  const { main, after, before } = splitBrackets(text);
  const post = hints.address2025 || after;
  // An old address in brackets makes the text around it the new one: "Phường Tân Hưng, Hồ Chí Minh (Phường Tân Phong, Quận 7 cũ)".
  const oldMentions = readMentions(before ?? main);
  const legacy = legacyPlace(oldMentions, post || before ? "before" : hints.era);
  const newMentions = post ? readMentions(post) : before ? readMentions(main) : undefined;
  return toUnits(newMentions ? place2025(newMentions, legacy) : legacy);
}

interface Parts {
  main: string;
  after: string | undefined;
  before: string | undefined;
}

/**
 * Brackets say which scheme they speak of: "(P. Phú Thuận mới)" the new one, "(địa chỉ cũ)" that what stands before is the
 * old one, "(Quận 2 cũ)" adds a former district. Any other bracket is part of the address.
 */
function splitBrackets(text: string): Parts {
  if (!text.includes("(")) return { main: text, after: undefined, before: undefined };
  let after: string | undefined;
  let before: string | undefined;
  const main = text.replaceAll(/\(([^()]*)\)?/g, (_, inside: string) => {
    const marked = /^(.*?)[\s,]*(mới|moi|cũ|cu)\s*\.?\s*$/iu.exec(inside.normalize("NFC"));
    if (!marked) return `,${inside},`;
    const rest = marked[1]!.replace(/địa chỉ|dia chi/iu, "").trim();
    if (rest === "") return ",";
    if (/^m/i.test(marked[2]!)) after = rest;
    else if (rest.includes(",")) before = rest;
    else return `,${rest},`;
    return ",";
  });
  return { main, after, before };
}

function name(unit: Unit | undefined): string | null {
  return unit?.name ?? null;
}

function code(unit: Unit | undefined): string | null {
  return unit?.code ?? null;
}

function toUnits(place: Place): AddressUnits {
  const { ward, district, province, ward2025, province2025 } = place;
  return Object.freeze({
    ward: name(ward),
    ward_code: code(ward),
    district: name(district),
    district_code: code(district),
    province: name(province),
    province_code: code(province),
    ward_2025: name(ward2025),
    ward_2025_code: code(ward2025),
    province_2025: name(province2025),
    province_2025_code: code(province2025),
  });
}
