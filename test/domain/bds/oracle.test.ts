import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../domain/bds/address.ts";
import { nameKey } from "../../../domain/bds/fold.ts";
import { absent, DATA } from "./real_rows.ts";

interface Answer {
  address: string;
  ward: string | null;
  pc: string | null;
  dc: string | null;
  wc: string | null;
}

const FOLDER = join(DATA, "admin-units");
const answers: Answer[] = absent
  ? []
  : readFileSync(join(FOLDER, "oracle_addresses_vietnamadminunits_1.0.4.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Answer);

/** Whether the text has the ward's name, with or without its type; a number only behind "phường". */
function names(address: string, ward: string): boolean {
  const text = nameKey(address);
  const short = nameKey(ward.replace(/^(?:Phường|Xã|Thị trấn) /, ""));
  return /^\d+$/.test(short) ? new RegExp(`(?:phuong|p)0*${Number(short)}(?!\\d)`).test(text) : text.includes(short);
}

function share(of: readonly Answer[], right: (a: Answer) => boolean): number {
  return of.filter(right).length / of.length;
}

describe.skipIf(absent)("12,642 real addresses against the library vietnamadminunits", () => {
  it("have the same province in 99.5 % and district in 99 %", () => {
    expect(
      share(
        answers.filter((a) => a.pc),
        (a) => parseAddress(a.address).province_code === a.pc,
      ),
    ).toBeGreaterThanOrEqual(0.995);
    expect(
      share(
        answers.filter((a) => a.dc),
        (a) => parseAddress(a.address).district_code === a.dc,
      ),
    ).toBeGreaterThanOrEqual(0.99);
  });

  it("have the same ward in 97 % where the text names it, and in 97 % of all that have one", () => {
    const withWard = answers.filter((a) => a.wc !== null && a.ward !== null);
    const named = withWard.filter((a) => names(a.address, a.ward!));
    expect(named.length).toBeGreaterThan(10_000);
    expect(share(named, (a) => parseAddress(a.address).ward_code === a.wc)).toBeGreaterThanOrEqual(0.97);
    expect(share(withWard, (a) => parseAddress(a.address).ward_code === a.wc)).toBeGreaterThanOrEqual(0.97);
  });

  it("have the merged ward in 95 % where the text names a former one", () => {
    const merged = answers.filter(
      (a) => a.wc !== null && a.ward !== null && !names(a.address, a.ward) && /(?:phường|xã|thị trấn) /i.test(a.address),
    );
    expect(merged.length).toBeGreaterThan(500);
    expect(share(merged, (a) => parseAddress(a.address).ward_code === a.wc)).toBeGreaterThanOrEqual(0.95);
  });

  it("name units whose codes belong together", () => {
    for (const { address } of answers) {
      const a = parseAddress(address);
      if (a.ward) expect(a.district).not.toBeNull();
      if (a.district) expect(a.province).not.toBeNull();
      if (a.province) expect(a.province_2025).not.toBeNull();
    }
  });
});

describe.skipIf(absent)("10,687 wards as they were called between 2020 and 2025", () => {
  const lines = absent
    ? []
    : readFileSync(join(FOLDER, "vnadminunits_test_s_legacy_2020-2025.csv"), "utf8")
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .map((line) => line.replaceAll(",", ", "));

  it("are all placed in a province and district, and but for a few in a ward of today", () => {
    const places = lines.map((line) => parseAddress(line));
    expect(places.filter((p) => p.province === null)).toEqual([]);
    expect(places.filter((p) => p.district === null)).toEqual([]);
    expect(places.filter((p) => p.ward === null).length).toBeLessThanOrEqual(5);
  });
});
