import { createHash } from "node:crypto";
import { load } from "cheerio";
import { describe, expect, test } from "vitest";
import { SHAPES as ADDRESSES } from "../../demo/bds/addresses.ts";
import { SHAPES as AREAS } from "../../demo/bds/areas.ts";
import { catalog } from "../../demo/bds/ads.ts";
import { KINDS } from "../../demo/bds/kinds.ts";
import { PROVINCES } from "../../demo/bds/places.ts";
import { SHAPES as PRICES } from "../../demo/bds/prices.ts";
import { bdsDemo, createBdsDemo } from "../../demo/bds/site.ts";
import legacy from "../../domain/bds/generated/legacy.json" with { type: "json" };
import units2025 from "../../domain/bds/generated/units_2025.json" with { type: "json" };
import { pathOf, served } from "./ask.ts";

const truth = bdsDemo.truth();
const { listings } = truth;
const names = (shapes: readonly { name: string }[]) => new Set(shapes.map((shape) => shape.name));

describe("the demo site's listings", () => {
  test("are 1,280, of sales and rentals, over 43 provinces and 115 districts, thickest in the two big cities", () => {
    expect(truth.counts).toMatchObject({ listings: 1280, sale: 832, rent: 448, index_pages: 65, provinces: 43, districts: 115 });
    const inProvince = (code: string) => listings.filter((l) => l.province_code === code).length;
    for (const province of PROVINCES) expect(inProvince(province.code)).toBeGreaterThan(0);
    expect(inProvince("01") + inProvince("79")).toBeGreaterThan(500);
    expect(new Set(listings.map((l) => l.link)).size).toBe(1280);
  });

  test("stand in places that bear their official names and codes, before July 2025 and after", () => {
    const provinces = new Map(legacy.provinces.map(([code, name, now]) => [code, `${name} ${now}`]));
    const districts = new Map(legacy.districts.map(([code, name, province]) => [code, `${name} ${province}`]));
    const wards = new Map(
      Object.entries(legacy.wards).flatMap(([district, list]) =>
        list.map((ward) => {
          const [code = "", name, now = ""] = ward.split("|");
          return [code, { name, district, now: now.split("+") }];
        }),
      ),
    );
    const wardsNow = new Map(
      Object.entries(units2025.wards).flatMap(([province, list]) =>
        list.map((ward) => [ward.split("|")[0], `${ward.split("|")[1]} ${province}`]),
      ),
    );
    for (const province of PROVINCES) {
      expect(provinces.get(province.code)).toBe(`${province.name} ${province.now.code}`);
      expect(units2025.provinces).toContainEqual([province.now.code, province.now.name]);
      for (const district of province.districts) {
        expect(districts.get(district.code)).toBe(`${district.name} ${province.code}`);
        expect(district.latitude > 8 && district.latitude < 24 && district.longitude > 102 && district.longitude < 110).toBe(true);
        for (const { name, code, now, split } of district.wards) {
          const known = wards.get(code);
          expect([known?.name, known?.district]).toEqual([name, district.code]);
          expect(known?.now).toContain(now.code);
          expect([name, known?.now.length === 1]).toEqual([name, !split]);
          expect(wardsNow.get(now.code)).toBe(`${now.name} ${province.now.code}`);
        }
      }
    }
  });

  test("show every kind of property, and every shape of price, area, address and date", () => {
    for (const kind of [...KINDS.sale, ...KINDS.rent])
      expect(listings.some((l) => pathOf(l).startsWith(`/${kind.slug}-`) || pathOf(l).startsWith(`/${kind.slug}/`))).toBe(true);
    expect(new Set(listings.map((l) => l.shapes.price))).toEqual(names([...PRICES.sale, ...PRICES.rent]));
    expect(new Set(listings.map((l) => l.shapes.area))).toEqual(names([...AREAS, { name: "missing" }]));
    expect(new Set(listings.map((l) => l.shapes.address))).toEqual(names(ADDRESSES));
    expect(new Set(listings.map((l) => l.address_scheme))).toEqual(new Set(["old", "new", "both", "none"]));
    expect(new Set(listings.map((l) => l.price_unit))).toEqual(
      new Set(["total", "per_m2", "per_month", "per_m2_month", "negotiable", "unknown"]),
    );
    const dates = new Set(listings.map((l) => l.raw.posted?.replaceAll(/\d+/g, "9")));
    expect(dates).toEqual(
      new Set(["Hôm nay", "Hôm qua", "9 phút trước", "9 giờ trước", "9 ngày trước", "9 tuần trước", "9/9/9", undefined]),
    );
  });

  test("write exactly the amount that they mean, in each shape of price", () => {
    const example = (shape: string) =>
      listings
        .filter((l) => l.shapes.price === shape)
        .map((l) => [l.raw.price?.replaceAll(/\s+/g, " ").trim().normalize("NFC"), l.price_vnd] as const);
    // Read again here by rules of this test's own: digits by position, words by name.
    const factors: Record<string, number> = { tỷ: 1e9, tỉ: 1e9, triệu: 1e6, tr: 1e6, nghìn: 1e3, ngàn: 1e3, đ: 1, vnđ: 1, vnd: 1, đồng: 1 };
    const read = (text: string, decimal: string) =>
      [...text.toLowerCase().matchAll(/([\d.,]+)\s*(tỷ|tỉ|triệu|tr|nghìn|ngàn|đồng|vnđ|vnd|đ)(?!\p{L})/gu)].reduce(
        (sum, [, digits = "", unit = ""]) => {
          const plain = decimal === "," ? digits.replaceAll(".", "").replace(",", ".") : digits;
          return sum + Number(plain) * (factors[unit] ?? Number.NaN);
        },
        0,
      );
    let checked = 0;
    for (const { name } of [...PRICES.sale, ...PRICES.rent])
      for (const [text, vnd] of example(name)) {
        if (vnd === null || text === undefined) continue;
        expect([text, Math.round(read(text, name.startsWith("dot decimal") ? "." : ","))]).toEqual([text, vnd]);
        checked++;
      }
    expect(checked).toBeGreaterThan(1100);
    for (const [text] of example("dot thousands")) expect(text).toMatch(/^\d\.\d\d0 tỷ$/);
  });

  test("are repeated under other ids, word for word or with another title and a lower price", () => {
    const byLink = new Map(listings.map((l) => [l.link, l]));
    const reposts = listings.filter((l) => l.repost_of !== null);
    expect(reposts.length).toBe(truth.counts.reposts + truth.counts.edits);
    expect(Math.min(truth.counts.reposts, truth.counts.edits)).toBeGreaterThan(15);
    for (const repost of reposts) {
      const model = byLink.get(repost.repost_of ?? "");
      // The truth of a listing whose page is gone has only its card's fields.
      if (model?.partial === true) continue;
      const said = (l: typeof model) => [l?.area_m2, l?.raw.address, l?.bedrooms, l?.latitude];
      expect(said(repost)).toEqual(said(model));
      expect(repost.listing_id).not.toBe(model?.listing_id);
      if (repost.edited) expect(repost.title).toMatch(/^\[GIẢM GIÁ\] /);
      else expect([repost.price_vnd, repost.raw.price]).toEqual([model?.price_vnd, model?.raw.price]);
      if (repost.edited && repost.price_vnd !== null && model?.price_vnd) expect(repost.price_vnd).toBeLessThanOrEqual(model.price_vnd);
    }
  });

  test("are linked plainly, absolutely, with tracking, with fragments, by old links and a second time", () => {
    const styles = new Set(listings.flatMap((l) => l.link_styles));
    expect(styles).toEqual(new Set(["plain", "absolute", "tracking", "promoted", "fragment", "old slug", "short", "chain"]));
    expect(listings.filter((l) => l.link_styles.length > 1).length).toBe(truth.counts.cards - 1280);
    expect(truth.counts.cards).toBeGreaterThan(1280);
  });

  test("carry hostile titles as text: no script of a seller's runs", async () => {
    const { ask } = await served({ faults: false });
    const hostile = listings.filter((l) => l.title.includes("<script>"));
    expect(hostile.length).toBeGreaterThan(2);
    for (const listing of hostile) {
      const page = await ask(pathOf(listing));
      expect(page.text).not.toContain("<script>alert");
      const $ = load(page.text);
      expect($("h1").text()).toContain('<script>alert("demo');
      expect(JSON.parse($('script[type="application/ld+json"]').first().text()).name).toContain("<script>");
    }
    expect(listings.some((l) => l.title.includes("🔥"))).toBe(true);
    expect(listings.some((l) => l.title === l.title.toUpperCase())).toBe(true);
  });
});

