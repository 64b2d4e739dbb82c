import { expect, test } from "vitest";
import { RejectedError, TransientError } from "../../../src/core/errors.ts";
import { createRobots } from "../../../src/crawl/politeness/robots.ts";
import { download, serve } from "../http/serve.ts";

const RULES =
  "User-agent: *\nDisallow: /private\nCrawl-delay: 2\n\nUser-agent: tester\nDisallow: /no-testers\nSitemap: https://a.example/map.xml\n";

interface Site {
  origin: string;
  host: string;
  asked: string[];
  robots: ReturnType<typeof createRobots>;
  clock: { now: number };
}

/** A real site whose robots.txt is answered as told, and its robots as a crawl would use them. */
async function site(
  answer: () => { status: number; body?: string; headers?: Record<string, string> },
  userAgent = "someone/1.0",
): Promise<Site> {
  const asked: string[] = [];
  const clock = { now: 1_000_000 };
  const origin = await serve((request, response) => {
    asked.push(request.url ?? "");
    const { status, body, headers } = answer();
    response.writeHead(status, headers).end(body);
  });
  const downloader = download();
  const robots = createRobots({ fetch: (url) => downloader.fetch({ url }), userAgent, now: () => clock.now });
  return { origin, host: new URL(origin).host, asked, robots, clock };
}

test("a page is allowed or forbidden as robots.txt says, which is fetched once for all who ask at once", async () => {
  const { origin, asked, robots } = await site(() => ({ status: 200, body: RULES }));
  const answers = await Promise.allSettled(["/a", "/private/x", "/b"].map(async (path) => robots.allow(origin + path)));
  expect(answers.map((answer) => answer.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  await expect(robots.allow(`${origin}/private`)).rejects.toMatchObject({ constructor: RejectedError, code: "robots_txt" });
  expect(robots.allow(`${origin}/c`), "known at once").toBeUndefined();
  expect(asked).toEqual(["/robots.txt"]);
});

test("the group is the user agent's own, by its product name", async () => {
  for (const userAgent of ["tester/2.1 (+https://x)", "Tester", "Mozilla/5.0 (compatible; Tester/2.1; +https://x)"]) {
    const { origin, robots, host } = await site(() => ({ status: 200, body: RULES }), userAgent);
    await robots.allow(`${origin}/private`);
    await expect(robots.allow(`${origin}/no-testers`)).rejects.toMatchObject({ code: "robots_txt" });
    expect(robots.crawlDelay(host)).toBeUndefined();
  }
});

test("crawl-delay and sitemaps are there once robots.txt is known", async () => {
  const { origin, robots, host } = await site(() => ({ status: 200, body: RULES }));
  expect(robots.crawlDelay(host)).toBeUndefined();
  expect(await robots.sitemaps(`${origin}/x`)).toEqual(["https://a.example/map.xml"]);
  expect(robots.crawlDelay(host)).toBe(2000);
});

test.each([400, 401, 403, 404, 410, 418])("a %i means that there are no rules", async (status) => {
  const { origin, robots, asked } = await site(() => ({ status, body: RULES }));
  await robots.allow(`${origin}/private`);
  expect(robots.allow(`${origin}/private`)).toBeUndefined();
  expect(asked).toHaveLength(1);
});

test.each([429, 500, 503])("after a %i pages wait, and it is asked again, ever more seldom, until it is there", async (status) => {
  let down = true;
  const { origin, robots, asked, clock } = await site(() => (down ? { status } : { status: 200, body: RULES }));
  const unreachable = { constructor: TransientError, code: "robots_unreachable" };
  await expect(robots.allow(`${origin}/a`)).rejects.toMatchObject(unreachable);
  await expect(robots.allow(`${origin}/b`)).rejects.toMatchObject(unreachable);
  expect(asked, "not asked for each page").toHaveLength(1);
  clock.now += 1000;
  await expect(robots.allow(`${origin}/a`)).rejects.toMatchObject(unreachable);
  clock.now += 1000;
  await expect(robots.allow(`${origin}/a`)).rejects.toThrow(
    `robots.txt: ${origin}/robots.txt: cannot be had (HTTP ${status}): its site is left alone until it can (RFC 9309)`,
  );
  expect(asked).toHaveLength(2);
  clock.now += 1000;
  down = false;
  await robots.allow(`${origin}/a`);
  await expect(robots.allow(`${origin}/private`)).rejects.toMatchObject({ code: "robots_txt" });
  expect(asked).toHaveLength(3);
});

test("a site that does not answer at all is left alone likewise", async () => {
  const downloader = download();
  const robots = createRobots({ fetch: (url) => downloader.fetch({ url }), userAgent: "x" });
  await expect(robots.allow("http://127.0.0.1:9/a")).rejects.toMatchObject({ constructor: TransientError, code: "robots_unreachable" });
});

test("redirects are followed, across hosts too; one without end counts as no rules", async () => {
  const { origin: elsewhere } = await site(() => ({ status: 200, body: RULES }));
  const { origin, robots } = await site(() => ({ status: 301, headers: { location: `${elsewhere}/anything` } }));
  await expect(robots.allow(`${origin}/private`)).rejects.toMatchObject({ code: "robots_txt" });
  const { origin: circle, robots: round } = await site(() => ({ status: 302, headers: { location: "/robots.txt" } }));
  await round.allow(`${circle}/private`);
});

test("rules stand for a day, and on while the site is down after that", async () => {
  let status = 200;
  const { origin, robots, asked, clock } = await site(() => ({ status, body: RULES }));
  await robots.allow(`${origin}/a`);
  clock.now += 23 * 3600 * 1000;
  expect(robots.allow(`${origin}/a`)).toBeUndefined();
  clock.now += 2 * 3600 * 1000;
  status = 500;
  await robots.allow(`${origin}/a`);
  await expect(robots.allow(`${origin}/private`)).rejects.toMatchObject({ code: "robots_txt" });
  expect(asked).toHaveLength(2);
});

test("origins are told apart by scheme, host and port", async () => {
  const forbidding = await site(() => ({ status: 200, body: "User-agent: *\nDisallow: /" }));
  const open = await site(() => ({ status: 404 }));
  await expect(forbidding.robots.allow(`${forbidding.origin}/a`)).rejects.toMatchObject({ code: "robots_txt" });
  await forbidding.robots.allow(`${open.origin}/a`);
  expect(open.asked).toEqual(["/robots.txt"]);
});

test("of a huge robots.txt the first 500 KiB count, to the end of a line", async () => {
  const start = "User-agent: *\nDisallow: /early\n";
  const cut = "Disallow: /yyyy";
  const filler = `${"#".repeat(500 * 1024 - start.length - cut.length - 1)}\n`;
  const body = `${start}${filler}${cut}${"y".repeat(200)}\nDisallow: /late\n`;
  expect(body.slice(0, 500 * 1024).endsWith(cut)).toBe(true);
  const { origin, robots } = await site(() => ({ status: 200, body }));
  await expect(robots.allow(`${origin}/early`)).rejects.toMatchObject({ code: "robots_txt" });
  await robots.allow(`${origin}/late`);
  await robots.allow(`${origin}/yyyyyyyyyyyyyyyyyyyy`);
});
