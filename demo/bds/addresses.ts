import type { Place } from "./places.ts";
import { shortName } from "./places.ts";
import type { Draw } from "./random.ts";
import { pick, weighted } from "./random.ts";

/** Which names the text uses: of before July 2025, of after, the old with the new in brackets, or none at all. */
export type Scheme = "old" | "new" | "both" | "none";

/** An address as the page writes it. Each part is absent where the page leaves it out. */
export interface Address {
  readonly scheme: Scheme;
  /** The ward is named (in the scheme's own names). */
  readonly ward: boolean;
  readonly line1: string | undefined;
  readonly line2: string | undefined;
  /** On the card: "Quận 7, Hồ Chí Minh". */
  readonly card: string | undefined;
  readonly shape: string;
}

interface Shape {
  readonly name: string;
  readonly weight: number;
  readonly scheme: Scheme;
  readonly ward?: false;
  /** `lead` is project and street. */
  readonly write: (lead: readonly string[], place: Place) => readonly [line1: string | undefined, line2?: string];
}

const join = (...parts: readonly (readonly string[] | string)[]) => parts.flat().join(", ");
const city = (place: Place) => shortName(place.province.name);
const cityNow = (place: Place) => shortName(place.province.now.name);
const old = (lead: readonly string[], place: Place) => join(lead, place.ward.name, shortName(place.district.name), city(place));
const bracketed = (place: Place) => `(${place.ward.now.name}, ${cityNow(place)} mới)`;

/** "P. Tân Phong, Q. 7, TP. HCM" */
function abbreviated(lead: readonly string[], place: Place): string {
  const short = (name: string) =>
    name
      .replace(/^Phường /, "P. ")
      .replace(/^Quận /, "Q. ")
      .replace(/^Huyện /, "H. ")
      .replace(/^Thị xã /, "TX. ")
      .replace(/^Thị trấn /, "TT. ")
      .replace(/^Thành phố Hồ Chí Minh$/, "TP. HCM")
      .replace(/^Thành phố /, "TP. ")
      .replace(/^Tỉnh /, "");
  return join(lead, short(place.ward.name), short(place.district.name), short(place.province.name));
}

/** "Hoà Bình", "Bình Thuỷ": the tone where older spelling put it. */
function oldSpelling(text: string): string {
  return text.replace(/([oóòỏõọ]a|[uúùủũụ]y)(?!\p{L})/gu, (syllable) => {
    const [vowel = "", tone = ""] = (syllable[0] ?? "").normalize("NFD");
    return vowel + ((syllable[1] ?? "") + tone).normalize("NFC");
  });
}

export const SHAPES: readonly Shape[] = [
  { name: "old, new in brackets on line 2", weight: 38, scheme: "both", write: (lead, place) => [old(lead, place), bracketed(place)] },
  { name: "old, new in brackets", weight: 8, scheme: "both", write: (lead, place) => [`${old(lead, place)} ${bracketed(place)}`] },
  { name: "old", weight: 16, scheme: "old", write: (lead, place) => [old(lead, place)] },
  {
    name: "old, full names",
    weight: 7,
    scheme: "old",
    write: (lead, place) => [join(lead, place.ward.name, place.district.name, place.province.name)],
  },
  {
    name: "old, no ward",
    weight: 6,
    scheme: "old",
    ward: false,
    write: (lead, place) => [join(lead, shortName(place.district.name), city(place))],
  },
  { name: "old, abbreviated", weight: 4, scheme: "old", write: (lead, place) => [abbreviated(lead, place)] },
  { name: "old, upper case", weight: 2, scheme: "old", write: (lead, place) => [old(lead, place).toUpperCase()] },
  { name: "old, older spelling", weight: 4, scheme: "old", write: (lead, place) => [oldSpelling(old(lead, place))] },
  { name: "old, NBSP", weight: 3, scheme: "old", write: (lead, place) => [old(lead, place).replaceAll(" ", "\u00a0")] },
  { name: "old, NFD", weight: 2, scheme: "old", write: (lead, place) => [old(lead, place).normalize("NFD")] },
  { name: "new", weight: 12, scheme: "new", write: (lead, place) => [join(lead, place.ward.now.name, cityNow(place))] },
  { name: "missing", weight: 2, scheme: "none", ward: false, write: () => [undefined] },
];

export function drawAddress(draw: Draw, place: Place, street: string | undefined, project: string | undefined): Address {
  const shape = weighted(draw, SHAPES, (s) => s.weight);
  const lead = [
    ...(project === undefined ? [] : [pick(draw, [project, `Dự án ${project}`])]),
    ...(street === undefined ? [] : [`Đường ${street}`]),
  ];
  const [line1, line2] = shape.write(lead, place);
  const card =
    shape.scheme === "none"
      ? undefined
      : shape.scheme === "new"
        ? join(place.ward.now.name, cityNow(place))
        : join(shortName(place.district.name), city(place));
  return { scheme: shape.scheme, ward: shape.ward !== false, line1, line2, card, shape: shape.name };
}
