import { expect, test } from "vitest";
import { countingSite, crawl, createCrawlProject } from "./crawl-project.ts";

const spider = (body: string, item = "z.object({ url: z.string() })") => `
import { z } from "zod";
import { defineItem, defineSpider } from "arachne";
const Thing = defineItem({ name: "thing", schema: ${item}, key: ["url"] });
export default defineSpider({
  item: Thing,
  startUrls: ({ args }) => [args["start"]],
  *parse(page) { yield page.follow("/bad", "bad"); yield page.follow("/good", "good"); },
  *good(page) { yield { url: page.url }; },
  ${body}
});`;

const site = () => countingSite((request, response) => void response.writeHead(request.url === "/gone" ? 404 : 200).end("<p>page</p>"));

test.each([
  ["data that JSON cannot hold", `*bad(page) { yield page.follow("/more", "good", { data: { n: 1n } }); },`, /BigInt/],
  ["a priority that is no number", `*bad(page) { yield page.follow("/more", "good", { priority: Number("x") }); },`, /priority is NaN/],
])("a follow with %s fails its page, not the crawl", async (_, body, message) => {
  const { url } = await site();
  const project = createCrawlProject({ "crawlers/probe.ts": spider(body) });
  const { code, stderr, ledger } = await crawl(project, `${url}/`);
  expect(stderr).toMatch(message);
  expect(code).toBe(0);
  expect(ledger).toMatchObject({ state: "finished", parsed: 2, failed: { spider_error: 1 }, stored: 1, remainder: [] });
});

test("a fallback that cannot be stored is dropped with the reason", async () => {
  const { url } = await site();
  const project = createCrawlProject({
    "crawlers/probe.ts": spider(`*bad(page) { yield page.follow("/gone", "good", { fallback: { url: "u", poison: true } }); },`),
    "pipelines/big.ts": `
      import { defineTransform } from "arachne";
      export default defineTransform({ process: (items) => items.map((i) => i.poison ? { url: i.url, toJSON() { throw new Error("no JSON"); } } : i) });`,
  });
  const { ledger } = await crawl(project, `${url}/`, "-s", 'ITEM_PIPELINES={"big":1,"files":2}');
  expect(ledger).toMatchObject({
    state: "finished",
    failed: { http_404: 1 },
    emitted: 2,
    dropped: { fallback_error: 1 },
    stored: 1,
    remainder: [],
  });
});

test("a transform that forgets to return an item drops that item alone", async () => {
  const { url } = await site();
  const project = createCrawlProject({
    "crawlers/probe.ts": spider(`*bad(page) { yield { url: "bad" }; yield { url: "fine" }; },`),
    "pipelines/leaky.ts": `
      import { defineTransform } from "arachne";
      export default defineTransform({ process: (items) => items.map((i) => { if (i.url !== "bad") return i; }) });`,
  });
  const { ledger } = await crawl(project, `${url}/`, "-s", 'ITEM_PIPELINES={"leaky":1,"files":2}');
  expect(ledger).toMatchObject({ failed: {}, dropped: { leaky_error: 1 }, stored: 2, remainder: [] });
});

test("what dontFilter asks for counts, wherever it redirects to", async () => {
  const { url } = await countingSite((request, response) => {
    if (request.url === "/poll") return void response.writeHead(302, { location: "/good" }).end();
    return void response.end("<p>page</p>");
  });
  const body = `*bad(page) { yield page.follow("/poll", "good", { dontFilter: true }); },`;
  const { ledger } = await crawl(createCrawlProject({ "crawlers/probe.ts": spider(body) }), `${url}/`);
  expect(ledger).toMatchObject({ parsed: 4, redirectedToKnown: 0, stored: 2, remainder: [] });
});
