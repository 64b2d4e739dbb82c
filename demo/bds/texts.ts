import type { Ad } from "./ads.ts";
import { drawing, hash, pick } from "./random.ts";
import { SELLERS, SENTENCES } from "./words.ts";

/** The paragraphs of a listing's description, ours; a re-post keeps its model's words. */
export function describe(ad: Ad): string[] {
  const draw = drawing(ad.repostOf ?? ad.n, ad.place.ward.name.length, 6);
  const start = hash(ad.repostOf ?? ad.n, 12) % SENTENCES.length;
  const sentences = SENTENCES.map((_, i) => SENTENCES[(start + i * 7) % SENTENCES.length] ?? "");
  const paragraphs: string[] = [];
  while (sentences.length > 0) paragraphs.push(sentences.splice(0, 2 + Math.floor(draw() * 3)).join(" "));
  return paragraphs.slice(0, 6 + Math.floor(draw() * 2));
}

export const sellerOf = (ad: Ad) => pick(drawing(ad.id, 10), SELLERS);
