import { describe, expect, it } from "vitest";
import { parseArea } from "../../../domain/bds/area.ts";
import { parsePrice, parsePricePerM2 } from "../../../domain/bds/price.ts";
import { readArea, readPrice } from "./independent_reading.ts";
import { absent, rows, type Row } from "./real_rows.ts";

type Columns = readonly string[];
/** Which columns of each file hold prices, prices per m², areas; several joined by a space are `a+b`. */
const FILES: Readonly<Record<string, { price?: Columns; perM2?: Columns; area: Columns; header?: false }>> = {
  "alonhadat_can_ban_2023.csv": { price: ["14"], area: ["1"], header: false },
  "alonhadat_cho_thue_2023.csv": { price: ["14"], area: ["1"], header: false },
  "alonhadat_intro_ds_2024.json": { area: ["area"] },
  "anhpham_alonhadat_2020.csv": { price: ["price"], area: ["square_meter"] },
  "bds_hanoi_2026.json": { price: ["price"], area: ["area"] },
  "bds_hcm_2024_raw.csv": { price: ["price"], area: ["area"] },
  "bds_khdl_n7_2025.json": { price: ["price"], area: ["area"] },
  "bds_vietnam_housing_2024.csv": { area: ["Area"] },
  "bds_vinh5905_2024.csv": { price: ["Mức giá"], area: ["Diện tích", "area"] },
  "benminh_batdongsan_2023.csv": { price: ["Price+Price Unit"], area: ["Area+Area Unit"] },
  "datnguyen_alonhadat_2020.csv": { area: ["square_meter"] },
  "dungdeta_batdongsan_2025.csv": { price: ["Mức giá"], area: ["Diện tích (m2)"] },
  "dungdeta_bds_details_2_2025.json": { price: ["Mức giá"], area: ["Diện tích"] },
  "dungdeta_nhatot_details_2025.json": { perM2: ["Giá/m²"], area: ["Diện tích đất", "Diện tích sử dụng"] },
  "khaixinh_nhatot_2025.csv": { price: ["price"], perM2: ["price_per_unit"], area: ["size", "living_area"] },
  "letriduc_batdongsan_2025.csv": { price: ["Khoảng giá"], area: ["Diện tích"] },
  "nhatot_manax_2025.csv": { price: ["Price"], perM2: ["Price per m2"], area: ["Area"] },
  "nhatot_properties_2025.csv": { price: ["price"], area: ["area"] },
  "phuoc_properties_2024.csv": { price: ["Mức giá"], area: ["Diện tích"] },
  "quybuno_batdongsan1_2025.csv": { price: ["price"], area: ["Diện tích đất", "Diện tích sử dụng"] },
  "radar_batdongsan_2026.json": { price: ["price_raw"], area: ["area_m2"] },
  "radar_mogi_2026.json": { area: ["area_m2"] },
  "radar_seed_listings_2026.json": { area: ["area_m2"] },
  "recrawl-series/bds_2.json": { price: ["price_raw"], area: ["area_m2"] },
  "recrawl-series/bds_6.json": { price: ["price_raw"], area: ["area_m2"] },
  "thanhtuyen_batdongsan_2018.csv": { price: ["Price"], area: ["Area"] },
};

/** Texts that carry no amount in đồng: no unit of money, a bound, or nothing at all. */
function noAmount(text: string): boolean {
  return !/tỷ|triệu|tr\/|nghìn|ngàn|đ|vnđ|thỏa/i.test(text) || text.startsWith("<");
}

function cell(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

interface Tally {
  right: number;
  all: number;
  wrong: string[];
}

function check(text: string, tally: Tally, ours: unknown, theirs: unknown): void {
  tally.all++;
  if (ours === theirs) tally.right++;
  else if (!tally.wrong.includes(text)) tally.wrong.push(`${JSON.stringify(text)}: ${String(ours)}, read otherwise as ${String(theirs)}`);
}

describe.skipIf(absent)("prices and areas of the real listings", () => {
  const price: Tally = { right: 0, all: 0, wrong: [] };
  const area: Tally = { right: 0, all: 0, wrong: [] };
  const unparsed = new Set<string>();

  for (const [file, { header, ...columns }] of absent ? [] : Object.entries(FILES)) {
    const all = rows(file, header !== false);
    const texts = (names: Columns = []): string[] =>
      names.flatMap((name) =>
        all.map((row: Row) =>
          name
            .split("+")
            .map((n) => cell(row[n]))
            .join(" "),
        ),
      );
    for (const text of texts(columns.price)) {
      if (noAmount(text)) continue;
      const theirs = readPrice(text);
      const { vnd, unit } = parsePrice(text);
      if (!theirs || (vnd === null && unit !== "negotiable")) unparsed.add(text);
      check(text, price, `${vnd} ${unit}`, theirs && `${theirs.value} ${theirs.unit}`);
    }
    for (const text of texts(columns.perM2)) {
      if (noAmount(text)) continue;
      check(text, price, parsePricePerM2(text), readPrice(text)?.value);
    }
    for (const text of texts(columns.area)) {
      const theirs = readArea(text);
      const ours = parseArea(text);
      if (theirs === undefined || (ours === null) !== (theirs === null)) unparsed.add(text);
      check(text, area, ours, theirs === null || theirs === undefined ? theirs : theirs / 100);
    }
  }

  it("at least 99.5 % of the prices that carry a unit are right against an independent reading", () => {
    if (price.wrong.length > 0) console.info(`prices read differently:\n${price.wrong.join("\n")}`);
    expect(price.all).toBeGreaterThan(45_000);
    expect(price.right / price.all).toBeGreaterThanOrEqual(0.995);
  });

  it("at least 99.5 % of all area texts are right against an independent reading", () => {
    if (area.wrong.length > 0) console.info(`areas read differently:\n${area.wrong.join("\n")}`);
    expect(area.all).toBeGreaterThan(89_000);
    expect(area.right / area.all).toBeGreaterThanOrEqual(0.995);
  });

  it("lists every shape that is not parsed, and there are none beside what is known", () => {
    if (unparsed.size > 0) console.info(`not parsed:\n${[...unparsed].join("\n")}`);
    expect([...unparsed]).toEqual([]);
  });
});
