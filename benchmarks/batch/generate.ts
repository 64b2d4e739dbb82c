import { closeSync, openSync, writeSync } from "node:fs";

const CHUNK = 5000;

/** Deterministic listings over 63 provinces, unevenly as in life; every twentieth is an earlier one again. Returns the bytes. */
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

function listing(i: number): object {
  const id = i % 20 === 19 ? i - 7 : i;
  const province = Math.floor((((i * 7919) % 1000) ** 2 / 1e6) * 63);
  const code = String(province + 1).padStart(2, "0");
  const place = i % 50 === 0 ? null : `Tỉnh số ${province}`;
  const price = 1_000_000 * (((i * 31) % 9000) + 1);
  const rent = i % 3 === 0;
  return {
    link: `https://bds.example/ban-nha-rieng-duong-so-${id % 97}/nha-dep-${id}-pr${40_000_000 + id}`,
    listing_id: String(40_000_000 + id),
    title: `Bán nhà đẹp số ${id} mặt tiền, sổ hồng riêng`,
    transaction: rent ? "rent" : "sale",
    property_type: "house",
    price_vnd: price,
    price_unit: rent ? "per_month" : "total",
    price_per_m2_vnd: i % 5 === 0 ? null : 1000 * ((i % 9000) + 1),
    area_m2: (i % 20_000) / 100 + 10,
    bedrooms: i % 6,
    address: `Đường ${i % 97}, Phường ${i % 30}, Tỉnh số ${province}`,
    ward: `Phường ${i % 30}`,
    ward_code: String(10_000 + (i % 3000)),
    district: place === null ? null : `Quận ${i % 12}`,
    district_code: place === null ? null : `${code}${i % 12}`,
    province: place,
    province_code: place === null ? null : code,
    ward_2025: null,
    ward_2025_code: null,
    province_2025: null,
    province_2025_code: null,
    latitude: 10.5,
    longitude: 106.7,
    posted_at: `2026-11-0${(i % 9) + 1}`,
    crawled_at: new Date(1.79e12 + i).toISOString(),
    source: "bds.example",
    partial: false,
    raw: { price: "1,2 tỷ", area: "50 m²", address: `Đường ${i % 97}`, posted: "Hôm nay" },
  };
}
