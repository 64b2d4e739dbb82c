import { gzipSync } from "node:zlib";
import type { Catalog } from "./ads.ts";
import { DEAD, type Fault } from "./faults.ts";
import { pagePath, pagesOf, type List } from "./indexes.ts";
import { ORIGIN, TRAP } from "./layout.ts";

const XML = `<?xml version="1.0" encoding="UTF-8"?>\n`;
const SPACE = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`;
/** Listings a child sitemap holds. */
const CHILD_SIZE = 500;

export const ROBOTS = `# Trang minh họa của Arachne
User-agent: *
Disallow: ${TRAP}
Allow: /

Sitemap: ${ORIGIN}/sitemap.xml
`;

/** Paths of the child sitemaps: one of the index pages as plain XML, the listings gzipped. */
function children(catalog: Catalog): string[] {
  return [
    "/sitemap/danh-sach.xml",
    ...Array.from({ length: Math.ceil(catalog.size / CHILD_SIZE) }, (_, i) => `/sitemap/tin-${i + 1}.xml.gz`),
  ];
}

export function sitemapIndex(catalog: Catalog): string {
  const entries = children(catalog).map((path) => `<sitemap><loc>${ORIGIN}${path}</loc></sitemap>`);
  return `${XML}<sitemapindex ${SPACE}>\n${entries.join("\n")}\n</sitemapindex>\n`;
}

const urlset = (entries: readonly string[]) => `${XML}<urlset ${SPACE}>\n${entries.join("\n")}\n</urlset>\n`;

export function indexSitemap(lists: readonly List[]): string {
  return urlset(
    lists.flatMap((list) =>
      Array.from(
        { length: pagesOf(list) },
        (_, i) => `<url><loc>${ORIGIN}${pagePath(list, i + 1)}</loc><changefreq>hourly</changefreq></url>`,
      ),
    ),
  );
}

/** Child `number` (from 1) of the listings, gzipped as a file; undefined where there is none. Listings whose page is gone are left out. */
export function listingSitemap(catalog: Catalog, faults: ReadonlyMap<number, Fault>, number: number): Buffer | undefined {
  const entries: string[] = [];
  for (let n = (number - 1) * CHILD_SIZE; n < Math.min(number * CHILD_SIZE, catalog.size); n++) {
    const fault = faults.get(n);
    if (fault !== undefined && DEAD.has(fault)) continue;
    const { path, posted } = catalog.ad(n);
    const modified = posted.date === null ? "" : `<lastmod>${posted.date}</lastmod>`;
    entries.push(`<url><loc>${ORIGIN}${path}</loc>${modified}</url>`);
  }
  return entries.length === 0 ? undefined : gzipSync(urlset(entries));
}
