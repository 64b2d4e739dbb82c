import { existsSync } from "node:fs";
import type { BrowserPool, PlaywrightPlugin } from "@crawlee/browser-pool";
import pLimit from "p-limit";
import type { Page as Tab } from "playwright";
import { ArachneError, CriticalError, describeError, RejectedError, SettingsError, TransientError } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import { isPrivateHost, privateAddressError } from "../http/private-address.ts";
import type { Answer } from "./visit.ts";

export interface BrowserOptions {
  settings: Settings;
  virtualHosts: Readonly<Record<string, number>>;
  privateAllowed: boolean;
}

export interface BrowserFetcher {
  /** The page's HTML after its scripts have run and the network is quiet. @throws TransientError, RejectedError */
  fetch(url: string, headers: Readonly<Record<string, string>> | undefined): Promise<Answer>;
  close(): Promise<void>;
}

const ARGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** What a page needs to show its text. */
const WANTED = new Set(["document", "script", "xhr", "fetch", "stylesheet"]);
const QUIET_MS = 5_000;

/** Pages through Chromium, on Crawlee's BrowserPool: browsers are started on first use, kept, and replaced when they die. */
export function createBrowserFetcher({ settings, virtualHosts, privateAllowed }: BrowserOptions): BrowserFetcher {
  const limit = pLimit(settings.BROWSER_CONCURRENCY);
  const timeout = settings.DOWNLOAD_TIMEOUT * 1000;
  let pool: Promise<BrowserPool> | undefined;
  let started = false;

  async function openPool(): Promise<BrowserPool> {
    const executablePath = settings.CHROMIUM_PATH;
    if (!existsSync(executablePath))
      throw new SettingsError(
        "no_browser",
        `CHROMIUM_PATH=${executablePath}: there is no browser: install Chromium (Debian: apt-get install chromium) or name its path`,
      );
    const [{ BrowserPool, PlaywrightPlugin }, { chromium }] = await Promise.all([import("@crawlee/browser-pool"), import("playwright")]);
    const rules = Object.entries(virtualHosts).map(([host, port]) => `MAP ${host} 127.0.0.1:${port}`);
    const args = [
      ...ARGS,
      `--user-agent=${settings.USER_AGENT}`, // else the plugin claims to be a Mac's Chrome, while robots.txt is read for our name
      ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(",")}`] : []),
      // Else the plugin's own proxy would resolve names, past the rules above, and be the address that answers.
      ...(settings.HTTP_PROXY === undefined ? ["--no-proxy-server"] : []),
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ];
    const proxy = settings.HTTP_PROXY === undefined ? {} : { proxyUrl: settings.HTTP_PROXY };
    return new BrowserPool({
      useFingerprints: false,
      operationTimeoutSecs: settings.DOWNLOAD_TIMEOUT,
      browserPlugins: [
        new PlaywrightPlugin(chromium, {
          // Playwright's own handlers would end the process at a Ctrl-C, before pages in flight and deliveries are done.
          launchOptions: { executablePath, headless: true, args, handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
          ...proxy,
        }) satisfies PlaywrightPlugin,
      ],
    });
  }

  /** @throws SettingsError, and CriticalError while no browser has ever started: both end the crawl, lest every page fail for it */
  async function newTab(): Promise<Tab> {
    const browsers = await (pool ??= openPool());
    try {
      // The pool types its pages by the Playwright that it was built with; ours is the one that runs.
      const tab = (await browsers.newPage()) as unknown as Tab;
      started = true;
      return tab;
    } catch (cause) {
      if (started) throw new TransientError("browser", "browser: cannot open a page", { cause });
      const why = /(?:Failed to launch:|Target \w+,).*?(?= (?:Browser logs|Call log):|$)/.exec(describeError(cause))?.[0] ?? cause; // else pages of flags
      const path = settings.CHROMIUM_PATH;
      throw new CriticalError("browser_start", `browser: cannot start ${path}: check that it is a working Chromium`, { cause: why });
    }
  }

  const refused = (url: string): boolean => {
    const { protocol, hostname } = new URL(url);
    if (protocol === "data:" || protocol === "blob:") return false;
    return !privateAllowed && virtualHosts[hostname] === undefined && isPrivateHost(hostname);
  };

  async function load(tab: Tab, url: string, headers: Readonly<Record<string, string>> | undefined): Promise<Answer> {
    if (headers !== undefined) await tab.setExtraHTTPHeaders({ ...headers });
    await tab.route("**/*", (route) =>
      WANTED.has(route.request().resourceType()) && !refused(route.request().url()) ? route.continue() : route.abort(),
    );
    const started = performance.now();
    const response = await tab.goto(url, { timeout, waitUntil: "domcontentloaded" });
    const elapsedMs = performance.now() - started;
    if (response === null) throw new TransientError("browser", `browser: ${url}: the page gave no answer`);
    // A redirect is followed inside Chromium, past the route above: look at who answered before anything of it is used.
    // (Through a proxy it is the proxy that answers: then, as for the downloader, only the name can be judged.)
    const host = new URL(response.url()).hostname;
    const address = settings.HTTP_PROXY === undefined ? await response.serverAddr() : { ipAddress: host };
    if (!privateAllowed && virtualHosts[host] === undefined && address !== null && isPrivateHost(address.ipAddress))
      throw privateAddressError(host, address.ipAddress);
    await tab.waitForLoadState("networkidle", { timeout: QUIET_MS }).catch(() => {}); // a page that never is quiet is read as it stands
    const body = Buffer.from(await tab.content());
    if (body.length > settings.DOWNLOAD_MAXSIZE)
      throw new RejectedError("body_too_large", `browser: ${url}: the page is larger than DOWNLOAD_MAXSIZE (${settings.DOWNLOAD_MAXSIZE})`);
    const answered = await response.allHeaders();
    return {
      url: tab.url(),
      status: response.status(),
      headers: { ...answered, "content-type": "text/html; charset=utf-8" },
      body,
      elapsedMs,
    };
  }

  return {
    fetch: (url, headers) =>
      limit(async () => {
        const tab = await newTab();
        try {
          return await load(tab, url, headers);
        } catch (cause) {
          if (cause instanceof ArachneError) throw cause;
          throw new TransientError("browser", `browser: cannot load ${url}`, { cause });
        } finally {
          await tab.close().catch(() => {});
        }
      }),
    async close() {
      await pool?.then(
        (browsers) => browsers.destroy(),
        () => {}, // never opened: every page that wanted it has been told why
      );
    },
  };
}
