import type { Listing } from "../../domain/bds/listing.ts";
import type { Transaction } from "./kinds.ts";
import { snap, vi } from "./numbers.ts";
import type { Draw } from "./random.ts";
import { pick, weighted } from "./random.ts";

/** What is asked, and how the seller wrote it. `text` is absent where the page says nothing. */
export interface Quote {
  readonly vnd: number | null;
  readonly unit: Listing["price_unit"];
  readonly text: string | undefined;
  /** Name of the shape in SHAPES. */
  readonly shape: string;
}

interface Shape {
  readonly name: string;
  readonly weight: number;
  readonly unit: Listing["price_unit"];
  /** The amount is snapped to this many VND, so that the text says exactly it. */
  readonly step: number;
  /** Where the shape is only ever seen on such amounts: drawn from here instead. */
  readonly within?: readonly [low: number, high: number];
  readonly write: (vnd: number, draw: Draw) => string;
}

/** "1.600 tỷ": on a small flat it could only mean 1,6 tỷ, so it is asked for large grounds alone. */
const GRAND = "dot thousands";
const GRAND_FROM_M2 = 1000;
const GRAND_SHARE = 0.15;
const BILLION = 1e9;
const MILLION = 1e6;
const NBSP = "\u00a0";

/** "1,95 tỷ" or "895 triệu": the commonest way. */
const common = (vnd: number) => (vnd >= BILLION ? `${vi(vnd / BILLION)} tỷ` : `${vi(vnd / MILLION)} triệu`);
const millions = (vnd: number) => `${vi(vnd / MILLION)} triệu`;
const dotted = (vnd: number) => (vnd >= BILLION ? `${vnd / BILLION} tỷ` : `${vnd / MILLION} triệu`);

function pair(vnd: number): string {
  const big = Math.floor(vnd / BILLION);
  const rest = (vnd % BILLION) / MILLION;
  return big === 0 ? `${rest} triệu` : rest === 0 ? `${big} tỷ` : `${big} tỷ ${rest} triệu`;
}

const SALE: readonly Shape[] = [
  { name: "comma", weight: 46, unit: "total", step: 10 * MILLION, write: common },
  { name: "pair", weight: 8, unit: "total", step: MILLION, write: pair },
  { name: "dot decimal", weight: 5, unit: "total", step: 100 * MILLION, write: dotted },
  { name: "dot decimals", weight: 2, unit: "total", step: 10 * MILLION, write: dotted },
  // Only for what can cost so much: see GRAND.
  { name: GRAND, weight: 0, unit: "total", step: 50 * BILLION, within: [1000, 2400], write: (vnd) => `${vi(vnd / BILLION)} tỷ` },
  { name: "đồng", weight: 3, unit: "total", step: MILLION, write: (vnd, draw) => `${vi(vnd)} ${pick(draw, ["đ", "VNĐ", "đồng", "VND"])}` },
  {
    name: "prefix",
    weight: 4,
    unit: "total",
    step: 10 * MILLION,
    write: (vnd, draw) => `${pick(draw, ["Giá: ", "Giá bán: ", "Giá ", "Mức giá: "])}${common(vnd)}`,
  },
  {
    name: "odd case",
    weight: 3,
    unit: "total",
    step: 10 * MILLION,
    write: (vnd, draw) => pick(draw, [common(vnd).toUpperCase(), common(vnd).replace("tỷ", "Tỷ").replace("triệu", "Triệu")]),
  },
  { name: "NBSP", weight: 6, unit: "total", step: 10 * MILLION, write: (vnd) => common(vnd).replace(" ", NBSP) },
  {
    name: "white space",
    weight: 2,
    unit: "total",
    step: 10 * MILLION,
    write: (vnd) => `\n        ${common(vnd).replace(" ", "  ")}\n      `,
  },
  { name: "no space", weight: 2, unit: "total", step: 10 * MILLION, write: (vnd) => common(vnd).replace(" ", "") },
  { name: "tỉ", weight: 3, unit: "total", step: 10 * MILLION, write: (vnd) => common(vnd).replace("tỷ", "tỉ") },
  { name: "NFD", weight: 2, unit: "total", step: 10 * MILLION, write: (vnd) => common(vnd).normalize("NFD") },
  { name: "triệu/m²", weight: 7, unit: "per_m2", step: 10_000, write: (vnd) => `${millions(vnd)}/m²` },
  { name: "tr/m²", weight: 3, unit: "per_m2", step: 100_000, write: (vnd) => `${vi(vnd / MILLION)} tr/m²` },
  { name: "triệu / m2", weight: 2, unit: "per_m2", step: 100_000, write: (vnd) => `${vi(vnd / MILLION)} Triệu / m2` },
  { name: "đ/m²", weight: 2, unit: "per_m2", step: 1000, write: (vnd) => `${vi(vnd)} đ/m²` },
  { name: "tỷ/m²", weight: 0.5, unit: "per_m2", step: 10 * MILLION, within: [1.01, 1.9], write: (vnd) => `${vi(vnd / BILLION)} tỷ/m²` },
  {
    name: "nghìn/m²",
    weight: 1,
    unit: "per_m2",
    step: 10_000,
    within: [0.0003, 0.00099],
    write: (vnd, draw) => `${vi(vnd / 1000)} ${pick(draw, ["nghìn", "ngàn"])}/m²`,
  },
];

