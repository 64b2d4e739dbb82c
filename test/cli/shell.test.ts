import { expect, test } from "vitest";
import { createProject } from "./project.ts";
import { QUOTES } from "./quotes.ts";
import { createSite } from "./site.ts";

const INDEX = '<h1>Câu nói</h1><div class=card><a href="/q/1">One</a></div><div class=card><a href="/q/2">Two</a></div>';

test("shell -c prints text as it is, data as JSON and selections element by element", async () => {
  const project = createProject({ ...QUOTES, "index.html": INDEX });
  const value = async (expression: string): Promise<string> =>
    (await project.arachne("shell", "index.html", "--url", "https://quotes.example/", "--spider", "quotes_spider", "-c", expression))
      .stdout;
  expect(
    await Promise.all([
      value('css("h1").text()'),
      value('css(".card a").attrs("href")'),
      value('css(".card a")'),
      value("page.url"),
      value("items().then((all) => all.length)"),
      value('(await items("quotes_spider"))[1]'),
    ]),
  ).toEqual([
    "Câu nói\n",
    '[\n  "/q/1",\n  "/q/2"\n]\n',
    '2 elements\n  0  <a href="/q/1">  One\n  1  <a href="/q/2">  Two\n',
    "https://quotes.example/\n",
    "2\n",
    '{\n  "link": "https://quotes.example/q/2",\n  "text": "Two",\n  "partial": true\n}\n',
  ]);
});

test("piped input runs piece by piece, keeps what it declares, goes on after an error and says so at the end", async () => {
  const site = await createSite({ "/": { body: INDEX }, "/two": { body: "<h1>Two</h1>" } });
  const project = createProject(QUOTES);
  const input =
    'const twice = (s) => {\n  return s + s;\n};\n\nlet cards = css(".card")\ntwice(css("a").text())\nnope.nope\ncss("a[")\ncards.length\nfetch("/two")\ncss("h1").text()';
  const { code, stdout, stderr } = await project.run(["shell", site.url], { input });
  expect(stdout).toBe(`OneOne\n2\n${site.url}/two  (HTTP 200)\nTwo\n`);
  expect(stderr).toMatch(
    /^error shell: nope\.nope: ReferenceError: nope is not defined\nerror shell: css\("a\["\): page: read selector[^\n]*\n$/,
  );
  expect(code).toBe(1);
});

test("what -c cannot evaluate is one line and exit code 1", async () => {
  const project = createProject({ ...QUOTES, "index.html": INDEX });
  const fail = async (expression: string): Promise<unknown> =>
    project.arachne("shell", "index.html", "--url", "https://quotes.example/", "-c", expression);
  const [syntax, spider, throws] = await Promise.all([fail("css(("), fail('items("nope")'), fail("items()")]);
  expect(syntax).toEqual({ code: 1, stdout: "", stderr: expect.stringMatching(/^error shell: css\(\(: [^\n]*\n$/) });
  expect(spider).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^error shell: items\("nope"\): spider "nope" is not known[^\n]*\n$/),
  });
  expect(throws).toEqual({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/^error shell: items\(\): items: name the spider[^\n]*\n$/),
  });
});
