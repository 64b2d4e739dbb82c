import type { Ad, Catalog } from "./ads.ts";
import { asHtml, phone, phoneText, rateText } from "./cards.ts";
import { escape, scriptJson } from "./html.ts";
import { layout, ORIGIN, SECTIONS } from "./layout.ts";
import { vi } from "./numbers.ts";
import { shortName } from "./places.ts";
import { besides } from "./prices.ts";
import { drawing, hash, pick } from "./random.ts";
import { slug } from "./slug.ts";
import { describe, sellerOf } from "./texts.ts";
import { DIRECTIONS, FURNITURE, PAPERS, TIERS } from "./words.ts";

interface Crumb {
  readonly href: string;
  readonly text: string;
  readonly title: string;
}

function crumbs(ad: Ad): Crumb[] {
  const { kind, place } = ad;
  const verb = kind.transaction === "sale" ? "Bán" : "Cho thuê";
  const trail = [{ href: SECTIONS[kind.transaction], text: verb, title: `${verb} nhà đất` }];
  const base = `/${kind.slug}`;
  if (ad.address.scheme === "none") return [...trail, { href: base, text: kind.label, title: kind.label }];
  const province = shortName(place.province.name);
  const inProvince = `${base}-${slug(province)}`;
  trail.push({ href: inProvince, text: province, title: `${kind.label} tại ${province}` });
  if (ad.address.scheme !== "new") {
    const district = shortName(place.district.name);
    trail.push({ href: `${inProvince}-${slug(district)}`, text: district, title: `${kind.label} tại ${district}` });
  }
  return [...trail, { href: base, text: kind.label, title: kind.label }];
}

function breadcrumb(ad: Ad): string {
  const links = crumbs(ad).map(
    ({ href, text, title }, i) => `<a class="re__link-se" href="${href}" level="${i + 1}" title="${escape(title)}">${escape(text)}</a>`,
  );
  return `<div class="re__breadcrumb js__breadcrumb js__ob-breadcrumb">\n${links.join("\n<span>/</span>\n")}\n</div>`;
}

function breadcrumbData(ad: Ad): object {
  const items = crumbs(ad).map(({ href, text }, i) => ({ "@type": "ListItem", position: i + 1, name: text, item: `${ORIGIN}${href}` }));
  return { "@context": "https://schema.org/", "@type": "BreadcrumbList", itemListElement: items };
}

function listingData(ad: Ad): object {
  const published = ad.posted.date === null ? {} : { datePublished: `${ad.posted.date}T08:30:00+07:00` };
  return { "@context": "https://schema.org/", "@type": "RealEstateListing", name: ad.title, url: `${ORIGIN}${ad.path}`, ...published };
}

const CITY_CODES: Readonly<Record<string, string>> = { "01": "HN", "79": "SG", "48": "DDN", "31": "HP", "92": "CT" };
const cityCode = (ad: Ad) => CITY_CODES[ad.place.province.code] ?? `P${ad.place.province.code}`;

/** The ids that the site's own scripts read; in the form that it has there, JSON in a string in a script. */
function tracking(ad: Ad): string {
  const product = {
    intent: ad.kind.transaction === "sale" ? "Sale" : "Rent",
    pageType: "LDP",
    productId: ad.id,
    projectId: ad.project === undefined ? 0 : hash(ad.project.length, ad.place.district.wards.length) % 5000,
    vipType: hash(ad.id, 6) % 4,
    verified: false,
    expired: false,
    cateId: ad.kind.categoryId,
    cityCode: cityCode(ad),
    districtId: Number(ad.place.district.code),
    wardId: Number(ad.place.ward.code),
    createByUser: hash(ad.id, 5) % 5_000_000,
    productType: ad.kind.transaction === "sale" ? 38 : 49,
  };
  return `<script type="text/javascript">
window.pageTrackingData = {
    ...JSON.parse('${scriptJson({ pageTrackingType: "LDP", products: [product] })}'),
    bdsUuid: null,
    isSegmentIdentify: false,
};
</script>`;
}

