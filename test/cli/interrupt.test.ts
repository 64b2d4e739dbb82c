import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { countingSite, createCrawlProject } from "./crawl-project.ts";
import { start } from "./project.ts";

test("a Ctrl-C that npx hands on beside the terminal is one: the crawl ends well, with its ledger", async () => {
  let answer = (): void => undefined;
  const site = await countingSite((request, response) => {
    if (request.url === "/") response.end('<a class="next" href="/slow">next</a>');
    else answer = () => void response.end('<li class="thing">t</li>');
  });
  const crawl = start(createCrawlProject().dir, ["crawl", "probe", "-a", `start=${site.url}/`, "--json"]);
  while (site.count("/slow") === 0) await sleep(10);
  crawl.kill("SIGINT");
  await sleep(50);
  crawl.kill("SIGINT");
  setTimeout(() => answer(), 200);
  const { code, stdout } = await crawl.ended;
  expect(code).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ state: "interrupted", remainder: [] });
});
