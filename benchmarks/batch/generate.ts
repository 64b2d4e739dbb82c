import { closeSync, openSync, writeSync } from "node:fs";

const CHUNK = 5000;

/**
 * Deterministic listings as JSON lines of about 350 bytes: fields that are not known are left out. A fifth of them are an earlier listing crawled
 * again, a tenth of those at another price; a twentieth break a rule. 63 provinces, unevenly as in life. Returns the bytes.
 */
export function writeListings(file: string, rows: number): number {
  const fd = openSync(file, "w");
  let bytes = 0;
  try {
    for (let at = 0; at < rows; at += CHUNK) {
      const lines: string[] = [];
      for (let i = at; i < Math.min(at + CHUNK, rows); i++) lines.push(JSON.stringify(listing(i)));
      bytes += writeSync(fd, `${lines.join("\n")}\n`);
    }
  } finally {
    closeSync(fd);
  }
  return bytes;
}

const BROKEN = [{ title: "" }, { link: "bds.vn/tin" }, { price_vnd: -1 }, { price_unit: "unit" }, { crawled_at: "hôm qua" }] as const;

function listing(i: number): object {
  const again = i % 5 === 4;
  const id = again ? mixed(i) % i : i;
  const h = mixed(id);
  const province = Math.floor((((h >>> 3) % 1000) ** 2 / 1e6) * 63) + 1;
  const code = String(province).padStart(2, "0");
  const rent = h % 3 === 0;
  const price = 1_000_000 * ((h % 9000) + 1 + (again && i % 50 === 4 ? 7 : 0));
  const area = ((h >>> 5) % 20_000) / 100 + 10;
  const row = {
    link: `https://bds.vn/nha-pr${40_000_000 + id}`,
    title: `Nhà đẹp số ${id}, sổ hồng`,
    transaction: rent ? "rent" : "sale",
    property_type: h % 4 === 0 ? "land" : "house",
    price_vnd: price,
    price_unit: rent ? "per_month" : "total",
    ...(h % 2 === 0 ? {} : { price_per_m2_vnd: Math.round(price / area) }),
    area_m2: area,
    ...(h % 50 === 0
      ? {}
      : { district: `Quận ${h % 12}`, district_code: `${code}${h % 12}`, province: `Tỉnh ${province}`, province_code: code }),
    crawled_at: new Date(1.79e12 + i * 100).toISOString(),
    source: "bds.vn",
    partial: false,
    raw: {},
  };
  return i % 20 === 7 ? { ...row, ...BROKEN[((i / 20) % BROKEN.length) | 0] } : row;
}

/** Spreads neighbours over the 32-bit numbers. */
function mixed(n: number): number {
  let x = Math.imul(n ^ (n >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return (x ^ (x >>> 16)) >>> 0;
}
