import type { Listing } from "../../domain/bds/listing.ts";
import type { TopicMessage } from "../../src/core/topic.ts";
import { listing } from "../jobs/listings.ts";

const AT = "2026-03-01T10:00:00.123Z";

/** Observations that two layers could take differently, two or more of one link and one millisecond among them. */
export function oddListings(): Listing[] {
  const twice = (n: number, one: Partial<Listing>, other: Partial<Listing>): Listing[] => [
    listing(n, { crawled_at: AT, ...one }),
    listing(n, { crawled_at: AT, ...other }),
  ];
  return [
    ...twice(1, { partial: true, price_vnd: 9 }, { partial: false, price_vnd: 1 }),
    ...twice(2, { price_vnd: null, price_unit: "negotiable" }, { price_vnd: 5 }),
    // By bytes of UTF-8 the emoji is greater, by UTF-16 units the ligature.
    ...twice(3, { title: "Nhà ﬀ" }, { title: "Nhà 😀" }),
    ...twice(4, { title: "Nhà" }, { title: "Nhà đẹp" }),
    ...twice(5, { latitude: 10.5 }, { latitude: 10.50000001 }),
    ...twice(6, { area_m2: 20.11 }, { area_m2: 100 }),
    ...twice(7, { posted_at: "2026-02-28" }, { posted_at: null }),
    ...twice(8, { bedrooms: 9 }, { bedrooms: 10 }),
    ...twice(
      9,
      { raw: { price: "1 tỷ", area: null, address: null, posted: null } },
      { raw: { price: null, area: "5 m²", address: null, posted: null } },
    ),
    ...twice(10, { transaction: "rent" }, { transaction: null }),
    // One millisecond, to whoever counts no finer.
    ...twice(11, { crawled_at: "2026-03-01T10:00:00.123456Z", price_vnd: 1 }, { crawled_at: "2026-03-01T10:00:00.123Z", price_vnd: 2 }),
    listing(12, { crawled_at: "2026-03-01T10:00:00Z", title: "Không có mili giây" }),
    listing(13, { crawled_at: AT, latitude: -1.2686935, longitude: 106.0000005 }),
    listing(14, { crawled_at: AT, latitude: 10, longitude: 106.12345678901234 }),
    listing(15, { crawled_at: AT, area_m2: 1.005, price_vnd: Number.MAX_SAFE_INTEGER }),
    listing(16, { crawled_at: AT, area_m2: 2.675, title: "Nhà\u0000 \u00a0 \"'\\ \u2028 ê e\u0302" }),
    listing(17, { crawled_at: AT, area_m2: 0.1, listing_id: "" }),
    // Long ago, so the batch takes it to be gone; and seen again since.
    listing(18, { crawled_at: "2026-01-01T00:00:00.000Z" }),
    listing(19, { crawled_at: "2026-01-01T00:00:00.000Z" }),
    listing(19, { crawled_at: AT }),
  ];
}

/** As producers send it. */
export function toMessage(item: Listing): TopicMessage {
  return {
    key: item.link,
    value: JSON.stringify(item),
    headers: { item: "listing", origin: item.link.startsWith("http://bds.demo/") ? "demo" : "a.example" },
  };
}

/** What no layer may take, with the reason, and odd spellings of what both take: for a topic that others write to. */
export function oddMessages(now: Date): { message: TopicMessage; rejected?: string }[] {
  const odd = (n: number, change: (row: Record<string, unknown>) => void, rejected?: string) => {
    const row: Record<string, unknown> = { ...listing(n, { crawled_at: AT }) };
    change(row);
    const message = { ...toMessage(row as unknown as Listing) };
    return rejected === undefined ? { message } : { message, rejected };
  };
  const spelled = (n: number, from: string, to: string, rejected?: string) => {
    const { message } = odd(n, () => undefined);
    const value = message.value.replace(from, to);
    return rejected === undefined ? { message: { ...message, value } } : { message: { ...message, value }, rejected };
  };
  return [
    odd(100, (row) => (row["crawled_at"] = new Date(now.getTime() + 3_600_001).toISOString()), "crawled_at: future"),
    odd(101, (row) => (row["crawled_at"] = new Date(now.getTime() + 3_599_999).toISOString())),
    odd(102, (row) => (row["crawled_at"] = "1969-12-31T23:59:59.999Z"), "crawled_at: before_1970"),
    odd(116, (row) => (row["crawled_at"] = "2026-03-01T10:00Z"), "crawled_at: pattern"),
    odd(103, (row) => (row["title"] = ""), "title: minLength"),
    odd(104, (row) => (row["link"] = "http://bds.demo/tin\u00a01"), "link: pattern"),
    odd(105, (row) => delete row["title"], "title: required"),
    odd(106, (row) => (row["price_vnd"] = -1), "price_vnd: minimum"),
    odd(107, (row) => (row["price_unit"] = "each"), "price_unit: enum"),
    odd(108, (row) => (row["bedrooms"] = 1.5), "bedrooms: type"),
    // A producer that does not know these columns yet.
    odd(109, (row) => {
      delete row["bedrooms"];
      delete row["latitude"];
      row["raw"] = { price: "1 tỷ" };
    }),
    odd(110, (row) => (row["title"] = "Nhà \ud83d")),
    odd(111, (row) => (row["unheard_of"] = { a: [1, "\ud83d"] })),
    spelled(112, '"bedrooms":', '"bedrooms":7,"bedrooms":'),
    spelled(113, '"longitude":106.7', '"longitude":1.067e2'),
    spelled(114, '"longitude":106.7', '"longitude":1e400', "longitude: type"),
    spelled(115, '"title":"B', '"title":"\\ud83d\\ude00 \\u0042'),
  ];
}
