import { expect, test } from "vitest";
import { countingSite, crawl, createCrawlProject } from "./crawl-project.ts";

const thing = () => countingSite((_, response) => void response.end('<li class="thing">t</li>'));

test("a crawl whose delivery cannot be closed is not finished: the next run does it", async () => {
  const site = await thing();
  const project = createCrawlProject({
    "pipelines/stubborn.ts": `
      import { existsSync } from "node:fs";
      import { defineDelivery } from "arachne";
      export default defineDelivery({
        deliver: async () => {},
        close() { if (!existsSync("healed")) throw new Error("the file could not be written"); },
      });`,
  });
  const pipelines = ["-s", 'ITEM_PIPELINES={"stubborn":1,"files":2}'];
  const first = await crawl(project, `${site.url}/`, ...pipelines);
  expect(first.code).toBe(1);
  expect(first.stderr).toMatch(/could not be written/);
  project.write("healed", "");
  const second = await crawl(project, `${site.url}/`, ...pipelines);
  expect(second.stderr).toMatch(/resuming crawl 1: 1 of 1 pages done/);
  expect(second.ledger).toMatchObject({ state: "finished", stored: 1, remainder: [] });
  expect(project.items()).toHaveLength(1);
});

test("a crawl that an error ends does end, though a delivery keeps trying", async () => {
  const site = await countingSite((request, response) => {
    if (request.url === "/") return void response.end('<li class="thing">t</li><a class="item" href="/1">1</a>');
    setTimeout(() => response.end("<h1>1</h1>"), 100);
  });
  const project = createCrawlProject({
    "pipelines/sick.ts": `
      import { defineDelivery, TransientError } from "arachne";
      export default defineDelivery({
        limits: () => ({ items: 1 }),
        deliver: () => Promise.reject(new TransientError("down", "the sink is down")),
      });`,
    "pipelines/torn.ts": `
      import { CriticalError, defineTransform } from "arachne";
      export default defineTransform({ process(items) {
        return items.map((i) => i.title === "1" ? { get url() { throw new CriticalError("torn", "the ground gives way") } } : i);
      } });`,
  });
  const { code, stderr } = await crawl(project, `${site.url}/`, "-s", 'ITEM_PIPELINES={"torn":1,"sick":2}');
  expect(stderr).toMatch(/cannot deliver, trying again/);
  expect(stderr).toMatch(/the ground gives way/);
  expect(code).toBe(1);
});
