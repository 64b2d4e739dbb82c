import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import { SettingsError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import { parseUrl } from "../url/parse-url.ts";
import { guardedLookup } from "./private-address.ts";

export interface Dispatchers {
  /** For the Internet: through the proxy where one is set, else guarded. */
  readonly outside: Dispatcher;
  /** For virtual hosts: straight to 127.0.0.1. */
  readonly local: Dispatcher;
  /** Whether `outside` goes through a proxy. */
  readonly proxied: boolean;
  destroy(): Promise<void>;
}

export type DispatcherSettings = Pick<Settings, "DOWNLOAD_TIMEOUT" | "CONCURRENT_REQUESTS" | "HTTP_PROXY">;

export interface DispatcherOptions {
  readonly settings: DispatcherSettings;
  readonly privateAllowed: boolean;
  readonly lookup?: LookupFunction | undefined;
}

/** The connection pools of one downloader. With a proxy, names are resolved there, so the guard sees only literal addresses and local names. */
export function createDispatchers({ settings, privateAllowed, lookup }: DispatcherOptions): Dispatchers {
  const timeout = settings.DOWNLOAD_TIMEOUT * 1000;
  const pool: Agent.Options = {
    // The throttle decides how many run at once; this only must not be what holds them back.
    connections: settings.CONCURRENT_REQUESTS,
    pipelining: 1,
    // Longer than the pauses between requests, shorter than most servers keep an idle connection without saying so.
    keepAliveTimeout: 10_000,
    // One timer of ours bounds a whole exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 64 * 1024,
  };
  // 250 ms, Node's default for one address of several, gives up on slow but sound routes.
  const connect = { timeout, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1000 };
  const open = lookup ?? systemLookup;
  const local = new Agent({ ...pool, connect });
  const outside =
    settings.HTTP_PROXY === undefined
      ? new Agent({ ...pool, connect: { ...connect, lookup: privateAllowed ? open : guardedLookup(open) } })
      : createProxy(settings.HTTP_PROXY, pool, connect);
  return {
    outside,
    local,
    proxied: settings.HTTP_PROXY !== undefined,
    async destroy() {
      await Promise.all([outside.destroy(), local.destroy()]);
    },
  };
}

function createProxy(proxy: string, pool: Agent.Options, connect: object): ProxyAgent {
  const url = parseUrl(proxy.includes("://") ? proxy : `http://${proxy}`);
  if (url === undefined || !/^(?:https?|socks5?):$/.test(url.protocol)) {
    // Never the value itself: it may hold a password.
    throw new SettingsError("bad_setting", "settings: HTTP_PROXY: is no proxy URL: write http://user:password@host:port");
  }
  // Plain http goes to the proxy in absolute form: most proxies allow CONNECT to port 443 alone.
  return new ProxyAgent({ ...pool, uri: url.href, proxyTunnel: false, proxyTls: connect, requestTls: connect });
}
