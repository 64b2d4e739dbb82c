import { foldWords } from "./fold.ts";
import type { Listing } from "./listing.ts";

type PropertyType = NonNullable<Listing["property_type"]>;

/**
 * Words for each type in a category. The more telling come first: "nhà xưởng" is a warehouse though it says "nhà", "đất
 * nền dự án" land though it says "dự án", "căn hộ dịch vụ" a flat.
 */
const CATEGORY: readonly (readonly [type: PropertyType, words: RegExp])[] = [
  ["land", /\bdat nen\b/],
  ["warehouse", /\b(?:kho xuong|nha xuong|xuong|kho bai|kho)\b/],
  ["shophouse", /\b(?:shop ?house|nha pho thuong mai)\b/],
  ["office", /\b(?:van phong|office|officetel)\b/],
  ["room", /\b(?:phong tro|nha tro|day tro|phong cho thue|o ghep)\b/],
  ["apartment", /\b(?:can ho|chung cu|apartment|condo|condotel|penthouse|duplex|tap the)\b/],
  ["villa", /\b(?:biet thu|villa)\b/],
  ["hotel", /\b(?:khach san|hotel|nha nghi|homestay)\b/],
  ["farm", /\b(?:trang trai|farm|khu nghi duong|nha vuon)\b/],
  ["townhouse", /\b(?:lien ke|nha pho|nha mat pho|nha mat tien|mat pho|townhouse)\b/],
  ["land", /\b(?:dat|tho cu|land)\b/],
  ["house", /\b(?:nha|house)\b/],
  ["other", /\b(?:mat bang|cua hang|ki ?ot|shop)\b/],
  ["project", /\b(?:du an|project)\b/],
];

/** In a title only these say what is offered: its other words ("gần chung cư", "3 phòng") speak of anything. */
const TITLE: readonly (readonly [type: PropertyType, words: RegExp])[] = [
  ["warehouse", /\b(?:kho xuong|nha xuong|kho bai)\b/],
  ["shophouse", /\bshop ?house\b/],
  ["room", /\b(?:phong tro|nha tro|day tro)\b/],
  ["apartment", /\b(?:can ho|chung cu|ccmn|penthouse|duplex|studio|officetel)\b/],
  ["villa", /\b(?:biet thu|villa)\b/],
  ["hotel", /\b(?:khach san|nha nghi)\b/],
  ["office", /\b(?:toa van phong|van phong)\b/],
  ["townhouse", /\b(?:lien ke|nha pho|nha mat pho|nha mat tien)\b/],
  // Without diacritics "đất" is also "đạt" and "đặt".
  ["land", /\b(?:dat nen|lo dat|dat tho cu|dat vuon|(?:ban|mieng|manh|thue) (?:gap |nhanh )?dat)\b|^dat\b/],
  // "Tầng đẹp, nhà vuông" is a flat's praise.
  ["house", /^nha\b|\b(?:ban|thue|can|gap|nhanh|ngoi|chu) nha\b|\bnha (?:\d|rieng|hem|ngo|cap|nguyen can|phan lo)/],
  ["other", /\bmat bang\b/],
];

const OTHERS = /\bkhac\b/;

/** What nearly every category says: it tells nothing. */
const GENERIC = /\b(?:nha dat|bat dong san|bds)\b/g;

/**
 * What is offered: the words of the page's category or breadcrumb decide, then the link's category, then what the title
 * names first. Null where none tells. A category "khác" or "mặt bằng" is the last resort: it says only what it is not.
 */
export function propertyTypeOf(category: string, path: string, title: string): Listing["property_type"] {
  const stated = ofCrumbs(category, title);
  if (stated && stated !== "other") return stated;
  return (
    ofCategory(categoryOfPath(path), title) ?? stated ?? ofTitle(foldWords(title)) ?? (OTHERS.test(foldWords(category)) ? "other" : null)
  );
}

/** The last part that names a type: "Bán / Hồ Chí Minh / Quận 7 / Căn hộ chung cư tại Sky Garden 3". */
function ofCrumbs(category: string, title: string): PropertyType | null {
  if (category === "") return null;
  const crumbs = category.split(/ \/ |[>»|•]/).map((crumb) => foldWords(crumb).replace(/ tai .*$/, ""));
  for (let i = crumbs.length - 1; i >= 0; i--) {
    const type = ofCategory(crumbs[i]!, title);
    if (type) return type;
  }
  return null;
}

/** A category of villas and terraced houses together ("Biệt thự, nhà liền kề") leaves it to the title; it names villas first. */
function ofCategory(words: string, title: string): PropertyType | null {
  if (words === "") return null;
  const telling = words.replaceAll(GENERIC, " ");
  const type = CATEGORY.find(([, pattern]) => pattern.test(telling))?.[0] ?? null;
  if (type !== "villa" || !/\blien ke\b/.test(telling)) return type;
  const named = foldWords(title);
  return /\b(?:lien ke|lk|nha pho|shophouse)\b/.test(named) && !/\b(?:biet thu|bt|villa)\b/.test(named) ? "townhouse" : "villa";
}

/** The path's part that names the category: batdongsan's first, mogi's second ("/quan-7/mua-nha-hem-ngo/…"). */
function categoryOfPath(path: string): string {
  const part = /\/((?:can-ban|ban|cho-thue|mua-ban|mua|thue)-[^/]*)/.exec(path)?.[1];
  if (!part || /\.html?$/.test(part)) return "";
  // Street, ward and project follow the category: "ban-nha-rieng-duong-dat-do-phuong-1".
  return part.replace(/-(?:duong|pho-(?!thuong-mai)|phuong|xa|thi-tran|quan|huyen|tp|prj)-.*$/, "").replaceAll("-", " ");
}

function ofTitle(words: string): PropertyType | null {
  let first: PropertyType | null = null;
  let at = Infinity;
  for (const [type, pattern] of TITLE) {
    const index = words.search(pattern);
    if (index >= 0 && index < at) [first, at] = [type, index];
  }
  return first;
}
