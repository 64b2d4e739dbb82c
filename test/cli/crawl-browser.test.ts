import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { countingSite, createCrawlProject, type Ledger } from "./crawl-project.ts";

const BROWSER = { PROBE_BROWSER: "1" };

describe("without a working browser", () => {
  test.each([
    ["/nowhere/chromium", 2, /CHROMIUM_PATH=\/nowhere\/chromium: there is no browser/],
    ["/bin/true", 1, /cannot start \/bin\/true/],
  ])("CHROMIUM_PATH=%s ends the crawl with one clear line, and no page fails for it", async (path, exit, message) => {
    const site = await countingSite((_, response) => void response.end("<h1>here</h1>"));
    const project = createCrawlProject();
    const args = ["crawl", "probe", "-a", `start=${site.url}/`, "--json"];
    const { code, stderr } = await project.run([...args, "-s", `CHROMIUM_PATH=${path}`], { env: BROWSER });
    expect(code).toBe(exit);
    expect(stderr).toMatch(message);
    expect(stderr.length).toBeLessThan(600);
    const again = await project.run(args); // no browser wanted now
    expect(again.stderr).toMatch(/resuming crawl 1: 0 of 1 pages done/);
    expect(JSON.parse(again.stdout) as Ledger).toMatchObject({ state: "finished", parsed: 1, failed: {} });
  });
});

// Chromium comes from the system, never from npm; CI installs it, and fails if these are skipped.
describe.skipIf(!existsSync("/usr/bin/chromium"))("with Chromium", () => {
  test("it says who it is, and a redirect that leaves the site is not taken in", async () => {
    const agents = new Set<string>();
    const elsewhere = await countingSite((_, response) => void response.end('<li class="thing">foreign</li>'));
    const site = await countingSite((request, response) => {
      if (request.url === "/" || request.url === "/away") agents.add(request.headers["user-agent"] ?? "");
      if (request.url === "/away") return void response.writeHead(302, { location: elsewhere.url.replace("127.0.0.1", "localhost") }).end();
      return void response.end('<a class="next" href="/away">away</a><li class="thing">ours</li>');
    });
    const project = createCrawlProject();
    const { stdout } = await project.run(["crawl", "probe", "-a", `start=${site.url}/`, "--json", "-s", "USER_AGENT=testbot/1.0"], {
      env: BROWSER,
    });
    expect(JSON.parse(stdout) as Ledger).toMatchObject({ parsed: 1, failed: { offsite: 1 } });
    expect(project.items().map((i) => i.title)).toEqual(["ours"]);
    expect([...agents]).toEqual(["testbot/1.0"]);
  });
});
