/** A project's files for the tests: a spider on quotes, one transform, one delivery, all as a user would write them. */
export const QUOTES: Readonly<Record<string, string>> = {
  "settings.ts": `import { z } from "zod";
import { defineSettings } from "arachne";
export default defineSettings({
  declare: { QUOTES_URL: z.string().default("http://quotes.test/").describe("Where the quotes are") },
  values: { ITEM_PIPELINES: { shout: 100, to_file: 500 }, DOWNLOAD_DELAY: 0 },
});
`,
  "crawlers/quotes_spider.ts": `import { z } from "zod";
import { blocked, defineItem, defineSpider, notFound } from "arachne";

interface RawQuote { link: string; text?: string | undefined; author?: string | undefined; length?: number; partial?: boolean }
const Quote = defineItem.withRaw<RawQuote>()({
  name: "quote",
  schema: z.object({ link: z.string().min(1), text: z.string().min(1), author: z.string().optional(), length: z.int().max(60), partial: z.boolean() }),
  key: ["link"],
});

export default defineSpider({
  description: "Quotes, for the tests",
  item: Quote,
  startUrls: ({ settings, args }) => [args["start"] ?? (settings as unknown as { QUOTES_URL: string }).QUOTES_URL],
  settings: { BATCH_SIZE: 7 },
  *parse(page) {
    if (page.css(".gone").length > 0) throw notFound("no such quote");
    if (page.css(".robot").length > 0) throw blocked("robot check");
    if (page.css(".broken").length > 0) throw new TypeError("this spider has a bug");
    for (const card of page.css(".card")) {
      const fallback = { link: page.absolute(card.css("a").attr("href") ?? "") ?? "", text: card.css("a").text() };
      yield page.follow(card.css("a").attr("href"), "detail", { fallback });
    }
    yield* page.followAll(".next");
  },
  *detail(page) {
    yield { link: page.url, text: page.css("h1").text(), author: page.css(".author").text() };
  },
});
`,
  "pipelines/shout.ts": `import { defineTransform, drop } from "arachne";
interface Quote { link: string; text?: string; length?: number; partial?: boolean }
export default defineTransform<Quote>({
  process: (items) =>
    items.map((item) => (item.text === undefined ? drop("no_text", item.link) : { ...item, text: item.text.toUpperCase(), length: item.text.length, partial: item.partial === true })),
});
`,
  "pipelines/to_file.ts": `import { appendFileSync } from "node:fs";
import { defineDelivery } from "arachne";
export default defineDelivery({
  async deliver(batch, c) {
    appendFileSync("delivered.jsonl", batch.json.map((text) => text + "\\n").join(""));
    c.log.debug("delivered");
  },
});
`,
};
