import { z } from "zod";
import { defineItem, defineSpider } from "arachne";

const text = z.string().nullable();
const number = z.int().nullable();

interface RawFlat extends Record<string, unknown> {
  url: string;
}

const Flat = defineItem.withRaw<RawFlat>()({
  name: "flat",
  schema: z.object({
    url: z.string(),
    id: text,
    title: z.string(),
    price: z.int(),
    area: number,
    rooms: number,
    baths: number,
    floor: number,
    street: text,
    city: text,
    zip: text,
    breadcrumbs: z.array(z.string()),
    features: z.record(z.string(), z.string().nullable()),
    description: z.string(),
    images: z.array(z.string()),
    agent: text,
    phone: text,
    published: text,
    sku: z.string(),
    geo: z.object({ latitude: z.number(), longitude: z.number() }),
  }),
  key: ["url"],
});

/** The same twenty fields, with the same meaning, as the Scrapy spider in ../shared/peers/crawl/run.py. */
export default defineSpider({
  item: Flat,
  startUrls: ({ args }) => [args["start"] ?? "http://127.0.0.1:18080/L/200/page/1"],
  *parse(page) {
    yield* page.followAll("a.item-link", "detail");
    yield* page.followAll("a.next");
  },
  *detail(page) {
    const own = (selector: string): string | undefined => page.css(selector).ownText();
    const ld = page.jsonLd()[0] as { sku: string; geo: { latitude: number; longitude: number } };
    const features: Record<string, string | null> = {};
    for (const row of page.css("table.features tr")) features[row.css("th").ownText() ?? ""] = row.css("td").ownText() ?? null;
    yield {
      url: page.url,
      id: page.css("article.detail").attr("data-id"),
      title: own("h1.title"),
      price: page.css(".price").attr("data-amount"),
      area: own(".area"),
      rooms: own(".rooms"),
      baths: own(".baths"),
      floor: own(".floor"),
      street: own(".street"),
      city: own(".city"),
      zip: own(".zip"),
      breadcrumbs: page.css(".breadcrumbs li").texts(),
      features,
      description: page.css(".description p").ownTexts().join(" "),
      images: page.css(".gallery img").attrs("src"),
      agent: own(".agent-name"),
      phone: own(".phone"),
      published: page.css("time.published").attr("datetime"),
      sku: ld.sku,
      geo: ld.geo,
    };
  },
});