const media = (ad: Ad) =>
  Array.from({ length: 5 + (ad.n % 8) }, (_, i) => {
    const alt = escape(`${ad.title} - Ảnh ${i + 1}`);
    return `<li class="swiper-slide js__media-item-container" data-filter="image" data-index="${i}"><div class="re__overlay"><img ${i < 5 ? "" : 'loading="lazy" '}src="/anh/${ad.id}-${i + 1}.svg" alt="${alt}" title="${alt}"></div></li>`;
  }).join("\n");

function shortInfo(ad: Ad): string {
  const item = (title: string, value: string, ext?: string) =>
    `<div class="re__pr-short-info-item js__pr-short-info-item"><span class="title">${title}</span><span class="value">${value}</span>${ext === undefined ? "" : `<span class="ext">${ext}</span>`}</div>`;
  const { total } = besides(ad.quote, ad.area.m2);
  const rate = rateText(ad)?.replace("tr/m²", "triệu/m²");
  const ext = rate === undefined ? (total === null || ad.quote.unit !== "per_m2" ? undefined : `~${vi(total / 1e9)} tỷ`) : `~${rate}`;
  return [
    ad.quote.text === undefined ? "" : item(priceLabel(ad), asHtml(ad, ad.quote.text), ext && escape(ext)),
    ad.area.text === undefined ? "" : item("Diện tích", asHtml(ad, ad.area.text)),
    ad.bedrooms === null ? "" : item("Phòng ngủ", `${ad.bedrooms} PN`),
  ]
    .filter(Boolean)
    .join("\n");
}

const priceLabel = (ad: Ad) => (ad.n % 2 === 0 ? "Khoảng giá" : "Mức giá");

function specs(ad: Ad): string {
  const draw = drawing(ad.id, 11);
  const rows: [icon: string, title: string, value: string | undefined][] = [
    ["money", priceLabel(ad), ad.quote.text],
    ["size", "Diện tích", ad.area.text],
    ["bedroom", "Số phòng ngủ", ad.bedrooms === null ? undefined : `${ad.bedrooms} phòng`],
    ["bath", "Số phòng tắm, vệ sinh", ad.toilets === null ? undefined : `${ad.toilets} phòng`],
    ["apartment", "Số tầng", ad.floors === null ? undefined : `${ad.floors} tầng`],
    ["front-view", "Hướng nhà", draw() < 0.4 ? pick(draw, DIRECTIONS) : undefined],
    ["private-house", "Mặt tiền", draw() < 0.4 ? `${vi(3 + draw() * 12, 1)} m` : undefined],
    ["road", "Đường vào", draw() < 0.4 ? `${vi(2 + draw() * 20, 1)} m` : undefined],
    ["document", "Pháp lý", draw() < 0.7 ? pick(draw, PAPERS) : undefined],
    ["interior", "Nội thất", ad.bedrooms !== null && draw() < 0.6 ? pick(draw, FURNITURE) : undefined],
  ];
  return rows
    .filter(([, , value]) => value !== undefined)
    .map(
      ([icon, title, value]) => `<div class="re__pr-specs-content-item">
<span class="re__pr-specs-content-item-icon"><i class="re__icon-${icon}"></i></span>
<span class="re__pr-specs-content-item-title">${title}</span>
<span class="re__pr-specs-content-item-value">${asHtml(ad, value ?? "")}</span>
</div>`,
    )
    .join("\n");
}

function facts(ad: Ad): string {
  const item = (title: string, value: string | number | undefined) =>
    value === undefined
      ? ""
      : `<div class="re__pr-short-info-item js__pr-config-item"><span class="title">${title}</span><span class="value">${value}</span></div>`;
  return [item("Ngày đăng", ad.posted.text), item("Loại tin", TIERS[hash(ad.id, 6) % TIERS.length]), item("Mã tin", ad.id)]
    .filter(Boolean)
    .join("\n");
}

/** Coordinates, in the two places where the site has them: the map's address and a script's object. */
function map(ad: Ad): string {
  if (ad.latitude === null || ad.longitude === null) return "";
  return `<div class="re__section re__pr-map js__section js__li-other">
<span class="re__section-title">Xem trên bản đồ</span>
<div class="re__section-body js__section-body re__map"><span>Bản đồ ${ad.latitude}, ${ad.longitude}</span>
<iframe class="lazyload" hidden data-src="https://www.google.com/maps/embed/v1/place?q=${ad.latitude},${ad.longitude}&amp;key=demo" frameborder="0" allowfullscreen></iframe>
</div>
</div>
<script>
window.listingHistory = { productId: ${ad.id}, area: ${ad.area.m2 ?? "null"}, wardId: ${Number(ad.place.ward.code)}, districtId: ${Number(ad.place.district.code)}, cityCode: '${cityCode(ad)}', latitude: ${ad.latitude}, longitude: ${ad.longitude} };
</script>`;
}

