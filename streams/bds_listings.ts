import { defineStream, defineTransform, intoServing, RejectedError, type ItemOf } from "arachne";
import { wrongCrawlTime } from "../domain/bds/crawl_time.ts";
import { Listing } from "../domain/bds/listing.ts";
import { countsRather } from "../domain/bds/observation_order.ts";
import { ListingDocument } from "../domain/bds/serving.ts";

type Document = ItemOf<typeof ListingDocument>;

/** What the batch rejects for its time is set aside here. */
const crawl_time = defineTransform<Listing, Listing>({
  process(listings, c) {
    const now = c.now();
    for (const { crawled_at } of listings) {
      const reason = wrongCrawlTime(crawled_at, now);
      if (reason !== undefined) throw new RejectedError(reason, `it was crawled at ${crawled_at}, and here it is ${now.toISOString()}`);
    }
    return listings;
  },
});

/** What the batch makes of a listing that was just seen; that it has gone only the batch can tell. */
const document = defineTransform<Listing, Document>({
  process: (listings) =>
    listings.map((listing): Document => {
      const { latitude, longitude } = listing;
      const known = latitude !== null && longitude !== null;
      return { ...listing, location: known ? `${degrees(latitude)},${degrees(longitude)}` : null, gone_at: null };
    }),
});

/** As the batch's CAST to DECIMAL(9, 6) writes them: halves away from zero, where toFixed would look at the double's last bits. */
function degrees(value: number): string {
  const millionths = Math.round(Math.abs(value) * 1e6);
  const digits = String(millionths).padStart(7, "0");
  return `${value < 0 && millionths > 0 ? "-" : ""}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

/** Listings become searchable as they are crawled; the batch layer serves the same documents under the same name. */
export default defineStream({
  description: "listings from the crawl's topic into the index that people search",
  topic: ({ settings }) => settings.BDS_TOPIC,
  item: Listing,
  stages: { crawl_time, document },
  into: {
    serving: intoServing({
      alias: ({ settings }) => settings.ES_INDEX,
      item: ListingDocument,
      version: "crawled_at",
      prefer: countsRather,
      origin: ({ link }, headers) => (headers["origin"] === "demo" || link.startsWith("http://bds.demo/") ? "demo" : "real"),
    }),
  },
});
