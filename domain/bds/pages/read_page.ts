import { blocked, notFound, RejectedError, type Follow, type Page } from "arachne";
import type { RawListing } from "../listing.ts";
import type { Layout } from "./layout.ts";

/** Titles of pages that say a listing is gone; words that could begin a listing's own title are not among them. */
const GONE =
  /^\s*(?:(?:error|lỗi)\s*)?(?:404|410)\b(?!\s*m)|không tìm thấy|không (?:còn )?tồn tại|đã (?:bị xóa|bị xoá|hết hạn|bị gỡ)|page not found/iu;
const WALL = /^\s*(?:just a moment|attention required|access denied)|captcha|checking your browser/iu;

/**
 * Reads a page of any of these layouts, whatever it is. A detail page gives its listing, completed with what only the card
 * that led here had; a list page one follow-up a card, with the card's listing as the fallback, and the pager's links.
 *
 * @throws RejectedError `not_found`, also where a list stands in a listing's place (sites send there who asks for a listing
 * that is gone), and `unknown_layout`; TransientError `blocked`
 */
export function* readPage(page: Page, layouts: readonly Layout[]): Generator<RawListing | Follow> {
  const card = page.data as RawListing | undefined;
  for (const layout of layouts) {
    const listing = layout.detail(page);
    if (listing === undefined) continue;
    if (card?.listing_id !== undefined && listing.listing_id !== undefined && card.listing_id !== listing.listing_id) {
      throw notFound(`it shows listing ${listing.listing_id}, not ${card.listing_id}`);
    }
    yield { ...card, ...listing };
    return;
  }
  const title = headline(page);
  if (GONE.test(title)) throw notFound(title);
  for (const layout of layouts) {
    const cards = layout.cards(page);
    if (cards === undefined) continue;
    if (card !== undefined) throw notFound(`a list of ${cards.length} stands in place of listing ${card.listing_id ?? card.link}`);
    if (layout.cardsAreWhole === true) yield* cards;
    else for (const fallback of cards) yield page.follow(fallback.link, "detail", { fallback, data: fallback });
    yield* page.followAll(layout.pager(page));
    return;
  }
  if (WALL.test(title)) throw blocked(title);
  const type = page.headers["content-type"] ?? "of no stated type";
  const marks = layouts.map((layout) => layout.marks).join("; ");
  throw new RejectedError(
    "unknown_layout",
    `page: read ${page.url} (${type}, titled ${JSON.stringify(title)}): neither a list nor a listing, which have ${marks}`,
  );
}

/** The title, or the first heading where the page has none (2020's saved pages). */
function headline(page: Page): string {
  return page.css("title").text() || page.css("h1, h2, h3").text() || "";
}
