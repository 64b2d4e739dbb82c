import type { Ad } from "./ads.ts";
import { entities, escape } from "./html.ts";
import { ORIGIN } from "./layout.ts";
import { vi } from "./numbers.ts";
import { besides } from "./prices.ts";
import { hash } from "./random.ts";
import { describe } from "./texts.ts";

/** How a card links to its listing. Only `plain` and `absolute` name the canonical link itself. */
export type LinkStyle = "plain" | "absolute" | "tracking" | "fragment" | "old slug" | "short" | "chain" | "promoted";

/** By number, so that every style occurs; a listing whose detail cannot be had is always linked plainly. */
export function linkStyle(ad: Ad): LinkStyle {
  const { n } = ad;
  if (n % 211 === 50) return "chain";
  if (n % 83 === 30) return "short";
  if (n % 41 === 13) return "old slug";
  if (n % 17 === 3) return "tracking";
  if (n % 19 === 5) return "fragment";
  return n % 31 === 8 ? "absolute" : "plain";
}

const HREFS: Readonly<Record<LinkStyle, (ad: Ad) => string>> = {
  plain: (ad) => ad.path,
  absolute: (ad) => `${ORIGIN}${ad.path}`,
  tracking: (ad) => `${ad.path}?utm_source=danh-sach&utm_medium=card&utm_campaign=t${ad.n % 12}`,
  promoted: (ad) => `${ad.path}?utm_source=noi-bat&utm_content=vip`,
  fragment: (ad) => `${ad.path}#lien-he`,
  "old slug": (ad) => `/${ad.kind.slug}/tin-cu-pr${ad.id}`,
  short: (ad) => `/tin/${ad.id}`,
  chain: (ad) => `/chuyen/${ad.id}`,
};

export const hrefOf = (ad: Ad, style: LinkStyle) => HREFS[style](ad);

const ENTITY_EVERY = 23;

/** A seller's text in HTML; for some listings with entities for letters, as old editors leave it. */
export const asHtml = (ad: Ad, text: string) => (ad.n % ENTITY_EVERY === 7 ? entities(text) : escape(text));

/** The phone number that some sellers put in the title, masked by the site: markup inside the title, and part of its text. */
export function phone(ad: Ad): string {
  if (ad.n % 9 !== 2) return "";
  return ` <span class="hidden-mobile m-on-title" raw="${hash(ad.id, 8).toString(36)}">${phoneText(ad)}</span>`;
}

export const phoneText = (ad: Ad) =>
  `09${String(hash(ad.id, 7) % 100).padStart(2, "0")} ${String(hash(ad.id, 9) % 1000).padStart(3, "0")} ***`;

/** "150 tr/m²" or, below a million, "< 1 tr/m²". */
export function rateText(ad: Ad): string | undefined {
  const { perM2 } = besides(ad.quote, ad.area.m2);
  if (perM2 === null || ad.quote.unit !== "total") return undefined;
  return perM2 < 1e6 ? "< 1 tr/m²" : `${vi(perM2 / 1e6)} tr/m²`;
}

const DOT = `<span class="re__card-config-dot js__card-config-item">·</span>`;

function config(ad: Ad): string {
  const item = (name: string, html: string, label = "") =>
    `<span class="re__card-config-${name} js__card-config-item"${label}>${html}</span>`;
  const rate = rateText(ad);
  const items = [
    ad.quote.text === undefined ? "" : item("price", asHtml(ad, ad.quote.text)),
    ad.area.text === undefined ? "" : item("area", asHtml(ad, ad.area.text)),
    rate === undefined ? "" : item("price_per_m2", escape(rate)),
    ad.bedrooms === null
      ? ""
      : item("bedroom", `<span>${ad.bedrooms}</span><i class="re__icon-bedroom--sm"></i>`, ` aria-label="${ad.bedrooms} Phòng ngủ"`),
    ad.toilets === null
      ? ""
      : item("toilet", `<span>${ad.toilets}</span><i class="re__icon-bath--sm"></i>`, ` aria-label="${ad.toilets} WC"`),
  ];
  return items.filter(Boolean).join(`\n${DOT}\n`);
}

function published(ad: Ad): string {
  const { posted } = ad;
  if (posted.text === undefined) return "";
  const label = posted.date === null ? "" : ` aria-label="${posted.text}"`;
  const text = posted.date === null ? posted.text.toLowerCase() : posted.text;
  return `<span class="re__card-published-info-published-at"${label}>Đăng ${text}</span>`;
}

const VIP = ["vip-diamond", "vip-gold", "vip-silver", "vip-normal"];

/** A card of an index page. `page` and `position` are where it stands. */
export function card(ad: Ad, style: LinkStyle, page: number, position: number): string {
  const vip = VIP[hash(ad.id, 6) % VIP.length] ?? "vip-normal";
  const location =
    ad.address.card === undefined
      ? ""
      : `<div class="re__card-location">
<span class="re__card-config-dot">·</span>
<span>${asHtml(ad, ad.address.card)}</span>
</div>`;
  return `<div class="js__card js__card-full-web pr-container re__card-full re__${vip}" uid="${hash(ad.id, 5) % 5_000_000}" prid="${ad.id}" vtp="${vip}" ipos="${position}" pgno="${page}">
<a class="js__product-link-for-product-id" data-product-id="${ad.id}" href="${escape(hrefOf(ad, style))}" title="${escape(ad.title)}">
<div class="re__card-image"><img src="/anh/${ad.id}-1.svg" alt="Ảnh đại diện" loading="lazy" width="232" height="168">
<div class="re__card-image-feature"><i class="re__icon-image"></i><span>${4 + (ad.n % 9)}</span></div></div>
<div class="re__card-info">
<div class="re__card-info-content">
<h3 class="re__card-title"><span class="pr-title js__card-title" product-title="">${asHtml(ad, ad.title)}${phone(ad)}</span></h3>
<div class="re__card-config js__card-config">
${config(ad)}
</div>
${location}
<div class="re__card-description js__card-description">${escape(describe(ad)[0] ?? "")}</div>
</div>
<div class="re__card-contact"><div class="re__card-published-info">${published(ad)}</div>
<span class="re__btn-contact js__card-phone-btn">${phoneText(ad)} · Hiện số</span></div>
</div>
</a>
</div>`;
}