const RENT: readonly Shape[] = [
  { name: "triệu/tháng", weight: 44, unit: "per_month", step: 100_000, write: (vnd) => `${millions(vnd)}/tháng` },
  { name: "NBSP /tháng", weight: 7, unit: "per_month", step: 100_000, write: (vnd) => ` ${millions(vnd)} /${NBSP}tháng` },
  {
    name: "pair /tháng",
    weight: 5,
    unit: "per_month",
    step: 100_000,
    write: (vnd) => {
      const rest = (vnd % MILLION) / 1000;
      return `${Math.floor(vnd / MILLION)} triệu${rest === 0 ? "" : ` ${rest} nghìn`}/tháng`;
    },
    within: [0.002, 0.06],
  },
  {
    name: "đ/tháng",
    weight: 4,
    unit: "per_month",
    step: 50_000,
    write: (vnd, draw) => pick(draw, [`${vi(vnd)} đ/tháng`, `${vnd} đ/tháng`]),
  },
  {
    name: "nghìn/tháng",
    weight: 3,
    unit: "per_month",
    step: 50_000,
    within: [0.0006, 0.00095],
    write: (vnd) => `${vi(vnd / 1000)} nghìn/tháng`,
  },
  {
    name: "tr/tháng",
    weight: 5,
    unit: "per_month",
    step: 100_000,
    write: (vnd, draw) => `${vi(vnd / MILLION)} ${pick(draw, ["tr", "Tr", "TRIỆU"])}/tháng`,
  },
  { name: "prefix /tháng", weight: 4, unit: "per_month", step: 100_000, write: (vnd) => `Giá thuê: ${millions(vnd)}/tháng` },
  { name: "tỷ/tháng", weight: 1, unit: "per_month", step: 10 * MILLION, within: [1, 1.9], write: (vnd) => `${vi(vnd / BILLION)} tỷ/tháng` },
  {
    name: "nghìn/m²/tháng",
    weight: 7,
    unit: "per_m2_month",
    step: 1000,
    write: (vnd, draw) => `${vi(vnd / 1000)} ${pick(draw, ["nghìn", "ngàn"])}/m²/tháng`,
  },
  { name: "triệu/m²/tháng", weight: 2, unit: "per_m2_month", step: 10_000, write: (vnd) => `${millions(vnd)}/m²/tháng` },
  { name: "đ/m²/tháng", weight: 2, unit: "per_m2_month", step: 1000, write: (vnd) => `${vi(vnd)} đ/m²/tháng` },
];

const SILENT: readonly (Pick<Shape, "name" | "weight" | "unit"> & { texts: readonly (string | undefined)[] })[] = [
  {
    name: "negotiable",
    weight: 6,
    unit: "negotiable",
    texts: ["Thỏa thuận", "Thỏa thuận", "Giá thỏa thuận", "Thoả thuận", "THỎA THUẬN", `Giá${NBSP}thỏa thuận`],
  },
  { name: "missing", weight: 2, unit: "unknown", texts: [undefined] },
  { name: "no unit", weight: 1.5, unit: "unknown", texts: ["3,5", "12", "6.8", "950"] },
];

export const SHAPES = { sale: [...SALE, ...SILENT], rent: [...RENT, ...SILENT] } as const satisfies Record<Transaction, readonly object[]>;

const isSilent = (shape: Shape | (typeof SILENT)[number]): shape is (typeof SILENT)[number] => "texts" in shape;

/** `perM2` is what such a property goes for, in VND per m² (rent: and month). */
export function drawQuote(draw: Draw, transaction: Transaction, perM2: number, area: number): Quote {
  const shapes: readonly (Shape | (typeof SILENT)[number])[] = SHAPES[transaction];
  const drawn = weighted(draw, shapes, (shape) => shape.weight);
  const grand = area >= GRAND_FROM_M2 && draw() < GRAND_SHARE ? shapes.find(({ name }) => name === GRAND) : undefined;
  const shape = grand ?? drawn;
  if (isSilent(shape)) return { vnd: null, unit: shape.unit, text: pick(draw, shape.texts), shape: shape.name };
  const whole = shape.unit === "total" || shape.unit === "per_month";
  const [low, high] = shape.within ?? [0, 0];
  const amount = shape.within ? (low + draw() * (high - low)) * BILLION : whole ? perM2 * area : perM2;
  const vnd = snap(amount, shape.step);
  return { vnd, unit: shape.unit, text: shape.write(vnd, draw), shape: shape.name };
}

/** What the page shows beside the price: the rate where the whole is quoted, the whole where the rate is. */
export function besides(quote: Quote, area: number | null): { perM2: number | null; total: number | null } {
  if (quote.vnd === null || area === null || area === 0) return { perM2: null, total: null };
  if (quote.unit === "total" || quote.unit === "per_month") return { perM2: quote.vnd / area, total: null };
  return { perM2: quote.vnd, total: quote.vnd * area };
}
