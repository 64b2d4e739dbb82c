type Headers = Readonly<Record<string, string>>;

/** How much of a page is looked at: walls say what they are at their start. */
const HEAD_CHARS = 20_000;
/** With an ordinary status only a page this small (bytes) is suspected: walls are bare, and a look costs some 20 µs. */
const SMALL_PAGE = 16 * 1024;

/** Statuses that walls come with: 202 and 405 are AWS WAF's challenge and captcha. */
const WALL_STATUS = new Set([202, 401, 403, 405, 406, 429, 503]);

/** Headers that are sent with a wall only, never with a page. */
const HEADERS: readonly [name: string, value: RegExp, wall: string][] = [
  ["cf-mitigated", /challenge/, "Cloudflare challenge"],
  ["x-amzn-waf-action", /challenge|captcha/, "AWS WAF"],
  ["x-sucuri-block", /./, "Sucuri firewall"],
  ["x-datadome", /challenge|blocked|captcha/, "DataDome"],
];

/**
 * Text that a wall's own page holds and no page behind it. Vendors' names alone will not do: pages that passed the wall
 * load its scripts too (`/cdn-cgi/challenge-platform/` stands in ordinary batdongsan pages).
 */
const MARKERS: readonly [text: string, wall: string][] = [
  ["_cf_chl_opt", "Cloudflare challenge"],
  ["cf-browser-verification", "Cloudflare challenge"],
  ["cf-error-details", "Cloudflare block"],
  ["captcha-delivery.com", "DataDome"],
  ["/_Incapsula_Resource", "Imperva Incapsula"],
  ["px-captcha", "PerimeterX"],
  ["_pxAppId", "PerimeterX"],
  ["errors.edgesuite.net", "Akamai"],
  ["/_sec/cp_challenge", "Akamai"],
  ["sec-if-cpt-container", "Akamai"],
  ["awsWafCookieDomainList", "AWS WAF"],
  ["token.awswaf.com", "AWS WAF"],
  ["ips.js?KP_UIDz", "Kasada"],
  ["distil_r_captcha", "Distil"],
  ["DDoS-Guard</title>", "DDoS-Guard"],
  ["Sucuri WebSite Firewall", "Sucuri firewall"],
  ["sgcaptcha", "SiteGround captcha"],
  ["/sorry/index", "Google captcha"],
  ["opfcaptcha-prod", "Amazon captcha"],
];

/** Titles of walls of any make, sites' own among them; Vietnamese: "verify", "confirm that you are human", "not a robot". */
const TITLE =
  /<title[^>]*>\s*(just a moment|attention required|checking your browser|ddos protection|pardon our interruption|robot check|security (?:check|verification)|human verification|verify (?:that )?you are|(?:are )?you (?:are )?(?:not )?a (?:human|robot)|[^<]{0,40}captcha|xác (?:minh|thực|nhận) (?:người dùng|bạn|truy cập|bảo mật)|[^<]{0,40}không phải (?:là )?(?:robot|người máy))[^<]*/i;

/**
 * Which wall (captcha, "checking your browser") a page is, undefined where it is a page. Told by content and headers, since
 * walls come with status 200 as well. `size` is the body's in bytes; `text` is asked for only where there is a suspicion.
 */
export function detectWall(status: number, headers: Headers, size: number, text: () => string): string | undefined {
  for (const [name, value, wall] of HEADERS) {
    const found = headers[name];
    if (found !== undefined && value.test(found)) return wall;
  }
  if (size > SMALL_PAGE && !WALL_STATUS.has(status)) return undefined;
  const type = headers["content-type"];
  if (size === 0 || (type !== undefined && !type.includes("html"))) return undefined;
  const head = text().slice(0, HEAD_CHARS);
  for (const [marker, wall] of MARKERS) if (head.includes(marker)) return wall;
  const title = TITLE.exec(head)?.[1];
  return title === undefined ? undefined : `"${title.trim()}" page`;
}