describe("the demo site's bytes", () => {
  const digest = (pages: string[]) => createHash("sha256").update(pages.join("\0")).digest("hex");

  test("are the same in whatever order they are asked for, from another start too", async () => {
    const first = await served({ listings: 200, faults: false, slow: false });
    const second = await served({ listings: 200, faults: false, slow: false });
    const paths = [
      "/nha-dat-ban",
      "/nha-dat-ban/p2",
      "/ban-dat",
      "/js/nha-dat-ban",
      "/sitemap.xml",
      ...first.demo.truth().listings.map(pathOf),
    ];
    const forwards = new Map<string, string>();
    for (const path of paths) forwards.set(path, (await first.ask(path)).text);
    const backwards = new Map<string, string>();
    for (const path of [...paths].reverse()) backwards.set(path, (await second.ask(path)).text);
    expect(digest(paths.map((p) => backwards.get(p) ?? ""))).toBe(digest(paths.map((p) => forwards.get(p) ?? "")));
  });

  test("do not change unnoticed: this is the site of seed 1", () => {
    expect(digest([JSON.stringify(truth)]).slice(0, 16)).toMatchInlineSnapshot(`"70e2363d9f5a2ade"`);
  });

  test("differ with the seed", () => {
    const other = createBdsDemo({ seed: 2 }).truth();
    expect(other.counts.listings).toBe(1280);
    expect(other.listings.filter((l, i) => l.title === listings[i]?.title).length).toBeLessThan(50);
  });

  test("are 20 to 30 kB a detail page", async () => {
    const { ask } = await served({ faults: false, slow: false });
    const sizes: number[] = [];
    for (const listing of listings.filter((l, i) => i % 13 === 0 && l.fault !== "always gzip"))
      sizes.push((await ask(pathOf(listing))).bytes.length);
    expect(Math.min(...sizes)).toBeGreaterThan(20_000);
    expect(Math.max(...sizes)).toBeLessThan(31_000);
  });

  test("make a listing of its number alone: a site of 2,000 begins with the same sales", () => {
    const [small, large] = [catalog(1280, 1), catalog(2000, 1)];
    for (const n of [0, 17, 400, 831]) expect(large.ad(n)).toEqual(small.ad(n));
  });
});
