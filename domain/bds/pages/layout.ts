import type { Page } from "arachne";
import type { RawListing } from "../listing.ts";

/** How a site (in one of its layouts) writes its pages: pure functions of a page, which tell by content what it is. */
export interface Layout {
  /** What its pages are known by, for the message where a page has none of it. */
  readonly marks: string;
  /** The listing of a detail page; undefined on any other. */
  detail(page: Page): RawListing | undefined;
  /** The listings of a list page, as its cards show them: empty where the list is; undefined on any other page. */
  cards(page: Page): RawListing[] | undefined;
  /** The cards hold all that the listings' own pages do, which are then not asked for. */
  readonly cardsAreWhole?: boolean;
  /** URLs of the other pages of the list. */
  pager(page: Page): string[];
}

export type Fields = Omit<RawListing, "link" | "crawled_at" | "source">;

/** A raw item of this page. Fields that were not found are left out, so that merging it over another keeps what that one has. */
export function rawListing(page: Page, link: string | undefined, fields: Fields): RawListing {
  const url = (link === undefined ? undefined : page.absolute(link)) ?? "";
  const found = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  return {
    link: url,
    ...(Object.fromEntries(found) as Fields),
    crawled_at: page.fetchedAt.toISOString(),
    source: new URL(url === "" ? page.url : url).hostname.replace(/^www\./, ""),
  };
}

/**
 * The link of a listing by its own page: the canonical one; the page's URL where that is the listing's; else a link to it on
 * the page (alonhadat's related listings hold the listing itself), for a saved page comes without its URL.
 */
export function linkOf(page: Page, id: string | undefined): string {
  if (id === undefined) return page.url;
  const canonical = page.css("link[rel=canonical]").attr("href");
  if (canonical?.includes(id) === true) return canonical;
  if (page.url.includes(id)) return page.url;
  const { origin } = new URL(page.url);
  const links = page.css("a[href]").attrs("href");
  return links.find((href) => href.includes(id) && page.absolute(href)?.startsWith(`${origin}/`) === true) ?? page.url;
}

/** From the map that a detail page embeds: `…/maps/embed/v1/place?q=10.73,106.70&…`. */
export function mapCoordinates(page: Page): Pick<RawListing, "latitude" | "longitude"> {
  for (const frame of page.css("iframe")) {
    const url = frame.attr("data-src") ?? frame.attr("src") ?? "";
    const found = /\/maps\/.*[?&](?:q|center)=(-?\d+(?:\.\d+)?),\s*(-?\d+(?:\.\d+)?)/.exec(url);
    if (found) return { latitude: found[1], longitude: found[2] };
  }
  return {};
}
