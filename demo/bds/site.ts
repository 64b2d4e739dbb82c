import type { DemoSite } from "arachne";
import { catalog } from "./ads.ts";
import { answers } from "./answers.ts";
import { spread } from "./faults.ts";
import { HOST, SECTIONS } from "./layout.ts";
import { listen } from "./server.ts";
import { truthOf, type Truth } from "./truth.ts";

export interface BdsDemoOptions {
  /** How many listings, sales and rentals together. */
  listings?: number;
  /** Another seed, another site of the same kind. */
  seed?: number;
  /** Some pages take 300 to 800 ms. */
  slow?: boolean;
  /** Some pages fail for a while, some for good; false leaves only what every crawl gets over: odd links, redirects, encodings. */
  faults?: boolean;
}

export interface BdsDemo extends DemoSite {
  /** What a crawl from the start page has to find; computed afresh, some tens of milliseconds. */
  truth(): Truth;
}

/** A demo site in the manner of batdongsan.com.vn as of 2026; the same options give the same bytes. */
export function createBdsDemo({ listings = 1280, seed = 1, slow = true, faults = true }: BdsDemoOptions = {}): BdsDemo {
  const all = catalog(listings, seed);
  const spreaded = spread(all, { slow, faults });
  return {
    host: HOST,
    start: SECTIONS.sale,
    serve: ({ port = 0 } = {}) => listen(answers(all, spreaded, faults), port),
    truth: () => truthOf(all, spreaded, faults),
  };
}

/** The one that comes with `bds_spider`: 1,280 listings, with all their faults. */
export const bdsDemo: BdsDemo = createBdsDemo();
