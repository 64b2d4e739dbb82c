import { expect, test } from "vitest";
import { createProject } from "./project.ts";
import { QUOTES } from "./quotes.ts";
import { createSite } from "./site.ts";

const CANONICAL = '<link rel="canonical" href="https://quotes.example/p1">';
const INDEX = `${CANONICAL}<div class=card><a href="/q/1">One</a></div><div class=card><a href="/q/2">Two</a></div><a class=next href="/p2">next</a>`;

const lines = (text: string): unknown[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

test("an index page gives its cards' items, marked partial, and says what a crawl would follow", async () => {
  const project = createProject({ ...QUOTES, "index.html": INDEX });
  const { code, stdout, stderr } = await project.arachne("parse", "index.html", "--spider", "quotes_spider");
  expect(code).toBe(0);
  expect(lines(stdout)).toEqual([
    { link: "https://quotes.example/q/1", text: "One", partial: true },
    { link: "https://quotes.example/q/2", text: "Two", partial: true },
  ]);
  expect(stderr).toBe("2 items; a crawl would follow 3 links (detail 2, parse 1)\n");
});

test("--callback names the callback, and a URL is downloaded", async () => {
  const site = await createSite({ "/q/1": { body: "<h1>Là nó</h1><p class=author>Ai</p>" } });
  const project = createProject(QUOTES);
  const { stdout, stderr } = await project.arachne("parse", `${site.url}/q/1`, "--spider", "quotes_spider", "--callback", "detail");
  expect(lines(stdout)).toEqual([{ link: `${site.url}/q/1`, text: "Là nó", author: "Ai" }]);
  expect(stderr).toBe("");
});

test("a saved page's URL is --url, else canonical link, og:url or the browser's comment; else it is asked for", async () => {
  const card = "<div class=card><a href='q'>Q</a></div>";
  const project = createProject({
    ...QUOTES,
    "og.html": `<meta property="og:url" content="https://og.example/a/b">${card}`,
    "saved.html": `<!-- saved from url=(0028)https://saved.example/c/d/ -->${card}`,
    "none.html": card,
  });
  const link = async (...args: string[]): Promise<unknown> =>
    (lines((await project.arachne("parse", ...args, "--spider", "quotes_spider")).stdout)[0] as { link: string }).link;
  expect(await Promise.all([link("og.html"), link("saved.html"), link("og.html", "--url", "https://given.example/x/")])).toEqual([
    "https://og.example/a/q",
    "https://saved.example/c/d/q",
    "https://given.example/x/q",
  ]);
  const { code, stderr } = await project.arachne("parse", "none.html", "--spider", "quotes_spider");
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error page: none\.html does not say where it is from \(.*\): give its URL with --url\n$/);
});

test("--pipelines prints the cleaned items, and the dropped ones with their reason on standard error", async () => {
  const body = `${CANONICAL}<div class=card><a href="/q/1">One</a></div><div class=card><a href="/q/2"></a></div><div class=card><a href="/q/3">${"x".repeat(61)}</a></div>`;
  const project = createProject({ ...QUOTES, "index.html": body.replace('<a href="/q/2"></a>', '<b href="/q/2"></b>') });
  const { code, stdout, stderr } = await project.arachne("parse", "index.html", "--spider", "quotes_spider", "--pipelines");
  expect(code).toBe(0);
  expect(lines(stdout)).toEqual([{ link: "https://quotes.example/q/1", text: "ONE", partial: true, length: 3 }]);
  expect(stderr).toContain("dropped: no_text");
  expect(stderr).toMatch(/dropped: length: maximum \(.*\): \{"link":"https:\/\/quotes\.example\/q\/3"/);
  expect(stderr).toContain("1 items cleaned, 2 dropped\n");
});

test("a wall, a page that says not found, and an unknown page are one line and no items", async () => {
  const project = createProject({
    ...QUOTES,
    "wall.html": "<title>Just a moment...</title>",
    "robot.html": `${CANONICAL}<p class=robot>`,
    "gone.html": `${CANONICAL}<p class=gone>`,
    "other.html": `${CANONICAL}<p>Weather`,
    "bug.html": `${CANONICAL}<p class=broken>`,
  });
  const cases: [file: string, line: RegExp][] = [
    ["wall.html", /^error page: wall\.html is a wall, not content: "Just a moment" page\n$/],
    ["robot.html", /^error page is a wall, not content: robot check\n$/],
    ["gone.html", /^error page says not found: no such quote\n$/],
    ["other.html", /^error parse: https:\/\/quotes\.example\/p1: parse found neither items nor links: [^\n]*\n$/],
    ["bug.html", /^error parse: parse threw on https:\/\/quotes\.example\/p1: this spider has a bug \(at .*quotes_spider\.ts[^\n]*\)\n$/],
  ];
  await Promise.all(
    cases.map(async ([file, line]) => {
      const outcome = await project.arachne("parse", file, "--spider", "quotes_spider");
      expect(outcome).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(line) });
    }),
  );
});

test("bad input to parse is one line and exit code 2", async () => {
  const project = createProject({ ...QUOTES, "index.html": INDEX });
  const spider = ["--spider", "quotes_spider"];
  const cases: [args: string[], line: RegExp][] = [
    [["index.html"], /^error: required option '--spider <spider>' not specified\n$/],
    [["index.html", "--spider", "quote_spider"], /^error spider "quote_spider" is not known: .*Did you mean quotes_spider\?\n$/],
    [["nowhere.html", ...spider], /^error page: "nowhere\.html" is neither an http\(s\) URL nor a file\n$/],
    [["index.html", ...spider, "--callback", "detial"], /^error parse: the spider has no callback "detial"\. Did you mean detail\?\n$/],
    [["index.html", ...spider, "--url", "example.com"], /^error page: --url "example\.com" is not an http\(s\) URL\n$/],
    [["index.html", ...spider, "-a", "start"], /^error -a start: write name=value\n$/],
  ];
  await Promise.all(
    cases.map(async ([args, line]) => {
      expect(await project.arachne("parse", ...args)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(line) });
    }),
  );
});
