import type { Ad, Catalog } from "./ads.ts";
import { toWindows1258 } from "./charset.ts";
import { detailPage } from "./details.ts";
import { delayOf, GZIP_INDEX_PAGE, HEALING, INDEX_FAULTS, type Fault } from "./faults.ts";
import { favicon, picture } from "./images.ts";
import { indexPage, narrower, pagesOf, section, type List } from "./indexes.ts";
import { SCRIPT_PAGE, SECTIONS, TRAP } from "./layout.ts";
import { BROKEN, FORBIDDEN, GONE, NOT_FOUND, PDF, scriptPage, trapPage, WALL } from "./oddities.ts";
import { indexSitemap, listingSitemap, ROBOTS, sitemapIndex } from "./sitemap.ts";

type PathClass = "index" | "list" | "detail" | "redirect" | "script" | "trap" | "sitemap" | "robots" | "image" | "unknown";

/** What the server sends; status 0 means that it cuts the connection. */
export interface Answer {
  readonly of: PathClass;
  readonly status: number;
  readonly type?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Gzipped whatever the client accepts. */
  readonly gzip?: boolean;
  readonly delay?: number;
}

const HTML = "text/html; charset=utf-8";
const XML = "application/xml; charset=utf-8";
const html = (of: PathClass, body: string | Buffer, status = 200, headers: Answer["headers"] = {}): Answer => ({
  of,
  status,
  type: HTML,
  body,
  headers,
});
const moved = (of: PathClass, location: string, status = 301): Answer => ({ of, status, headers: { location } });

/** Bytes that are no UTF-8, in the middle of the description. */
function breakUtf8(page: string): Buffer {
  const at = page.indexOf("Liên hệ ");
  return Buffer.concat([
    Buffer.from(page.slice(0, at)),
    Buffer.from([0xff, 0x20, 0xc3, 0x28, 0x20, 0xe1, 0xba]),
    Buffer.from(page.slice(at)),
  ]);
}

function heal(of: PathClass, fault: Fault | undefined, seen: number): Answer | undefined {
  const rule = fault === undefined ? undefined : HEALING[fault];
  if (rule === undefined || seen >= rule.times) return undefined;
  return html(of, BROKEN, rule.status, rule.retryAfter === undefined ? {} : { "retry-after": String(rule.retryAfter) });
}

function detail(ad: Ad, catalog: Catalog, fault: Fault | undefined): Answer {
  switch (fault) {
    case "404":
      return html("detail", NOT_FOUND, 404);
    case "410":
      return html("detail", GONE, 410);
    case "403":
      return html("detail", FORBIDDEN, 403);
    case "soft 404":
      return html("detail", GONE);
    case "wall":
      return html("detail", WALL, 403, { "cf-mitigated": "challenge" });
    case "wall 200":
      return html("detail", WALL);
    case "PDF":
      return { of: "detail", status: 200, type: "application/pdf", body: PDF };
    case "loop":
      return moved("detail", `/vong-lap/${ad.id}`, 302);
    default:
  }
  const page = detailPage(ad, catalog);
  switch (fault) {
    case "windows-1258":
      return { of: "detail", status: 200, type: "text/html; charset=windows-1258", body: toWindows1258(page) };
    case "broken UTF-8":
      return html("detail", breakUtf8(page));
    case "slow":
      return { ...html("detail", page), delay: delayOf(ad.n) };
    case "always gzip":
      return { ...html("detail", page), gzip: true };
    default:
      // Every seventh leaves the encoding to the page's own meta element.
      return ad.n % 7 === 2 ? { ...html("detail", page), type: "text/html" } : html("detail", page);
  }
}

/** The site as a function: an answer to a path, given how often that path was asked before. */
export function answers(
  catalog: Catalog,
  faults: ReadonlyMap<number, Fault>,
  indexFaults: boolean,
): (path: string, seen: number) => Answer {
  const sections: Readonly<Record<string, List>> = { [SECTIONS.sale]: section(catalog, "sale"), [SECTIONS.rent]: section(catalog, "rent") };
  let others: ReadonlyMap<string, List> | undefined;
  const nothing = html("unknown", NOT_FOUND, 404);
  const icon: Answer = { of: "image", status: 200, type: "image/x-icon", body: favicon() };

  function list(path: string, seen: number): Answer {
    const [, base = path, number] = /^(.+)\/p(\d{1,6})$/.exec(path) ?? [];
    const page = Number(number ?? 1);
    const found = sections[base] ?? (others ??= narrower(catalog)).get(base);
    if (found === undefined || page < 1 || page > pagesOf(found)) return nothing;
    if (number === "1") return moved("redirect", base);
    const of = found.section ? "index" : "list";
    const failed = found.section && indexFaults ? heal(of, INDEX_FAULTS[found.transaction].get(page), seen) : undefined;
    if (failed !== undefined) return failed;
    const gzip = found.section && found.transaction === "sale" && page === GZIP_INDEX_PAGE;
    return { ...html(of, indexPage(found, page, catalog, faults)), gzip };
  }

  function byId(path: string, seen: number): Answer | undefined {
    const [, short, loop] = /^\/(?:(tin|chuyen)|(vong-lap))\/\d+$/.exec(path) ?? [];
    const id = Number(/(?:\/|-pr)(\d{1,12})$/.exec(path)?.[1]);
    const ad = catalog.byId(id);
    if (ad === undefined) return undefined;
    if (short === "chuyen") return moved("redirect", `/tin/${id}`, 302);
    if (short === "tin") return moved("redirect", ad.path);
    if (loop !== undefined) return moved("redirect", ad.path, 302);
    // As on the real site, the id counts: whatever else the link says, it leads to the listing's own.
    if (path !== ad.path) return moved("redirect", ad.path);
    const fault = faults.get(ad.n);
    return heal("detail", fault, seen) ?? detail(ad, catalog, fault);
  }

  return (path, seen) => {
    const image = /^\/anh\/(\d{1,12})-(\d{1,2})\.svg$/.exec(path);
    if (image !== null)
      return {
        of: "image",
        status: 200,
        type: "image/svg+xml",
        body: picture(Number(image[1]), Number(image[2])),
        headers: { "cache-control": "max-age=86400" },
      };
    if (path.startsWith(TRAP)) return html("trap", trapPage(path));
    const child = /^\/sitemap\/tin-(\d{1,6})\.xml\.gz$/.exec(path);
    if (child !== null) {
      const body = listingSitemap(catalog, faults, Number(child[1]));
      return body === undefined ? nothing : { of: "sitemap", status: 200, type: "application/gzip", body };
    }
    switch (path) {
      case "/":
        return moved("redirect", SECTIONS.sale, 302);
      case "/robots.txt":
        return { of: "robots", status: 200, type: "text/plain; charset=utf-8", body: ROBOTS };
      case "/sitemap.xml":
        return { of: "sitemap", status: 200, type: XML, body: sitemapIndex(catalog) };
      case "/sitemap/danh-sach.xml":
        return { of: "sitemap", status: 200, type: XML, body: indexSitemap(Object.values(sections)) };
      case SCRIPT_PAGE:
        return html("script", scriptPage(catalog));
      case "/favicon.ico":
        return icon;
      default:
        return byId(path, seen) ?? list(path, seen);
    }
  };
}
