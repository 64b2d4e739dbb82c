import type { Page } from "arachne";
import { z } from "zod";
import type { RawListing } from "../listing.ts";
import { rawListing, type Layout } from "./layout.ts";

// One odd field costs that field, not the listing.
const label = z.string().nullish().catch(undefined);
const number = z.number().nullish().catch(undefined);

/** An ad as chotot's servers hand it to the page; what we do not read is left out. `type`: s sells, u lets, k and h want to. */
const adSchema = z.object({
  list_id: z.number(),
  type: label,
  subject: label,
  price_string: label,
  size: number,
  size_unit_string: label,
  street_name: label,
  detail_address: label,
  ward_name: label,
  area_name: label,
  region_name: label,
  ward_name_v3: label,
  region_name_v3: label,
  date: label,
  latitude: number,
  longitude: number,
  params: z
    .array(z.object({ id: z.string(), value: label }))
    .nullish()
    .catch(undefined),
});
type Ad = z.output<typeof adSchema>;

const dataSchema = z.object({ ads: z.array(z.unknown()), total: z.number().catch(0) });
const stateSchema = z.object({
  props: z.object({ pageProps: z.object({ initialState: z.object({ adlisting: z.object({ data: dataSchema }) }) }) }),
});

/**
 * nhatot.com (chotot) as of 2026. A list page holds the whole records in `__NEXT_DATA__`, coordinates and both addresses among
 * them: a listing's own page would add nothing.
 */
export const nhatot: Layout = {
  marks: "script#__NEXT_DATA__ with adlisting.data.ads",
  cardsAreWhole: true,
  detail: () => undefined,
  cards: (page) => {
    const links = linksOf(page);
    return dataOf(page)?.ads.flatMap((found) => {
      const ad = adSchema.safeParse(found);
      const offers = ad.success && ad.data.type !== "k" && ad.data.type !== "h";
      return offers ? [listingOf(page, ad.data, links.get(ad.data.list_id) ?? `/${ad.data.list_id}.htm`)] : [];
    });
  },
  pager: (page) => {
    const next = new URL(page.url);
    const at = Number(next.searchParams.get("page") ?? 1);
    const { ads, total } = dataOf(page) ?? { ads: [], total: 0 };
    if (ads.length === 0 || at * ads.length >= total) return [];
    next.searchParams.set("page", String(at + 1));
    return [next.href];
  },
};

function dataOf(page: Page): z.output<typeof dataSchema> | undefined {
  const state = stateSchema.safeParse(page.nextData());
  return state.success ? state.data.props.pageProps.initialState.adlisting.data : undefined;
}

/** The records lack their links; the page's JSON-LD list and its anchors have them, with the category in the path. */
function linksOf(page: Page): Map<number, string> {
  const listed = page.jsonLd().flatMap((object) => (Array.isArray(object["itemListElement"]) ? object["itemListElement"] : []));
  const urls = listed.map((element: { url?: unknown }) => element.url).filter((url) => typeof url === "string");
  const links = new Map<number, string>();
  for (const url of [...page.css("a[href*='.htm']").attrs("href"), ...urls]) {
    const id = /\/(\d+)\.htm/.exec(url)?.[1];
    if (id !== undefined) links.set(Number(id), url.replace(/#.*/, ""));
  }
  return links;
}

function listingOf(page: Page, ad: Ad, link: string): RawListing {
  const street = ad.detail_address || ad.street_name;
  const params = new Map((ad.params ?? []).map(({ id, value }) => [id, value ?? undefined]));
  return rawListing(page, link, {
    listing_id: String(ad.list_id),
    title: ad.subject?.trim(),
    transaction: ad.type === "u" ? "Cho thuê" : "Bán",
    property_type: ["house_type", "apartment_type", "land_type", "commercial_type"]
      .map((id) => params.get(id))
      .find((value) => value !== undefined),
    price: ad.price_string ?? undefined,
    // As the page shows it: 55.5999 is a float's way of 55,6.
    area: ad.size ? `${String(Number(ad.size.toFixed(2))).replace(".", ",")} ${ad.size_unit_string ?? "m²"}` : undefined,
    bedrooms: params.get("rooms"),
    address: joined(street, ad.ward_name, ad.area_name, ad.region_name),
    address_2025: ad.ward_name_v3 ? joined(street, ad.ward_name_v3, ad.region_name_v3) : undefined,
    posted: ad.date ?? undefined,
    latitude: ad.latitude ?? undefined,
    longitude: ad.longitude ?? undefined,
  });
}

function joined(...parts: readonly (string | null | undefined)[]): string {
  return parts.filter((part) => part).join(", ");
}
