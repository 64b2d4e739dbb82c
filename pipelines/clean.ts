import { defineTransform, drop, type Drop } from "arachne";
import { cleanListing } from "../domain/bds/clean_listing.ts";
import type { Listing, RawListing } from "../domain/bds/listing.ts";

/** Raw text of a listing page or a dataset's row → a typed Listing: see docs/clean.md for every rule. */
export default defineTransform<RawListing, Listing>({
  process(items, c) {
    const now = c.now();
    return items.map((item): Listing | Drop => {
      const cleaned = cleanListing(item, now);
      return "drop" in cleaned ? drop(cleaned.drop, cleaned.detail) : cleaned;
    });
  },
});
