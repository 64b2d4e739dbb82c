import { escape } from "./html.ts";
import { KINDS, type Transaction } from "./kinds.ts";
import { STYLE } from "./style.ts";

export const HOST = "bds.demo";
export const ORIGIN = `http://${HOST}`;
export const SECTIONS: Readonly<Record<Transaction, string>> = { sale: "/nha-dat-ban", rent: "/nha-dat-cho-thue" };
/** A folder that robots.txt closes: every index page links into it, and it never ends. */
export const TRAP = "/cam/";
export const SCRIPT_PAGE = "/js/nha-dat-ban";

export interface Head {
  readonly title: string;
  /** Path of the page's own address. */
  readonly canonical?: string;
  readonly description?: string;
  /** Further elements of the head, as HTML. */
  readonly extra?: string;
  readonly bodyClass: string;
}

function menu(transaction: Transaction, label: string): string {
  const slugs = new Map(KINDS[transaction].map((kind) => [kind.slug, kind.label]));
  const entries = [...slugs]
    .map(([slug, name]) => `<li class="lv1"><a href="/${slug}" class="haslink">${escape(name)}</a></li>`)
    .join("\n");
  return `<li class="lv0"><a href="${SECTIONS[transaction]}" class="haslink"><span class="text">${label}</span></a>\n<ul class="re__dropdown-no-art--sm">\n${entries}\n</ul></li>`;
}

const HEADER = `<div class="form-content">
<div id="page-params" data-web="${ORIGIN}" data-page-size="20"></div>
<header class="re__full-menu re__header js__menu-bar">
<div class="re__header-in">
<a class="re__logo" href="/nha-dat-ban" title="Trang đầu">nhà<i>·</i>demo</a>
<ul class="re__dropdown-no-art--sm re__dropdown-navigative-menu">
${menu("sale", "Nhà đất bán")}
${menu("rent", "Nhà đất cho thuê")}
<li class="lv0"><a href="${SCRIPT_PAGE}" class="haslink"><span class="text">Xem nhanh</span></a></li>
</ul>
</div>
</header>`;

const FOOTER = `<footer class="re__footer"><div class="re__footer-in">
<p>Đây là trang minh họa đi kèm Arachne: mọi tin đăng, người bán, dự án và giá cả đều do máy tạo ra. Tên tỉnh, huyện, xã là tên thật.</p>
<p><a href="/sitemap.xml">Sơ đồ trang</a> · <a rel="nofollow" href="${TRAP}ban-do">Bản đồ</a></p>
</div></footer>
</div>`;

/** A whole page around `main`. */
export function layout(head: Head, main: string): string {
  const canonical = head.canonical === undefined ? "" : `\n<link rel="canonical" href="${ORIGIN}${head.canonical}">`;
  const description = head.description === undefined ? "" : `\n<meta name="description" content="${escape(head.description)}">`;
  return `<!DOCTYPE html>
<html lang="vi">
<head>
<meta http-equiv="content-type" content="text/html; charset=utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>${escape(head.title)}</title>${canonical}${description}
<link rel="icon" href="/favicon.ico">
<style>${STYLE}</style>${head.extra ?? ""}
</head>
<body class="re__body ${head.bodyClass}">
${HEADER}
${main}
${FOOTER}
</body>
</html>
`;
}
