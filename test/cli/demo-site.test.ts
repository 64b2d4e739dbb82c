import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { createProject, start } from "./project.ts";
import { QUOTES } from "./quotes.ts";

const WITH_DEMO = {
  ...QUOTES,
  "crawlers/demo_spider.ts": `import { createServer } from "node:http";
import { z } from "zod";
import { defineItem, defineSpider } from "arachne";
export default defineSpider({
  item: defineItem({ name: "thing", schema: z.object({ link: z.string() }), key: ["link"] }),
  startUrls: ["demo"],
  demo: {
    host: "things.demo",
    start: "/list",
    async serve({ port = 0 } = {}) {
      const server = createServer((request, response) => response.end("host " + request.headers.host + " path " + request.url));
      await new Promise((done) => server.listen(port, "127.0.0.1", () => done(undefined)));
      return { port: (server.address() as { port: number }).port, close: () => new Promise((done) => server.close(() => done(undefined))) };
    },
  },
  *parse(page) { yield { link: page.url }; },
});
`,
};

test("demo-site serves until it is interrupted and prints where", async () => {
  const project = createProject(WITH_DEMO);
  const running = start(project.dir, ["demo-site"]);
  const url = (await running.said(/\n/)).trim();
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/list$/);
  expect(await (await fetch(url)).text()).toContain("path /list");
  running.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr).toContain("demo site of demo_spider, to spiders http://things.demo/list; Ctrl-C stops it\n");
});

test("other commands reach a demo site under its own host name", async () => {
  const project = createProject(WITH_DEMO);
  const [byHost, byWord, parsed] = await Promise.all([
    project.arachne("fetch", "http://things.demo/x"),
    project.arachne("fetch", "demo:/y", "--spider", "demo_spider"),
    project.arachne("parse", "demo", "--spider", "demo_spider"),
  ]);
  expect(byHost).toMatchObject({ code: 0, stdout: "host things.demo path /x" });
  expect(byWord).toMatchObject({ code: 0, stdout: "host things.demo path /y" });
  expect(parsed).toMatchObject({ code: 0, stdout: '{"link":"http://things.demo/list"}\n' });
});

test("bad input to demo-site is one line and exit code 2", async () => {
  const project = createProject(WITH_DEMO);
  const cases: [args: string[], line: RegExp][] = [
    [["quotes_spider"], /^error demo site: quotes_spider has none: demo_spider has one\n$/],
    [["nope"], /^error spider "nope" is not known: [^\n]*\n$/],
    [["--port", "99999"], /^error: option '--port <port>' argument '99999' is invalid\. a port is a number from 1 to 65535\.\n$/],
  ];
  await Promise.all(
    cases.map(async ([args, line]) => {
      expect(await project.arachne("demo-site", ...args)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(line) });
    }),
  );
});

test.skipIf(!existsSync("/usr/bin/chromium"))("--browser sees what scripts have built, on a demo site's own host name too", async () => {
  const project = createProject({
    ...WITH_DEMO,
    "crawlers/demo_spider.ts": WITH_DEMO["crawlers/demo_spider.ts"].replace(
      "response.end(",
      'response.setHeader("content-type", "text/html").end("<p id=p></p><script>p.textContent = location.host + \' \' + 6 * 7</script>" + ',
    ),
  });
  const { stdout } = await project.arachne("shell", "http://things.demo/x", "--browser", "-c", 'css("#p").text()');
  expect(stdout).toBe("things.demo 42\n");
});
