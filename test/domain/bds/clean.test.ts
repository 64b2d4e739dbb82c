import type { PipelineContext } from "arachne";
import { Drop } from "arachne";
import { describe, expect, it } from "vitest";
import { Listing, listingSchema, type RawListing } from "../../../domain/bds/listing.ts";
import clean from "../../../pipelines/clean.ts";
import { settingsSchema } from "../../../src/core/settings-schema.ts";

const NOW = new Date("2026-07-08T02:00:00.000Z");
const silent = (): void => undefined;
const context: PipelineContext = {
  log: { debug: silent, info: silent, warn: silent, error: silent },
  signal: new AbortController().signal,
  now: () => NOW,
  settings: {
    ...settingsSchema.parse({}),
    BDS_START_URL: "demo",
    BDS_TOPIC: "batdongsan",
    BDS_GONE_AFTER_DAYS: 30,
    ES_INDEX: "batdongsan",
    KAFKA_TOPIC: "stream-events",
    KAFKA_GROUP_ID: "stream_events",
    CLICKHOUSE_TABLE: "stream_events",
    BATCH_INTERVAL_SECONDS: 10,
    EVENTS_DEDUP_WINDOW: 3600,
  },
  spider: "bds_spider",
  item: Listing,
  crawl: { id: 1, startedAt: NOW },
  origin: "demo",
};

/** As `replay` hands rows over: any field may be missing, or another kind of value. */
async function cleaned(...items: readonly object[]): Promise<readonly (Listing | Drop)[]> {
  return clean.process(items as RawListing[], context);
}

async function listing(item: object): Promise<Listing> {
  const [out] = await cleaned(item);
  if (out === undefined || out instanceof Drop) throw new Error(`dropped: ${out?.reason}`);
  return out;
}

const PAGE = {
  link: "https://batdongsan.com.vn/ban-can-ho-chung-cu-duong-pham-van-nghi-phuong-tan-phong-prj-sky-garden-3/ban-3pn-pr46002296?utm_source=home#photos",
  title: "  Bán căn hộ\u00a0Sky Garden 3,\n 3PN ",
  price: "6,28 tỷ",
  price_per_m2: "~87,83 triệu/m²",
  area: "71,5 m²",
  address: "Sky Garden 3, Đường Phạm Văn Nghị, Phường Tân Phong, Quận 7, Hồ Chí Minh (Phường Tân Hưng, Hồ Chí Minh mới)",
  posted: "Hôm qua",
  bedrooms: "3 PN",
  property_type: "Bán / Hồ Chí Minh / Quận 7 / Căn hộ chung cư tại Sky Garden 3",
  latitude: "10.7297",
  longitude: 106.7085,
  crawled_at: "2026-07-08T01:00:00.000Z",
  source: "batdongsan.com.vn",
} satisfies RawListing;

