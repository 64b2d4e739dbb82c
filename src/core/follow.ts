/** What a callback may say of a further page. All of it is stored in the journal, so `data` and `fallback` must survive JSON. */
export interface FollowOptions {
  /**
   * The item that stands for the page when it cannot be had in the end (dead, forbidden, blocked): emitted once, with
   * `partial: true` where the item's schema has that field. When the page is had, the fallback is forgotten.
   */
  fallback?: object;
  /** Handed to the callback as `page.data`. */
  data?: unknown;
  /** Higher goes first; requests of equal priority go in the order found. */
  priority?: number;
  /** Ask even if this URL has been seen in this crawl (Scrapy's dont_filter). */
  dontFilter?: boolean;
  headers?: Record<string, string>;
  /** Render with the browser, or not, whatever the spider's own setting. */
  browser?: boolean;
}

/** A request for a further page: what `page.follow()` returns and callbacks yield. */
export class Follow {
  /** Absolute, or undefined when the link could not be made one. */
  readonly url: string | undefined;
  /** The link as found, for messages. */
  readonly link: string | undefined;
  readonly callback: string;
  readonly options: FollowOptions;

  constructor(url: string | undefined, link: string | undefined, callback = "parse", options: FollowOptions = {}) {
    this.url = url;
    this.link = link;
    this.callback = callback;
    this.options = options;
  }
}
