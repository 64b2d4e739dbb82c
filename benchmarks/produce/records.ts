export const BATCH = 500;
const headers = { item: "listing", spider: "bds_spider", crawl: "2026-11-21T00:00:00.000Z" };

/** Listings of 1 kB, some thousands of them over and over, under keys that are all different. */
const pool = Array.from({ length: 4096 }, (_, i) => {
  const words = Array.from({ length: 110 }, (_, w) => ((i * 7919 + w * 104_729) % 99_991).toString(36)).join(" ");
  return JSON.stringify({
    link: `http://bds.demo/ban-can-ho/pr${i}`,
    price: i * 1_000_000,
    area_m2: "75.50",
    title: "Bán căn hộ 2 phòng ngủ",
    description: words,
  }).padEnd(1024);
});

/** The batch that begins at number `at` of so many records. */
export function batchAt(at: number, records: number): { key: string; value: string; headers: typeof headers }[] {
  return Array.from({ length: Math.min(BATCH, records - at) }, (_, i) => ({
    key: `http://bds.demo/ban-can-ho-chung-cu-phuong-12/pr${at + i}`,
    value: pool[(at + i) % pool.length]!,
    headers,
  }));
}
