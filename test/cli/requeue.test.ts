import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject } from "./project.ts";
import { QUOTES } from "./quotes.ts";
import { createSite, type Answer } from "./site.ts";

const SETTINGS = ["-s", "RETRY_ENABLED=false"];

test("requeued requests are tried again by the next crawl, which asks for nothing else; the ledger closes and no fallback comes twice", async () => {
  const pages: Record<string, Answer> = {
    "/": {
      body: '<div class=card><a href="/q/1">One</a></div><div class=card><a href="/q/2">Two</a></div><div class=card><a href="/q/3">Three</a></div>',
    },
    "/q/1": { body: "<h1>The first</h1>" },
    "/q/2": { status: 503 },
    "/q/3": { status: 404 },
  };
  const site = await createSite(pages);
  const project = createProject(QUOTES);
  const env = { QUOTES_URL: `${site.url}/` };
  const crawl = async (): Promise<Record<string, unknown>> => {
    const { stdout, stderr } = await project.run(["crawl", "quotes_spider", "--json", ...SETTINGS], { env });
    expect(stdout, stderr).toMatch(/^\{/);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  expect(await crawl()).toMatchObject({ crawl: 1, parsed: 2, failed: { http_503: 1, http_404: 1 }, stored: 3, partial: 2, remainder: [] });

  const unknown = await project.run(["requeue", "--failed", "quotes_spider", "--reason", "timeout"], { env });
  expect(unknown).toEqual({
    code: 2,
    stdout: "",
    stderr: 'error requeue: no request of crawl 1 failed with "timeout". Reasons: http_404, http_503\n',
  });
  const put = await project.run(["requeue", "--failed", "quotes_spider", "--reason", "http_503"], { env });
  expect(put).toMatchObject({ code: 0, stdout: "1 failed request of crawl 1 put back (http_503 1), 1 left (http_404 1)\n" });

  pages["/q/2"] = { body: "<h1>The second</h1>" };
  site.asked.length = 0;
  expect(await crawl()).toMatchObject({ crawl: 1, parsed: 3, failed: { http_404: 1 }, stored: 4, remainder: [] });
  expect(site.asked.map((a) => a.path)).toEqual(["/robots.txt", "/q/2"]);

  const again = await project.run(["requeue", "quotes_spider", "--json"], { env });
  expect(JSON.parse(again.stdout)).toEqual({ crawl: 1, requeued: { http_404: 1 }, left: {} });
  expect(await crawl()).toMatchObject({ crawl: 1, parsed: 3, failed: { http_404: 1 }, stored: 4, remainder: [] });
  const texts = readFileSync(join(project.dir, "delivered.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { text: string }).text);
  expect(texts.sort()).toEqual(["THE FIRST", "THE SECOND", "THREE", "TWO"]);
});

test("without a crawl, or without failures, requeue says so", async () => {
  const site = await createSite({ "/": { body: '<div class=card><a href="/q/1">One</a></div>' }, "/q/1": { body: "<h1>1</h1>" } });
  const project = createProject(QUOTES);
  const env = { QUOTES_URL: `${site.url}/` };
  const before = await project.run(["requeue", "--failed", "quotes_spider"], { env });
  expect(before).toEqual({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(/^error requeue: quotes_spider has not been crawled yet: [^\n]*\n$/),
  });
  await project.run(["crawl", "quotes_spider"], { env });
  const after = await project.run(["requeue", "--failed", "quotes_spider"], { env });
  expect(after).toEqual({ code: 0, stdout: "", stderr: "crawl 1 of quotes_spider has no failed requests: nothing to put back\n" });
});
