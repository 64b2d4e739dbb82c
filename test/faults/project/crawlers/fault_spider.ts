import { z } from "zod";
import { defineItem, defineSpider } from "arachne";

const House = defineItem({ name: "house", schema: z.object({ url: z.string(), title: z.string(), price: z.int() }), key: ["url"] });

export default defineSpider({
  item: House,
  startUrls: ({ args }) => [args["start"] ?? ""],
  *parse(page) {
    yield* page.followAll("a.item", "detail");
    yield* page.followAll("a.next");
  },
  *detail(page) {
    yield { url: page.url, title: page.css("h1").text() ?? "", price: Number(page.css(".price").text()) };
  },
});
