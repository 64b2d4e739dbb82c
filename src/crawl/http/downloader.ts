import type { LookupFunction } from "node:net";
import { RejectedError, type ArachneError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import { parseUrl } from "../url/parse-url.ts";
import { createCookies, noCookies } from "./cookies.ts";
import { ACCEPT_ENCODING, decompress } from "./decompress.ts";
import { createDispatchers, type DispatcherSettings } from "./dispatchers.ts";
import { Exchange, type Answer } from "./exchange.ts";
import { stoppedError } from "./network-error.ts";
import { isPrivateHost, privateAddressError } from "./private-address.ts";
import { redirectHeaders, redirectLocation, redirectMethod, resolveLocation, type HttpHeaders } from "./redirect.ts";

/** Called before a redirect is followed; a throw refuses the hop and ends the request with that error. */
type HopCheck = (from: URL, to: URL) => void | Promise<void>;

type DownloadSettings = DispatcherSettings &
  Pick<
    Settings,
    "USER_AGENT" | "DEFAULT_REQUEST_HEADERS" | "DOWNLOAD_MAXSIZE" | "REDIRECT_MAX_TIMES" | "COOKIES_ENABLED" | "URLLENGTH_LIMIT"
  >;

export interface DownloaderOptions {
  readonly settings: DownloadSettings;
  /** Whether requests may go to private addresses; see `isPrivateHost`. */
  readonly privateAllowed: boolean;
  /** Host name → port on 127.0.0.1. These hosts need no DNS, take no proxy and are not subject to the guard. */
  readonly virtualHosts?: Readonly<Record<string, number>> | undefined;
  readonly onHop?: HopCheck | undefined;
  /** Ends every request under way, with a TransientError `stopped`. */
  readonly signal?: AbortSignal | undefined;
  /** How names are resolved, where the system's way is not wanted. */
  readonly lookup?: LookupFunction | undefined;
}

interface FetchRequest {
  readonly url: string;
  readonly method?: string | undefined;
  /** Win over the settings' headers; names in any case. */
  readonly headers?: HttpHeaders | undefined;
  readonly signal?: AbortSignal | undefined;
  /** In place of the downloader's own check: robots.txt itself is fetched whatever robots.txt says. */
  readonly onHop?: HopCheck | undefined;
}

interface Fetched {
  /** Of the page in the end, after redirects; without fragment, user and password. */
  readonly url: string;
  readonly requestUrl: string;
  /** Any status: none is an error here. */
  readonly status: number;
  /** Of the last hop: lower-case names; repeated headers joined by ", ". */
  readonly headers: HttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
  /** The compressed body was cut short or its checksum wrong: `body` is what could be read of it. */
  readonly damaged: boolean;
  /** The URLs that answered with a redirect, in order. */
  readonly redirects: readonly string[];
  /** Milliseconds from sending the last hop's request to having its headers. */
  readonly elapsedMs: number;
}

export interface Downloader {
  /**
   * @throws TransientError `timeout`, `connection_refused`, `connection_reset`, `unreachable`, `dns_temporary`, `dns_not_found`, `tls`, `proxy`, `network`, `stopped`
   * @throws RejectedError `body_too_large`, `bad_encoding`, `bad_http`, `bad_request`, `bad_url`, `unsupported_scheme`, `url_too_long`,
   * `private_address`, `too_many_redirects`, `redirect_loop`, `bad_redirect`, `tls_certificate`, `proxy_refused`; and whatever `onHop` throws
   */
  fetch(request: FetchRequest): Promise<Fetched>;
  /** Ends what is under way and closes all connections. */
  close(): Promise<void>;
}

export function createDownloader(options: DownloaderOptions): Downloader {
  const { settings, privateAllowed, signal } = options;
  const virtualHosts = new Map(Object.entries(options.virtualHosts ?? {}));
  const dispatchers = createDispatchers(options);
  const cookies = settings.COOKIES_ENABLED ? createCookies() : noCookies;
  const baseHeaders = lowerCase({
    ...settings.DEFAULT_REQUEST_HEADERS,
    "user-agent": settings.USER_AGENT,
    "accept-encoding": ACCEPT_ENCODING,
  });
  const timeoutMs = settings.DOWNLOAD_TIMEOUT * 1000;
  const underWay = new Set<Exchange>();
  const stop = (): void => {
    for (const exchange of underWay) exchange.stop();
  };
  signal?.addEventListener("abort", stop, { once: true });

  function check(url: URL, port: number | undefined): void {
    if (url.protocol !== "http:" && url.protocol !== "https:") {
      throw new RejectedError("unsupported_scheme", `download: ${url.href}: only http and https can be fetched`);
    }
    const limit = settings.URLLENGTH_LIMIT;
    if (limit > 0 && url.href.length > limit) {
      const start = `${url.href.slice(0, 100)}…`;
      throw new RejectedError(
        "url_too_long",
        `download: ${start}: ${url.href.length} characters: raise URLLENGTH_LIMIT (${limit}) to follow it`,
      );
    }
    if (!privateAllowed && port === undefined && isPrivateHost(url.hostname)) throw privateAddressError(url.hostname);
  }

  function headersFor(url: URL, own: HttpHeaders | undefined, cookie: string | undefined, virtual: boolean): Record<string, string> {
    const signed = url.username !== "" || url.password !== "";
    // The same object every time on the plain path. A proxy's agent writes a Host into it, so it gets its own.
    if (own === undefined && cookie === undefined && !virtual && !signed && !dispatchers.proxied) return baseHeaders;
    const headers: Record<string, string> = { ...baseHeaders };
    if (signed) headers["authorization"] = basicAuthorization(url);
    if (virtual) headers["host"] = url.host;
    if (own !== undefined) Object.assign(headers, lowerCase(own));
    if (cookie !== undefined) headers["cookie"] = headers["cookie"] === undefined ? cookie : `${headers["cookie"]}; ${cookie}`;
    return headers;
  }

  async function exchange(
    url: URL,
    method: string,
    headers: Record<string, string>,
    port: number | undefined,
    own?: AbortSignal,
  ): Promise<Answer> {
    const running = new Exchange({
      dispatcher: port === undefined ? dispatchers.outside : dispatchers.local,
      request: { origin: port === undefined ? url.origin : `http://127.0.0.1:${port}`, path: url.pathname + url.search, method, headers },
      url: url.href,
      maxBytes: settings.DOWNLOAD_MAXSIZE,
      timeoutMs,
    });
    underWay.add(running);
    const abort = own === undefined ? undefined : (): void => running.stop();
    if (abort !== undefined) own?.addEventListener("abort", abort, { once: true });
    try {
      return await running.answer;
    } finally {
      underWay.delete(running);
      if (abort !== undefined) own?.removeEventListener("abort", abort);
    }
  }

  async function fetch(request: FetchRequest): Promise<Fetched> {
    let url = absolute(request.url);
    let method = request.method?.toUpperCase() ?? "GET";
    let headers = request.headers;
    const onHop = request.onHop ?? options.onHop;
    const redirects: string[] = [];
    let tried: Set<string> | undefined;
    for (;;) {
      if (signal?.aborted === true || request.signal?.aborted === true) throw stoppedError(url.href);
      const port = virtualHosts.size === 0 ? undefined : virtualHosts.get(url.hostname);
      check(url, port);
      const cookie = cookies.header(url);
      const answer = await exchange(url, method, headersFor(url, headers, cookie, port !== undefined), port, request.signal);
      if (answer.setCookie.length > 0) await cookies.store(url, answer.setCookie);
      const location = redirectLocation(answer);
      if (location === undefined) return await toFetched(request.url, url, answer, redirects);

      const next = resolveLocation(location, url);
      (tried ??= new Set()).add(`${method} ${bare(url)} ${cookie ?? ""}`);
      redirects.push(bare(url));
      if (redirects.length > settings.REDIRECT_MAX_TIMES) throw tooManyRedirects(request.url, settings.REDIRECT_MAX_TIMES);
      method = redirectMethod(answer.status, method);
      // Many a site sets a cookie and redirects to the page itself: asking again with other cookies is no loop.
      if (tried.has(`${method} ${bare(next)} ${cookies.header(next) ?? ""}`)) throw redirectLoop(request.url, next);
      await onHop?.(url, next);
      headers = redirectHeaders(headers, url, next);
      url = next;
    }
  }

  async function toFetched(requestUrl: string, url: URL, answer: Answer, redirects: string[]): Promise<Fetched> {
    const { status, headers, latencyMs } = answer;
    const encoding = headers["content-encoding"];
    const { body, damaged } =
      encoding === undefined || answer.body.length === 0
        ? { body: answer.body, damaged: false }
        : await decompress(answer.body, encoding, settings.DOWNLOAD_MAXSIZE, url.href);
    return { url: bare(url), requestUrl, status, headers, body, damaged, redirects, elapsedMs: latencyMs };
  }

  return {
    fetch,
    async close() {
      signal?.removeEventListener("abort", stop);
      stop();
      await dispatchers.destroy();
    },
  };
}

function absolute(text: string): URL {
  const url = parseUrl(text);
  if (url === undefined) throw new RejectedError("bad_url", `download: ${JSON.stringify(text)}: is no absolute URL`);
  return url;
}

/** Without what is not part of the resource's name: fragment, user and password. */
function bare(url: URL): string {
  if (url.hash === "" && url.username === "" && url.password === "") return url.href;
  const copy = new URL(url);
  copy.hash = copy.username = copy.password = "";
  return copy.href;
}

function basicAuthorization(url: URL): string {
  return `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString("base64")}`;
}

function lowerCase(headers: HttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function tooManyRedirects(url: string, limit: number): ArachneError {
  return new RejectedError(
    "too_many_redirects",
    `download: ${url}: redirected more than ${limit} times: raise REDIRECT_MAX_TIMES if it is right`,
  );
}

function redirectLoop(url: string, to: URL): ArachneError {
  return new RejectedError("redirect_loop", `download: ${url}: redirects go round in a circle at ${to.href}`);
}
