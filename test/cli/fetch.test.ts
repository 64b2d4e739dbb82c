import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject } from "./project.ts";
import { createSite } from "./site.ts";

const PAGE = "<html><h1>Nhà đẹp</h1></html>";

test("fetch prints the body as it came and sends the headers a spider would", async () => {
  const site = await createSite({ "/a": { body: PAGE } });
  const project = createProject();
  const { code, stdout, stderr } = await project.arachne("fetch", `${site.url}/a`, "-H", "X-Try: 1", "-s", "USER_AGENT=tester");
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: PAGE, stderr: "" });
  expect(site.asked.map((a) => a.path)).toEqual(["/robots.txt", "/a"]);
  expect(site.asked[1]!.headers).toMatchObject({ "user-agent": "tester", "x-try": "1", "accept-language": "vi,en;q=0.8" });
});

test("fetch --headers prints status and headers, redirects before them; -o writes the body to a file", async () => {
  const site = await createSite({
    "/old": { status: 301, headers: { location: "/new" } },
    "/new": { body: PAGE, headers: { "x-own": "yes" } },
  });
  const project = createProject();
  const { stdout, stderr, code } = await project.arachne("fetch", `${site.url}/old`, "--headers", "-o", "page.html");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^> http:\S+\/old redirects\n> http:\S+\/new\nHTTP 200 \(\d+ ms, 33 bytes\)\n/);
  expect(stdout).toContain("x-own: yes\n");
  expect(stderr).toBe("33 bytes in page.html\n");
  expect(readFileSync(join(project.dir, "page.html"), "utf8")).toBe(PAGE);
});

test("what robots.txt forbids is not fetched, unless the setting says so", async () => {
  const site = await createSite({
    "/robots.txt": { body: "User-agent: *\nDisallow: /private", headers: { "content-type": "text/plain" } },
    "/private/a": { body: PAGE },
  });
  const project = createProject();
  const refused = await project.arachne("fetch", `${site.url}/private/a`);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/^error robots\.txt.*\/private\/a.*\n$/);
  expect(site.asked.map((a) => a.path)).toEqual(["/robots.txt"]);
  expect(await project.arachne("fetch", `${site.url}/private/a`, "-s", "ROBOTSTXT_OBEY=false")).toMatchObject({ code: 0, stdout: PAGE });
});

test("a status or a wall that a crawl would count as failed is exit code 1, with the body all the same", async () => {
  const wall = "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>";
  const site = await createSite({
    "/gone": { status: 410, body: "gone" },
    "/wall": { body: wall },
    "/login": { status: 401, body: "who?" },
  });
  const project = createProject();
  const gone = await project.arachne("fetch", `${site.url}/gone`);
  expect(gone).toMatchObject({ code: 1, stdout: "gone" });
  expect(gone.stderr).toMatch(/^error fetch: \S+\/gone: HTTP 410 .*\n$/);
  const blocked = await project.arachne("fetch", `${site.url}/wall`);
  expect(blocked).toMatchObject({ code: 1, stdout: wall });
  expect(blocked.stderr).toMatch(/^error fetch: \S+\/wall: HTTP 200, a wall, not content: Cloudflare challenge\n$/);
  expect(await project.arachne("fetch", `${site.url}/login`, "-s", "HTTPERROR_ALLOWED_CODES=[401]")).toMatchObject({
    code: 0,
    stdout: "who?",
  });
});

test("bad input to fetch is one line each", async () => {
  const project = createProject();
  const site = await createSite({ "/": { body: "x" } });
  const cases: [args: string[], code: number, line: RegExp][] = [
    [["not a url"], 2, /^error fetch: "not a url" is not an http\(s\) URL\n$/],
    [["ftp://example.com/"], 2, /^error fetch: "ftp:\/\/example\.com\/" is not an http\(s\) URL\n$/],
    [["demo"], 2, /^error fetch: demo: name the spider whose demo site it is: --spider NAME\n$/],
    [[site.url, "-H", "nonsense"], 2, /^error -H nonsense: write "name: value"\n$/],
    [["http://127.0.0.1:9/", "-s", "ROBOTSTXT_OBEY=false"], 1, /^error download: http:\/\/127\.0\.0\.1:9\/: connection refused[^\n]*\n$/],
    [[site.url, "-o", "no/such/page.html"], 1, /^error fetch: cannot write no\/such\/page\.html: [^\n]*\n$/],
  ];
  await Promise.all(
    cases.map(async ([args, code, line]) => {
      const outcome = await project.arachne("fetch", ...args);
      expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringMatching(line)]);
    }),
  );
});

test("a public page's redirect to a private address is not followed", async () => {
  const site = await createSite({ "/": { body: "secret" } });
  const project = createProject();
  const { code, stdout, stderr } = await project.arachne("fetch", site.url, "-s", "PRIVATE_ADDRESSES_ALLOWED=false");
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/private address/);
});
