import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { countingSite, crawl, createCrawlProject } from "./crawl-project.ts";

describe("where a crawl starts", () => {
  const page = (request: { url?: string | undefined }) => `<li class="thing">${request.url}</li>`;
  const spiderWith = (startUrls: string) => ({
    "crawlers/probe.ts": `
      import { z } from "zod";
      import { defineItem, defineSpider } from "arachne";
      const Thing = defineItem({ name: "thing", schema: z.object({ url: z.string(), title: z.string() }), key: ["url"] });
      export default defineSpider({ item: Thing, startUrls: ${startUrls}, *parse(page) { yield { url: page.url, title: page.css(".thing").text() ?? "" }; } });`,
  });

  test("a sitemap index, gzipped children and a pattern", async () => {
    const site = await countingSite((request, response) => {
      const { url = "" } = request;
      const map = (...urls: string[]) =>
        `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.map((u) => `<url><loc>${new URL(u, site.url).href}</loc></url>`).join("")}</urlset>`;
      if (url === "/sitemap.xml")
        return void response.end(
          `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>${site.url}/a.xml.gz</loc></sitemap><sitemap><loc>${site.url}/b.xml</loc></sitemap></sitemapindex>`,
        );
      if (url === "/a.xml.gz")
        return void response
          .writeHead(200, { "content-type": "application/gzip" })
          .end(gzipSync(map("/house/1", "/news/1", "http://elsewhere.invalid/house/9")));
      if (url === "/b.xml") return void response.writeHead(200, { "content-type": "application/xml" }).end(map("/house/2"));
      return void response.end(page(request));
    });
    const project = createCrawlProject(spiderWith(`{ sitemap: "${site.url}/sitemap.xml", match: /house/g }`));
    const { ledger } = await crawl(project, "unused");
    expect(ledger).toMatchObject({ state: "finished", parsed: 5, failed: {}, filtered: { no_match: 1, offsite: 1 }, remainder: [] });
    expect(project.items().map((i) => i.title)).toEqual(["/house/1", "/house/2"]);
  });

  test("a file of URLs, with comments and blank lines", async () => {
    const site = await countingSite((request, response) => void response.end(page(request)));
    const project = createCrawlProject({
      ...spiderWith(`{ file: "urls.txt" }`),
      "urls.txt": `\uFEFF# two houses\r\n${site.url}/1\r\n\r\n${site.url}/2\n`,
    });
    await crawl(project, "unused");
    expect(project.items().map((i) => i.title)).toEqual(["/1", "/2"]);
  });

  test("the demo site only by default is refused where a real service is configured, and crawled where it is named", async () => {
    const site = await countingSite((request, response) => void response.end(page(request)));
    const project = createCrawlProject({
      ...spiderWith(
        `({ settings }) => [settings.MY_START], demo: { host: "x.demo", start: "/", serve: async () => ({ port: ${new URL(site.url).port}, close: async () => {} }) }`,
      ),
      "settings.ts": `import { z } from "zod"; import { defineSettings } from "arachne";
        export default defineSettings({ declare: { MY_START: z.string().default("demo") }, values: {} });`,
    });
    for (const service of ["ELASTICSEARCH_URL=http://127.0.0.1:1", "KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:1"]) {
      const { code, stderr } = await crawl(project, "unused", "-s", service);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /_\w+ is a real service, and only MY_START's default names the demo site: name the start URL: -s MY_START=demo, or the site's/,
      );
    }
    const { code, stderr } = await project.run(["crawl", "probe"], { env: { SPARK_REMOTE: "sc://127.0.0.1:1" } });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: /SPARK_REMOTE is a real service/ });
    expect(site.total()).toBe(0);
    expect((await crawl(project, "unused", "-s", "ELASTICSEARCH_URL=http://127.0.0.1:1", "-s", "MY_START=demo")).code).toBe(0);
    expect((await crawl(project, "unused")).code).toBe(0);
    expect(site.total()).toBeGreaterThan(0);
  });

  test("the demo site and a real one are not crawled together", async () => {
    const site = await countingSite((request, response) => void response.end(page(request)));
    const project = createCrawlProject(
      spiderWith(
        `["demo", "${site.url}/1"], demo: { host: "x.demo", start: "/", serve: async () => ({ port: 9, close: async () => {} }) }`,
      ),
    );
    const { code, stderr } = await crawl(project, "unused");
    expect(code).toBe(2);
    expect(stderr).toMatch(/the demo site and real sites are not crawled together/);
    expect(site.total()).toBe(0);
  });

  test.each([
    ["ftp://site/x", /not an http\(s\) URL/],
    ["demo", /no demo site/],
  ])("%s is refused before anything is asked", async (url, message) => {
    const { code, stderr } = await crawl(createCrawlProject(), url);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("bad input", () => {
  test.each([
    [["crawl", "prob"], /spider "prob" is not known.*Did you mean probe\?/],
    [["crawl", "probe", "-s", "BATCH_SIZ=1"], /BATCH_SIZ \(from command line\) is not a setting\. Did you mean BATCH_SIZE\?/],
    [["crawl", "probe", "-s", "BATCH_SIZE=none"], /BATCH_SIZE="none" \(from command line\) is not valid/],
    [["crawl", "probe", "-s", "BATCH_FILE_FORMAT=xls"], /allowed: json, jsonl, csv, parquet/],
    [["crawl", "probe", "-s", 'ITEM_PIPELINES={"nope":1}'], /item pipeline "nope" is not known/],
  ])("%j: one clear line and exit 2", async (args, message) => {
    const { code, stderr, stdout } = await createCrawlProject().arachne(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stdout).toBe("");
  });

  test("a transform after a delivery is refused with the reason", async () => {
    const project = createCrawlProject({
      "pipelines/late.ts": `import { defineTransform } from "arachne"; export default defineTransform({ process: (items) => items });`,
    });
    const { code, stderr } = await crawl(project, "http://127.0.0.1:1/", "-s", 'ITEM_PIPELINES={"files":1,"late":2}');
    expect(code).toBe(2);
    expect(stderr).toMatch(/late \(2\) changes items but comes after files \(1\)/);
  });
});

test.skipIf(!existsSync("/usr/bin/chromium"))("a page that needs JavaScript is rendered in the browser", async () => {
  const site = await countingSite((request, response) => {
    if (request.url !== "/") return void response.writeHead(404).end();
    return void response.end(
      `<ul></ul><script>for (const t of ["a", "b"]) document.querySelector("ul").innerHTML += '<li class="thing">' + t + "</li>";</script>`,
    );
  });
  const project = createCrawlProject();
  const outcome = await project.run(["crawl", "probe", "-a", `start=${site.url}/`, "--json"], { env: { PROBE_BROWSER: "1" } });
  expect(outcome.stderr).not.toMatch(/failed/);
  expect(project.items().map((i) => i.title)).toEqual(["a", "b"]);
});

describe("one-file feeds", () => {
  const things = () => countingSite((_, response) => void response.end(`<li class="thing">=a "b", c</li><li class="thing">d</li>`));

  test("-O replaces the file, -o adds to it, in the format of its ending", async () => {
    const site = await things();
    const project = createCrawlProject();
    project.write("out.jsonl", "old\n");
    await crawl(project, `${site.url}/`, "-O", "out.jsonl");
    await crawl(project, `${site.url}/`, "-o", "out.jsonl", "-O", "out.csv");
    const lines = readFileSync(join(project.dir, "out.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { title: string }).title)).toEqual(['=a "b", c', "d", '=a "b", c', "d"]);
    const csv = readFileSync(join(project.dir, "out.csv"), "utf8");
    expect(csv.split("\n")[0]).toBe("url,title,partial");
    expect(csv).toMatch(/"'=a ""b"", c"/);
  });

  test("an ending that is no format is refused before anything is asked", async () => {
    const site = await things();
    const { code, stderr } = await crawl(createCrawlProject(), `${site.url}/`, "-O", "out.xls");
    expect(code).toBe(2);
    expect(stderr).toMatch(/out\.xls/);
    expect(site.total()).toBe(0);
  });
});
