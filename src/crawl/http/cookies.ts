import type { CookieJar } from "tough-cookie";

/** The cookies of one crawl. Until a site sets one, none of this costs anything: the library is loaded by the first Set-Cookie. */
export interface Cookies {
  /** Value of the Cookie header for this URL; undefined where there is none. */
  header(url: URL): string | undefined;
  /** Cookies that break the rules (another site's domain, a public suffix, over 4 KiB) are ignored, as in browsers. */
  store(url: URL, setCookie: readonly string[]): Promise<void>;
}

const MAX_COOKIE = 4096;
/** RFC 6265bis 5.6: neither a name nor a value. */
const NAMELESS = /^\s*=?\s*(?:;|$)/;

export function createCookies(): Cookies {
  let jar: CookieJar | undefined;
  return {
    header(url) {
      const header = jar?.getCookieStringSync(url.href);
      return header === "" ? undefined : header;
    },
    async store(url, setCookie) {
      if (jar === undefined) {
        const { CookieJar } = await import("tough-cookie");
        // Another request may have made it while the library was being loaded.
        jar ??= new CookieJar(undefined, { looseMode: true, rejectPublicSuffixes: true });
      }
      for (const line of setCookie) {
        if (line.length <= MAX_COOKIE && !NAMELESS.test(line)) jar.setCookieSync(line, url.href, { ignoreError: true });
      }
    },
  };
}

export const noCookies: Cookies = { header: () => undefined, store: () => Promise.resolve() };
