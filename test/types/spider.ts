import { z } from "zod";
import { defineItem, defineSpider } from "arachne";

const Quote = defineItem.withRaw<{ link: string; text?: string | undefined }>()({
  name: "quote",
  schema: z.object({ link: z.string(), words: z.int() }),
  key: ["link"],
});

export const good = defineSpider({
  item: Quote,
  startUrls: ({ args }) => [args["a"] ?? "x"],
  *parse(page) {
    for (const card of page.css(".card")) yield page.follow(card.css("a").attr("href"), "detail", { fallback: { text: card.text() } });
    yield* page.followAll(".next");
  },
  *detail(page) {
    yield { link: page.url, text: page.css("h1").text() };
  },
});

export const bad = defineSpider({
  item: Quote,
  startUrls: ["http://x/"],
  // @ts-expect-error -- the link is text
  *parse() {
    yield { link: 1 };
  },
});