describe("clean", () => {
  it("makes a full Listing of a page's text, with the found text beside it", async () => {
    expect(await listing(PAGE)).toEqual({
      link: "https://batdongsan.com.vn/ban-can-ho-chung-cu-duong-pham-van-nghi-phuong-tan-phong-prj-sky-garden-3/ban-3pn-pr46002296",
      listing_id: "46002296",
      title: "Bán căn hộ Sky Garden 3, 3PN",
      transaction: "sale",
      property_type: "apartment",
      price_vnd: 6_280_000_000,
      price_unit: "total",
      price_per_m2_vnd: 87_830_000,
      area_m2: 71.5,
      bedrooms: 3,
      address: PAGE.address,
      ward: "Phường Tân Phong",
      ward_code: "27490",
      district: "Quận 7",
      district_code: "778",
      province: "Thành phố Hồ Chí Minh",
      province_code: "79",
      ward_2025: "Phường Tân Hưng",
      ward_2025_code: "27475",
      province_2025: "Thành phố Hồ Chí Minh",
      province_2025_code: "79",
      latitude: 10.7297,
      longitude: 106.7085,
      posted_at: "2026-07-07",
      crawled_at: "2026-07-08T01:00:00.000Z",
      source: "batdongsan.com.vn",
      partial: false,
      raw: { price: "6,28 tỷ", area: "71,5 m²", address: PAGE.address, posted: "Hôm qua" },
    });
  });

  it("gives every key of the schema, null where nothing is known, and the result fits the schema", async () => {
    const bare = await listing({ link: "https://example.com/1", title: "Tin" });
    expect(Object.keys(bare)).toEqual(Object.keys(listingSchema.shape));
    expect(listingSchema.safeParse(bare).error).toBeUndefined();
    expect(bare).toMatchObject({ price_vnd: null, price_unit: "unknown", area_m2: null, province: null, posted_at: null, partial: false });
    expect(bare.raw).toEqual({ price: null, area: null, address: null, posted: null });
  });

  it("takes the run's clock and the link's host where a file has neither crawl time nor source", async () => {
    const out = await listing({ link: "https://www.nhatot.com/mua-ban-dat/125309749.htm", title: "Đất", posted: "2 giờ trước" });
    expect(out).toMatchObject({ crawled_at: NOW.toISOString(), source: "nhatot.com", posted_at: "2026-07-08", listing_id: "125309749" });
  });

  it("accepts numbers and nulls where JSON has them, and guesses no unit for a bare price", async () => {
    const out = await listing({
      link: "https://example.com/1",
      title: "Tin",
      price: 3_980_000_000,
      area: 50.456,
      bedrooms: 2,
      latitude: null,
      posted: null,
    });
    expect(out).toMatchObject({ price_vnd: null, price_unit: "unknown", area_m2: 50.46, bedrooms: 2, latitude: null });
    expect(out.raw).toEqual({ price: "3980000000", area: "50.456", address: null, posted: null });
  });

  it("keeps partial where the crawl set it, as a flag or as a file's text", async () => {
    expect((await listing({ ...PAGE, partial: true })).partial).toBe(true);
    expect((await listing({ ...PAGE, partial: "true" })).partial).toBe(true);
    expect((await listing({ ...PAGE, partial: "false" })).partial).toBe(false);
  });

  it("drops rows that are no listing, each with its reason, and keeps the order", async () => {
    const out = await cleaned(
      PAGE,
      { link: "detail_link", title: "Tiêu đề", price: "Mức giá", area: "Diện tích" },
      { link: "", title: "Không có liên kết" },
      { link: "javascript:void(0)", title: "Nút" },
      { link: "https://example.com/2", title: " \u00a0 " },
      { link: "https://example.com/3", title: "Giá" },
    );
    expect(out.map((o) => (o instanceof Drop ? o.reason : o.title))).toEqual([
      "Bán căn hộ Sky Garden 3, 3PN",
      "header_row",
      "no_link",
      "no_link",
      "no_title",
      "Giá",
    ]);
  });

  it("a rent without a period is by the month, as sites of rentals leave it out", async () => {
    const rent = { link: "https://mogi.vn/quan-7/thue-can-ho/x-id1", title: "Căn hộ" };
    expect(await listing({ ...rent, price: "20 triệu", area: "80 m2" })).toMatchObject({
      transaction: "rent",
      price_unit: "per_month",
      price_vnd: 20_000_000,
      price_per_m2_vnd: 250_000,
    });
    expect(await listing({ ...rent, price: "80 ngàn / m" })).toMatchObject({ price_unit: "per_m2_month", price_per_m2_vnd: 80_000 });
  });

  it("computes the price per m² only where the page does not state it", async () => {
    const sale = { link: "https://example.com/ban-nha-x/1", title: "Nhà", area: "100 m²" };
    expect((await listing({ ...sale, price: "5 tỷ" })).price_per_m2_vnd).toBe(50_000_000);
    expect((await listing({ ...sale, price: "5 tỷ", price_per_m2: "49,9 triệu/m²" })).price_per_m2_vnd).toBe(49_900_000);
    expect((await listing({ ...sale, price: "5 tỷ · 48 tr/m²" })).price_per_m2_vnd).toBe(48_000_000);
    expect(await listing({ ...sale, price: "45 triệu/m²" })).toMatchObject({
      price_vnd: 45_000_000,
      price_unit: "per_m2",
      price_per_m2_vnd: 45_000_000,
    });
    expect((await listing({ ...sale, price: "Thỏa thuận" })).price_per_m2_vnd).toBeNull();
  });

  it("reads an address without a district by when the listing was posted", async () => {
    const item = { link: "https://example.com/1", title: "Tin", address: "Phường Tam Bình, Hồ Chí Minh" };
    expect((await listing({ ...item, posted: "17/10/2024" })).ward).toBe("Phường Tam Bình");
    expect(await listing({ ...item, posted: "17/10/2025" })).toMatchObject({ ward: null, ward_2025: "Phường Tam Bình" });
  });

  it("puts no coordinates where a site writes nought, and none beyond the globe", async () => {
    const item = { link: "https://example.com/1", title: "Tin" };
    expect(await listing({ ...item, latitude: "0", longitude: 0 })).toMatchObject({ latitude: null, longitude: null });
    expect(await listing({ ...item, latitude: "106.7", longitude: "10.7" })).toMatchObject({ latitude: null, longitude: 10.7 });
  });

  it("survives values of any kind in any field", async () => {
    const odd: readonly unknown[] = [
      null,
      undefined,
      true,
      Number.NaN,
      Infinity,
      [],
      {},
      "\u0000",
      "💎".repeat(500),
      "1".repeat(400),
      "(".repeat(400),
      "9,".repeat(200),
      "phường xã quận 1 - ".repeat(20_000),
    ];
    for (const value of odd) {
      const fields = [
        "price",
        "price_per_m2",
        "area",
        "address",
        "address_2025",
        "posted",
        "bedrooms",
        "property_type",
        "transaction",
        "listing_id",
        "latitude",
        "crawled_at",
        "source",
      ];
      const out = await listing({ link: "https://example.com/1", title: "Tin", ...Object.fromEntries(fields.map((f) => [f, value])) });
      expect(listingSchema.safeParse(out).error).toBeUndefined();
    }
  });
});
