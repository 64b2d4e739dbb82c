import type { ItemOf } from "arachne";
import type { Listing } from "../../domain/bds/listing.ts";
import type { Change } from "../../domain/bds/serving.ts";
import { figures, type Figures } from "./listings.ts";

const DAY = 86_400_000;

export interface Model {
  listings: (Listing & { location: string | null; gone_at: string | null })[];
  changes: ItemOf<typeof Change>[];
  provinces: Figures[];
  districts: Figures[];
}

/** What the jobs are to give for rows that were crawled, worked out without SQL: listing by listing, in plain loops. */
export function model(rows: readonly Listing[], { goneAfterDays, date }: { goneAfterDays: number; date: string }): Model {
  const byLink = groupBy(rows, (row) => row.link);
  const seenAt = new Map<string, number[]>();
  for (const row of rows) seenAt.set(row.source, [...(seenAt.get(row.source) ?? []), Date.parse(row.crawled_at)]);
  const listings: Model["listings"] = [];
  const changes: Model["changes"] = [];
  for (const same of byLink.values()) {
    const sightings = [...groupBy(same, (row) => row.crawled_at).values()]
      .map((several) => several.sort(better)[0]!)
      .sort((a, b) => (a.crawled_at < b.crawled_at ? -1 : 1));
    const last = sightings.at(-1)!;
    const goneAt = Date.parse(last.crawled_at) + goneAfterDays * DAY;
    const gone = goneAfterDays > 0 && seenAt.get(last.source)!.some((at) => at > goneAt);
    listings.push({ ...last, location: location(last), gone_at: gone ? new Date(goneAt).toISOString() : null });
    const change = (
      kind: "new" | "price_changed" | "gone" | "back",
      at: string | number,
      unit: Listing["price_unit"],
      from: number | null,
      to: number | null,
    ): void =>
      void changes.push({
        link: last.link,
        kind,
        at: new Date(at).toISOString(),
        title: last.title,
        transaction: last.transaction,
        property_type: last.property_type,
        province_code: last.province_code,
        province: last.province,
        district_code: last.district_code,
        district: last.district,
        source: last.source,
        price_unit: unit,
        price_from_vnd: from,
        price_to_vnd: to,
        change_pct: kind === "price_changed" && from! > 0 ? percent(from!, to!) : null,
      });
    const prices = new Map<Listing["price_unit"], number>();
    sightings.forEach((sighting, i) => {
      const { crawled_at: at, price_unit: unit, price_vnd: price } = sighting;
      const before = sightings[i - 1];
      if (before === undefined) change("new", at, unit, null, price);
      else if (goneAfterDays > 0) {
        const away = Date.parse(before.crawled_at) + goneAfterDays * DAY;
        const day = Math.floor(Date.parse(at) / DAY) * DAY;
        if (Date.parse(at) > away && seenAt.get(sighting.source)!.some((t) => t > away && t < day)) {
          change("gone", away, before.price_unit, before.price_vnd, null);
          change("back", at, unit, before.price_vnd, price);
        }
      }
      if (price === null) return;
      const former = prices.get(unit);
      if (former !== undefined && former !== price) change("price_changed", at, unit, former, price);
      prices.set(unit, price);
    });
    if (gone) change("gone", goneAt, last.price_unit, last.price_vnd, null);
  }
  listings.sort((a, b) => (a.link < b.link ? -1 : 1));
  const order = (c: Model["changes"][number]): string => JSON.stringify([c.link, c.at, c.kind]);
  changes.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { listings, changes, provinces: statistics(listings, date, false), districts: statistics(listings, date, true) };
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

function better(a: Listing, b: Listing): number {
  if (a.partial !== b.partial) return a.partial ? 1 : -1;
  for (const field of ["price_vnd", "price_unit", "source", "title"] as const) {
    const [x, y] = [a[field], b[field]];
    if (x !== y) return x === null ? 1 : y === null ? -1 : x > y ? -1 : 1;
  }
  return 0;
}

function location({ latitude, longitude }: Listing): string | null {
  return latitude === null || longitude === null ? null : `${latitude.toFixed(6)},${longitude.toFixed(6)}`;
}

function percent(from: number, to: number): number | null {
  const value = Math.round((Math.abs(to - from) * 10_000) / from) / 100;
  return value > 9_999_999.99 ? null : to < from ? -value : value;
}

function statistics(listings: Model["listings"], asOf: string, byDistrict: boolean): Figures[] {
  const places = (l: Listing): { scheme: string; place: (string | null)[]; names: (string | null)[] }[] => [
    { scheme: "63_provinces", place: [l.province_code, l.district_code], names: [l.province, l.district] },
    { scheme: "34_provinces", place: [l.province_2025_code, l.ward_2025_code], names: [l.province_2025, l.ward_2025] },
  ];
  const groups = new Map<string, { row: object; members: Model["listings"] }>();
  for (const l of listings)
    for (const { scheme, place, names } of places(l))
      for (const property_type of [l.property_type ?? "unknown", "all"]) {
        const row = {
          as_of: asOf,
          scheme,
          province_code: place[0],
          province: names[0],
          ...(byDistrict ? { district_code: place[1], district: names[1] } : {}),
          transaction: l.transaction ?? "unknown",
          property_type,
        };
        const key = JSON.stringify(row);
        groups.set(key, { row, members: [...(groups.get(key)?.members ?? []), l] });
      }
  return [...groups.values()].map(({ row, members }) => ({
    ...row,
    ...figures(members, (l) => (l as Model["listings"][number]).gone_at !== null),
  }));
}
