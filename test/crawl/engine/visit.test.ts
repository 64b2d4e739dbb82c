import { expect, test } from "vitest";
import type { Settings } from "../../../src/core/settings.ts";
import { settingsSchema } from "../../../src/core/settings-schema.ts";
import type { Spider } from "../../../src/core/spider.ts";
import { createVisitor } from "../../../src/crawl/engine/visit.ts";
import { EMPTY } from "../../../src/crawl/engine/harvest.ts";
import { fingerprint } from "../../../src/crawl/url/fingerprint.ts";

test("a wall that says how long it stands is left alone for so long, and so is its host", async () => {
  const holds: number[] = [];
  const released: number[] = [];
  const visit = createVisitor({
    spider: { callbacks: {} } as unknown as Spider,
    settings: settingsSchema.parse({}) as Settings,
    harvester: { page: () => Promise.resolve(EMPTY), fallback: () => Promise.resolve(EMPTY) },
    fetch: ({ url }) =>
      Promise.resolve({
        url,
        status: 403,
        headers: { "content-type": "text/html", "cf-mitigated": "challenge", "retry-after": "90" },
        body: Buffer.from("<title>Just a moment...</title>"),
        elapsedMs: 1,
      }),
    allow: () => undefined,
    answered: (_request, _ms, status) => void released.push(status),
    hold: (_request, until) => void holds.push(until),
    fingerprint,
    sitemap: () => Promise.resolve(EMPTY),
    now: () => new Date(0),
  });
  const request = { id: 1, url: "http://site/1", callback: "parse", depth: 0, priority: 0, retries: 0, options: null };
  expect(await visit(request)).toMatchObject({ retryAt: 90_000, reason: "blocked" });
  expect(holds).toEqual([90_000]);
  expect(released).toEqual([403]);
});
