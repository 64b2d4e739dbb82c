import type { Ad, Catalog } from "./ads.ts";
import { card, linkStyle, type LinkStyle } from "./cards.ts";
import type { Fault } from "./faults.ts";
import { escape } from "./html.ts";
import { KINDS, type Transaction } from "./kinds.ts";
import { layout, SECTIONS, TRAP } from "./layout.ts";
import { vi } from "./numbers.ts";
import { shortName } from "./places.ts";
import { slug } from "./slug.ts";

const PAGE_SIZE = 20;

/** A list of listings cut into pages: a section, or a kind of it, or a kind in a province. */
export interface List {
  /** Path of its first page. */
  readonly path: string;
  readonly transaction: Transaction;
  readonly title: string;
  readonly numbers: readonly number[];
  /** It is one of the two sections, which together hold everything. */
  readonly section: boolean;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

export function section({ size, sales }: Catalog, transaction: Transaction): List {
  const sale = transaction === "sale";
  return {
    path: SECTIONS[transaction],
    transaction,
    title: sale ? "Mua bán nhà đất trên toàn quốc" : "Cho thuê nhà đất trên toàn quốc",
    numbers: sale ? range(0, sales) : range(sales, size),
    section: true,
  };
}

/** The other lists by path, for the menu's links and those of breadcrumbs; found once, when one is first asked for. */
export function narrower(catalog: Catalog): ReadonlyMap<string, List> {
  const lists = new Map<string, List & { numbers: number[] }>();
  const put = (path: string, title: string, transaction: Transaction, n?: number) => {
    const list = lists.get(path) ?? { path, transaction, title, numbers: [], section: false };
    if (n !== undefined) list.numbers.push(n);
    lists.set(path, list);
  };
  for (const kind of [...KINDS.sale, ...KINDS.rent]) put(`/${kind.slug}`, kind.label, kind.transaction);
  for (const n of range(0, catalog.size)) {
    const { kind, place } = catalog.ad(n);
    const province = shortName(place.province.name);
    put(`/${kind.slug}`, kind.label, kind.transaction, n);
    put(`/${kind.slug}-${slug(province)}`, `${kind.label} tại ${province}`, kind.transaction, n);
    const district = shortName(place.district.name);
    put(`/${kind.slug}-${slug(province)}-${slug(district)}`, `${kind.label} tại ${district}, ${province}`, kind.transaction, n);
  }
  return lists;
}

export const pagesOf = (list: List) => Math.max(1, Math.ceil(list.numbers.length / PAGE_SIZE));
export const pagePath = (list: List, page: number) => (page === 1 ? list.path : `${list.path}/p${page}`);

/** A promoted listing stands a second time, on every third page of a section, under a link that only counts clicks. */
function promoted(list: List, page: number): number | undefined {
  return list.section && page % 3 === 0 ? list.numbers[(page - 3) * PAGE_SIZE + (page % 7)] : undefined;
}

function pager(list: List, page: number): string {
  const last = pagesOf(list);
  const icon = (to: string, name: string, id = "") =>
    `<a${id} href="${to}" class="re__pagination-icon"><i class="re__icon-chevron-${name}--sm">${name === "right" ? "›" : "‹"}</i></a>`;
  const number = (p: number) =>
    `<a pid="${p}" href="${pagePath(list, p)}" class="re__pagination-number ${p === page ? "re__actived" : ""}">${vi(p)}</a>`;
  const first = Math.max(1, Math.min(page - 2, last - 4));
  const window = range(first, Math.min(last, first + 4) + 1);
  // The door to the trap looks like a pager's arrow and is hidden from people: only robots.txt keeps a crawler out of it.
  const trap =
    list.section && page === 1 ? `<a href="${TRAP}p2" rel="nofollow" class="re__pagination-icon re__hide" aria-hidden="true"></a>\n` : "";
  const previous = page > 1 ? `${icon(pagePath(list, page - 1), "left")}\n` : "";
  const tail = (window.at(-1) ?? last) < last ? `\n<span class="re__pagination-icon-no-effect">…</span>\n${number(last)}` : "";
  // After the last page of the sales the arrow leads on to the rentals, so that following arrows alone reaches everything.
  const onwards = page < last ? pagePath(list, page + 1) : list.section && list.transaction === "sale" ? SECTIONS.rent : undefined;
  const next = onwards === undefined ? "" : `\n${icon(onwards, "right", page < last ? ` pid="${page + 1}"` : "")}`;
  return `<div class="re__pagination-group">\n${trap}${previous}${window.map(number).join("\n")}${tail}${next}\n</div>`;
}

function tabs(transaction: Transaction): string {
  const tab = (t: Transaction, label: string) =>
    `<li class="re__tab-box ${t === transaction ? "re__tab-box--actived" : ""}"><a href="${SECTIONS[t]}">${label}</a></li>`;
  return `<ul class="re__tab-box-group">${tab("sale", "Mua bán")}${tab("rent", "Cho thuê")}</ul>`;
}

function sidebar(transaction: Transaction): string {
  const kinds = new Map(KINDS[transaction].map((kind) => [kind.slug, kind.label]));
  const links = [...kinds].map(([path, label]) => `<a href="/${path}">${escape(label)}</a>`).join("\n");
  return `<div class="re__main-sidebar"><div class="re__box"><b>Loại nhà đất</b>\n${links}\n</div></div>`;
}

/** The number of the listing on each card of a page, promoted ones included, with how it is linked. */
export function cardsOf(list: List, page: number, catalog: Catalog, faults: ReadonlyMap<number, Fault>): { ad: Ad; style: LinkStyle }[] {
  const own = list.numbers.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map((n) => {
    const ad = catalog.ad(n);
    return { ad, style: faults.has(n) ? ("plain" as const) : linkStyle(ad) };
  });
  const extra = promoted(list, page);
  return extra === undefined || faults.has(extra) ? own : [{ ad: catalog.ad(extra), style: "promoted" }, ...own];
}

export function indexPage(list: List, page: number, catalog: Catalog, faults: ReadonlyMap<number, Fault>): string {
  const cards = cardsOf(list, page, catalog, faults).map(({ ad, style }, i) => card(ad, style, page, i + 1));
  return layout(
    {
      title: page === 1 ? list.title : `${list.title} - Trang ${page}`,
      canonical: pagePath(list, page),
      bodyClass: "re__body-srp re__srp-list-view",
    },
    `<div class="re__main"><div class="re__main-content js__main-content">
<h1 class="re__srp-title js__srp-title">${escape(list.title)}</h1>
<span class="re__srp-total-count js__srp-total-result">Hiện có <span id="count-number">${vi(list.numbers.length)}</span> bất động sản.</span>
${tabs(list.transaction)}
<div id="product-lists-web" class="re__srp-list js__srp-list">
${cards.join("\n")}
</div>
${pager(list, page)}
</div>
${sidebar(list.transaction)}
</div>`,
  );
}
