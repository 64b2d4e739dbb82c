import { z } from "zod";
import { defineItem, type ItemType } from "arachne";
import { Listing } from "../../../domain/bds/listing.ts";

/** Every construct that a schema may use, so that the compiled rules are compared with zod on all of them. */
export const Everything = defineItem({
  name: "everything",
  key: ["id"],
  schema: z.object({
    id: z.string().min(2).max(5),
    code: z.string().regex(/^[a-z]{2}\d+$/),
    both: z.string().startsWith("a").endsWith("b").includes("c").optional(),
    url: z.url().nullable(),
    mail: z.email().optional(),
    day: z.iso.date(),
    at: z.iso.datetime({ offset: true }).nullish(),
    one: z.literal("x"),
    level: z.union([z.literal(1), z.literal(2)]),
    kind: z.enum(["p", "q"]).nullable(),
    whole: z.int().min(-5).max(50),
    step: z.number().multipleOf(0.1).optional(),
    ratio: z.number().gt(0).lt(1),
    flag: z.boolean(),
    mixed: z.union([z.string(), z.number()]),
    list: z.array(z.string().min(1).nullable()).min(1).max(3).optional(),
    map: z.record(z.string(), z.int()).optional(),
    inner: z.object({ a: z.int().nullable(), deep: z.object({ b: z.boolean() }).optional() }),
    strict: z.strictObject({ a: z.string().optional() }).optional(),
    any: z.unknown().optional(),
    preset: z.string().default("none"),
  }),
});

export const everything = {
  id: "abc", code: "vn12", both: "acb", url: "https://example.com/a?b=1", mail: "a@example.com", day: "2024-02-29", at: "2025-01-01T10:00:00+07:00",
  one: "x", level: 1, kind: "p", whole: 7, step: 0.3, ratio: 0.5, flag: true, mixed: "s", list: ["a", null], map: { k: 1 },
  inner: { a: 1, deep: { b: true } }, strict: { a: "s" }, any: [1], preset: "set",
}; // prettier-ignore

export const listing = {
  link: "https://batdongsan.com.vn/ban-nha-pr1", listing_id: "1", title: "Bán nhà phố Hàng Bông", transaction: "sale", property_type: "house",
  price_vnd: 6_500_000_000, price_unit: "total", price_per_m2_vnd: 61_904_762, area_m2: 105.25, bedrooms: 3, address: "Hàng Bông, Hoàn Kiếm, Hà Nội",
  ward: "Phường Hàng Bông", ward_code: "00070", district: "Quận Hoàn Kiếm", district_code: "002", province: "Thành phố Hà Nội", province_code: "01",
  ward_2025: null, ward_2025_code: null, province_2025: "Thành phố Hà Nội", province_2025_code: "01", latitude: 21.03, longitude: 105.84,
  posted_at: "2025-10-17", crawled_at: "2025-10-18T03:04:05.678Z", source: "batdongsan.com.vn", partial: false,
  raw: { price: "6,5 tỷ", area: "105,25 m²", address: "Hàng Bông", posted: "Hôm nay" },
}; // prettier-ignore

export const samples: readonly [ItemType, Record<string, unknown>][] = [
  [Everything, everything],
  [Listing, listing],
];

const VALUES: readonly unknown[] = [
  undefined, null, "", " ", "a", "x", "p", "true", "5", "1e3", "NaN", "aaaaaaaaaa", "ab1", "vn1", "vn1\n", "axxcxxb", "đường 🏠", "http://x", "http://a b/", "http://x/\u00a0",
  "mailto:a@b.c", "not a url", "2024-02-30", "2023-02-29", "2024-02-29", "2024-1-5", "2025-10-18T03:04:05Z", "2025-10-18T03:04:05.6789Z", "2025-10-18T24:00:00Z",
  "2025-10-18T03:04:05", "2025-10-18 03:04:05Z", "2025-10-18T03:04:05+07:00", "sale", "per_month", 0, -0, 1, 2, -1, 0.1, 0.3, 0.7, 0.35, 1.5, 50, 51, 90.0001, -180, 180.5, 1e9, 1e9 + 1,
  9007199254740991, 9007199254740992, 1e21, Infinity, -Infinity, NaN, true, false, [], {}, [null], [""], ["a", "b", "c", "d"], { k: 1.5 }, { a: null }, { a: 1, deep: {} },
  { a: "s", other: 1 }, { price: null, area: null, address: null, posted: null }, { price: 5, area: null, address: null, posted: null },
]; // prettier-ignore

/** The sample with one to three fields changed, seeded: the same rows in every run. */
export function* mutations(
  sample: Record<string, unknown>,
  count: number,
  values: readonly unknown[] = VALUES,
): Generator<Record<string, unknown>> {
  let seed = 42;
  const random = (n: number) => ((seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) >>> 8) % n;
  const names = Object.keys(sample);
  for (const name of names) for (const value of values) yield { ...sample, [name]: value };
  for (let i = 0; i < count; i++) {
    const row: Record<string, unknown> = { ...sample };
    for (let n = random(3); n >= 0; n--) {
      const name = names[random(names.length)]!;
      if (random(8) === 0) delete row[name];
      else row[name] = values[random(values.length)];
    }
    if (random(20) === 0) row["unnamed"] = 1;
    yield row;
  }
}

/** Values whose text in a file keeps their type: what SQL over text columns can tell apart. */
export const TEXTUAL = VALUES.filter(
  (v) => v === null || (typeof v === "number" && Number.isFinite(v) && Math.abs(v) < 1e21) || (typeof v === "string" && v !== "NaN"),
);
