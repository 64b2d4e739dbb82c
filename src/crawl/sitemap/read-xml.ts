import { Parser } from "htmlparser2";

/** Is handed each entry; false: no more of them. */
export type TakeEntry = (kind: "url" | "sitemap", link: string, lastmod?: string) => boolean;

/** The element that holds one entry, by the document's root element: sitemaps.org 0.9, RSS 2.0, RSS 1.0 and Atom. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  urlset: ["url"],
  sitemapindex: ["sitemap"],
  rss: ["item"],
  RDF: ["item"],
  feed: ["entry"],
};
/** The children of an entry that are read, and what for. */
const LOCATION = new Set(["loc", "link"]);
const CHANGED = new Set(["lastmod", "updated", "pubDate"]);

interface Entry {
  readonly kind: "url" | "sitemap";
  loc: string;
  lastmod: string;
  /** Text directly in the entry: some indexes leave out <loc>. */
  own: string;
}

/**
 * Reads a sitemap's or feed's entries, one after the other, until `take` says no. htmlparser2 in its XML mode, and not a
 * strict parser, since the commonest fault of real sitemaps is a bare `&` in a URL: saxes loses the whole rest at one. It
 * knows no entities but XML's own, so none can be made to explode.
 *
 * Namespaces are told by prefix: entries bear the root's (`sit:urlset`, `sit:url`), while `image:loc` does not. The names
 * behind them are not checked: sites write wrong ones.
 */
export function readXml(text: string, take: TakeEntry): void {
  let prefix: string | undefined;
  let entries: readonly string[] = [];
  let entry: Entry | undefined;
  /** Which of the entry's texts is being read: set inside its direct children only. */
  let field: "loc" | "lastmod" | "own" | undefined;
  let depth = 0;
  const reading = { done: false };

  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const colon = name.indexOf(":");
        const own = colon === -1 ? "" : name.slice(0, colon);
        const local = name.slice(colon + 1);
        if (prefix === undefined) {
          // RSS 1.0's root is rdf:RDF, its items bear no prefix.
          prefix = local === "RDF" ? "" : own;
          entries = ENTRIES[local] ?? [];
          reading.done = entries.length === 0;
        } else if (entry === undefined) {
          if (own !== prefix || !entries.includes(local)) return;
          entry = { kind: local === "sitemap" ? "sitemap" : "url", loc: "", lastmod: "", own: "" };
          field = "own";
          depth = 0;
        } else {
          depth++;
          field = depth === 1 && own === prefix ? fieldOf(local, entry) : undefined;
          if (field === "loc" && attributes["href"] !== undefined && isPage(attributes["rel"])) entry.loc = attributes["href"];
        }
      },
      ontext(text) {
        if (entry !== undefined && field !== undefined) entry[field] += text;
      },
      onclosetag() {
        if (entry === undefined) return;
        if (depth > 0) {
          depth--;
          field = depth === 0 ? "own" : undefined;
          return;
        }
        const link = entry.loc.trim() === "" ? entry.own : entry.loc;
        if (!take(entry.kind, link, entry.lastmod.trim())) reading.done = true;
        entry = undefined;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  // In slices, so that a limit or a wrong root ends the work early.
  for (let at = 0; at < text.length && !reading.done; at += SLICE) parser.write(text.slice(at, at + SLICE));
  if (!reading.done) parser.end();
}

const SLICE = 64 * 1024;

/** A second <loc> or <link> (Atom's edit link, an alternate) does not add to the first. */
function fieldOf(local: string, entry: Entry): "loc" | "lastmod" | undefined {
  if (LOCATION.has(local)) return entry.loc.trim() === "" ? "loc" : undefined;
  return CHANGED.has(local) && entry.lastmod === "" ? "lastmod" : undefined;
}

/** RFC 4287 4.2.7.2: a link without rel is an alternate one. */
function isPage(rel: string | undefined): boolean {
  return rel === undefined || rel === "alternate";
}