/** Others of the section, as small cards that are no `.js__card`: a crawler of listings has them from the index pages. */
function similar(ad: Ad, catalog: Catalog): string {
  const [from, to] = ad.kind.transaction === "sale" ? [0, catalog.sales] : [catalog.sales, catalog.size];
  return Array.from({ length: 8 }, (_, i) => {
    const other = catalog.ad(from + (hash(ad.n, i, 13) % Math.max(1, to - from)));
    return `<div class="re__card re__card-compact"><a href="${other.path}" title="${escape(other.title)}"><img loading="lazy" src="/anh/${other.id}-1.svg" alt="">
<div class="re__card-info"><span class="re__card-title">${escape(other.title)}</span></div></a></div>`;
  }).join("\n");
}

function address(ad: Ad): string {
  const { line1, line2 } = ad.address;
  if (line1 === undefined) return "";
  const second = line2 === undefined ? "" : `\n<span class="re__address-line-2 ">${asHtml(ad, line2)}</span>`;
  return `<div class="re__ldp-address"><i class="re__address-icon re__icon-location"></i><span class="re__address">
<span class="re__address-line-1">${asHtml(ad, line1)}</span>${second}
</span></div>`;
}

export function detailPage(ad: Ad, catalog: Catalog): string {
  const seller = sellerOf(ad);
  const paragraphs = describe(ad);
  return layout(
    {
      title: ad.title,
      canonical: ad.path,
      description: paragraphs[0] ?? "",
      bodyClass: "re__body-ldp",
      extra: `\n${tracking(ad)}\n<script type="application/ld+json">${scriptJson(listingData(ad))}</script>`,
    },
    `<div class="re__main re__main-ldp"><div class="re__main-content">
<div class="re__media-preview-wrap js__media-preview"><ul class="re__media-preview swiper-wrapper">
${media(ad)}
</ul></div>
${breadcrumb(ad)}
<script type="application/ld+json">${scriptJson(breadcrumbData(ad))}</script>
<div class="re__pr-info pr-info js__product-detail-web" id="product-detail-web" uid="${hash(ad.id, 5) % 5_000_000}" prid="${ad.id}">
<h1 class="re__pr-title pr-title js__pr-title">${asHtml(ad, ad.title)}${phone(ad)}</h1>
${address(ad)}
<div class="re__pr-short-info js__pr-short-info">
${shortInfo(ad)}
</div>
<div class="re__section re__pr-description js__section js__li-description">
<span class="re__section-title">Thông tin mô tả</span>
<div class="re__section-body re__detail-content js__section-body js__pr-description js__tracking">
${paragraphs.map(escape).join("<br><br>\n")}<br><br>
Liên hệ ${escape(seller)}: <span class="hidden-mobile hidden-phone m-cover js__btn-tracking">${phoneText(ad)}</span>.
</div>
</div>
<div class="re__section re__pr-specs re__pr-specs-v1 js__section js__li-specs">
<span class="re__section-title">Đặc điểm bất động sản</span>
<div class="re__section-body re__border--std js__section-body"><div class="re__pr-specs-content-v2 js__other-info">
${specs(ad)}
</div></div>
</div>
${map(ad)}
<div class="re__pr-short-info re__pr-config js__pr-config">
${facts(ad)}
</div>
</div>
<div class="re__section re__similar-listing-v1 js__section js__similar-listing"><span class="re__section-title">Bất động sản dành cho bạn</span>
<div class="re__section-body re__similar">
${similar(ad, catalog)}
</div></div>
</div>
<div class="re__main-sidebar"><div class="re__box re__ldp-contact-box"><div class="re__agent-infor re__agent-name">${escape(seller)}</div>
<div class="re__contact-area"><a class="re__btn js__phone" href="#lien-he">${phoneText(ad)} · Hiện số</a></div></div></div>
</div>`,
  );
}
