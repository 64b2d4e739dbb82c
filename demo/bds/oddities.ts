import { SCRIPTED, type Catalog } from "./ads.ts";
import { scriptJson } from "./html.ts";
import { layout, SCRIPT_PAGE } from "./layout.ts";

/** The script that fills the list: a card a listing, out of text alone. */
const BUILD = `
function part(tag, className, text) {
  var element = document.createElement(tag);
  element.className = className;
  if (text) element.textContent = text;
  return element;
}
function card(item) {
  var root = part("div", "js__card js__card-full-web pr-container re__card-full");
  root.setAttribute("prid", item.id);
  var link = part("a", "js__product-link-for-product-id");
  link.href = item.href;
  link.dataset.productId = item.id;
  var info = part("div", "re__card-info");
  var title = part("h3", "re__card-title");
  title.append(part("span", "pr-title js__card-title", item.title));
  var config = part("div", "re__card-config js__card-config");
  config.append(part("span", "re__card-config-price js__card-config-item", item.price), " ", part("span", "re__card-config-area js__card-config-item", item.area));
  var location = part("div", "re__card-location");
  location.append(part("span", "", item.location));
  var posted = part("span", "re__card-published-info-published-at", item.posted);
  info.append(title, config, location, posted);
  link.append(info);
  root.append(link);
  return root;
}
setTimeout(function () {
  var list = document.getElementById("product-lists-web");
  JSON.parse(document.getElementById("list-data").textContent).listings.forEach(function (item) { list.append(card(item)); });
  list.dataset.state = "ready";
}, 50);
`;

/** A list that is empty until its script has run, a moment after the page is there. */
export function scriptPage(catalog: Catalog): string {
  const listings = Array.from({ length: SCRIPTED }, (_, i) => {
    const { id, path, title, quote, area, address, posted } = catalog.ad(catalog.size + i);
    return {
      id,
      href: path,
      title,
      price: quote.text,
      area: area.text,
      location: address.card,
      posted: posted.text && `Đăng ${posted.text.toLowerCase()}`,
    };
  });
  return layout(
    { title: "Xem nhanh nhà đất mới", canonical: SCRIPT_PAGE, bodyClass: "re__body-srp" },
    `<div class="re__main"><div class="re__main-content">
<h1 class="re__srp-title">Xem nhanh nhà đất mới</h1>
<div id="product-lists-web" class="re__srp-list" data-state="loading"></div>
<noscript>Trang này cần JavaScript.</noscript>
<script type="application/json" id="list-data">${scriptJson({ listings })}</script>
<script>${BUILD}</script>
</div></div>`,
  );
}

const empty = (title: string, text: string) =>
  layout(
    { title, bodyClass: "re__body-empty" },
    `<div class="re__main"><div class="re__empty re__page-not-found">
<h1 class="re__empty-title">${title}</h1>
<p>${text}</p>
<p><a class="re__link-pr" href="/nha-dat-ban">Xem các tin khác</a></p>
</div></div>`,
  );

/** The soft 404: everything of a page but the listing, and status 200. */
export const GONE = empty("Tin đăng không tồn tại", "Tin đăng bạn tìm không tồn tại, đã hết hạn hoặc đã bị người đăng gỡ xuống.");
export const NOT_FOUND = empty("Không tìm thấy trang", "Đường dẫn này không có trên trang minh họa.");
export const FORBIDDEN = empty("Không được phép xem", "Tin đăng này chỉ dành cho thành viên.");
export const BROKEN = `<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>Lỗi máy chủ</title></head><body><h1>Máy chủ đang bận</h1></body></html>\n`;

/** A wall in the manner of Cloudflare's: no layout of the site, its well-known title and markers, in our words. */
export const WALL = `<!DOCTYPE html>
<html lang="en-US">
<head>
<title>Just a moment...</title>
<meta http-equiv="content-type" content="text/html; charset=utf-8">
<meta name="robots" content="noindex,nofollow">
<style>body{font:16px system-ui;margin:8rem auto;max-width:40rem;padding:0 1rem}</style>
</head>
<body>
<div class="main-wrapper" role="main">
<h1 class="zone-name-title">bds.demo</h1>
<p id="challenge-running">Checking that you are human. This may take a few seconds.</p>
<noscript><div id="challenge-error-text">Enable JavaScript and cookies to continue</div></noscript>
</div>
<script>window._cf_chl_opt = { cvId: "3", cZone: "bds.demo", cType: "managed" };</script>
<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script>
</body>
</html>
`;

/** A page of the trap: two links deeper into it, for ever. */
export function trapPage(path: string): string {
  const next = Number(/(\d+)$/.exec(path)?.[1] ?? 1) + 1;
  return layout(
    { title: "Khu vực cấm", bodyClass: "re__body-empty" },
    `<div class="re__main"><div class="re__empty"><h1>Khu vực cấm</h1>
<div class="re__pagination-group"><a class="re__pagination-icon" href="/cam/p${next}">›</a> <a class="re__pagination-number" href="/cam/p${next + 1}">${next + 1}</a></div></div></div>`,
  );
}

/** The least that a PDF reader opens: one empty page. */
export const PDF = Buffer.from(
  "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
  "latin1",
);
