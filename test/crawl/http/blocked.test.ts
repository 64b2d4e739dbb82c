import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { detectWall } from "../../../src/crawl/http/blocked.ts";
import { hasShared, SHARED } from "../shared-data.ts";

const html = (text: string) => [Buffer.byteLength(text), () => text] as const;

test.each([
  ["Cloudflare challenge", "<title>Chờ một chút...</title><script>window._cf_chl_opt={}</script>"],
  ["Cloudflare block", '<div id="cf-error-details" class="p-0">'],
  ["DataDome", '<script data-cfasync="false">var dd={}</script><script src="https://ct.captcha-delivery.com/c.js">'],
  ["Imperva Incapsula", '<iframe src="/_Incapsula_Resource?SWUDNSAI=31">'],
  ["PerimeterX", '<div id="px-captcha"></div>'],
  ["Akamai", "Reference&#32;&#35;18.1 https://errors.edgesuite.net/18.1"],
  ["AWS WAF", "<script>window.awsWafCookieDomainList = [];</script>"],
  ['"Pardon Our Interruption" page', "<html><head><title>Pardon Our Interruption</title>"],
  ['"Xác thực người dùng" page', "<TITLE>\n Xác thực người dùng - nhà đất</TITLE>"],
  ['"Robot Check" page', '<title dir="ltr">Robot Check</title>'],
])("%s is told by its content, even with status 200", (wall, text) => {
  expect(detectWall(200, { "content-type": "text/html" }, ...html(text))).toBe(wall);
});

test("headers that only walls bear are enough", () => {
  const never = (): string => {
    throw new Error("the text was asked for");
  };
  expect(detectWall(403, { "cf-mitigated": "challenge" }, 50_000, never)).toBe("Cloudflare challenge");
  expect(detectWall(405, { "x-amzn-waf-action": "captcha" }, 0, never)).toBe("AWS WAF");
});

test("an ordinary refusal, a large page and what is not HTML are no walls, and are not even read", () => {
  expect(detectWall(403, {}, ...html("<title>403 Forbidden</title><h1>Forbidden</h1>"))).toBeUndefined();
  expect(detectWall(503, {}, ...html("<title>Service Unavailable</title>"))).toBeUndefined();
  const never = (): string => {
    throw new Error("the text was asked for");
  };
  expect(detectWall(200, { "content-type": "text/html" }, 20_000, never)).toBeUndefined();
  expect(detectWall(200, { "content-type": "application/json" }, 100, never)).toBeUndefined();
  expect(detectWall(403, {}, 0, never)).toBeUndefined();
});

test("a large wall is told by its status, by its first 20,000 characters", () => {
  const wall = `<script>window._cf_chl_opt={}</script>${" ".repeat(30_000)}`;
  expect(detectWall(403, {}, ...html(wall))).toBe("Cloudflare challenge");
  expect(detectWall(403, {}, ...html(" ".repeat(30_000) + wall))).toBeUndefined();
});

// ../shared stands beside the repository, not in it; where it is, CI fails if these are skipped.
describe.skipIf(!hasShared)("real pages", () => {
  const pages = !hasShared
    ? []
    : readdirSync(`${SHARED}/real-pages`, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".html"))
        .map((name) => ({ name, text: readFileSync(`${SHARED}/real-pages/${name}`, "utf8") }));
  const headers = { "content-type": "text/html; charset=utf-8" };

  test("the saved Cloudflare page is one, with the status it had and as a file", () => {
    const wall = pages.find(({ name }) => name.startsWith("blocked"))!;
    for (const status of [200, 403, 503]) expect(detectWall(status, headers, ...html(wall.text))).toBe("Cloudflare challenge");
  });

  test("no other page is taken for one, whatever its status and however small", () => {
    const others = pages.filter(({ name }) => !name.startsWith("blocked"));
    expect(others.length).toBeGreaterThan(40);
    for (const { name, text } of others) {
      for (const status of [200, 403, 404, 429, 503]) expect(detectWall(status, headers, ...html(text)), name).toBeUndefined();
      expect(
        detectWall(200, headers, 100, () => text),
        name,
      ).toBeUndefined();
      expect(
        detectWall(200, headers, 100, () => text.slice(-20_000)),
        name,
      ).toBeUndefined();
    }
  });
});
