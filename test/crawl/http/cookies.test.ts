import { expect, test } from "vitest";
import { download, serve } from "./serve.ts";

/** One local server that plays several sites by virtual host; each answer tells the Cookie header it got. */
async function sites(): Promise<{
  get: (url: string, headers?: Record<string, string>) => Promise<string>;
  off: (url: string) => Promise<string>;
}> {
  const origin = await serve((request, response) => {
    const set = new URL(request.url ?? "/", "http://x").searchParams.getAll("set");
    if (set.length > 0) response.setHeader("set-cookie", set);
    response.end(request.headers.cookie ?? "none");
  });
  const port = Number(new URL(origin).port);
  const virtualHosts = Object.fromEntries(
    ["a.example.com", "b.example.com", "example.com", "shop.co.uk", "other.co.uk", "evil.net"].map((host) => [host, port]),
  );
  const on = download({ virtualHosts, settings: { URLLENGTH_LIMIT: 0 } });
  const without = download({ virtualHosts, settings: { COOKIES_ENABLED: false } });
  return {
    get: async (url, headers) => (await on.fetch({ url: `http://${url}`, headers })).body.toString(),
    off: async (url) => (await without.fetch({ url: `http://${url}` })).body.toString(),
  };
}

const set = (cookie: string): string => `set=${encodeURIComponent(cookie)}`;

test("cookies come back to the site that set them, by path, and to no other", async () => {
  const { get } = await sites();
  expect(await get(`a.example.com/?${set("id=1")}&${set("part=2; Path=/deep")}`)).toBe("none");
  expect(await get("a.example.com/")).toBe("id=1");
  expect(await get("a.example.com/deep/x")).toBe("part=2; id=1");
  expect(await get("b.example.com/")).toBe("none");
  expect(await get("evil.net/")).toBe("none");
});

test("a domain cookie is shared with sub-domains, but nobody may set one for another site or a public suffix", async () => {
  const { get } = await sites();
  await get(`a.example.com/?${set("all=1; Domain=example.com")}`);
  expect(await get("b.example.com/")).toBe("all=1");
  await get(`evil.net/?${set("bad=1; Domain=example.com")}`);
  expect(await get("example.com/")).toBe("all=1");
  await get(`shop.co.uk/?${set("super=1; Domain=co.uk")}`);
  expect(await get("other.co.uk/")).toBe("none");
});

test("a secure cookie stays off plain http, an expired one is gone, an oversized or broken one is ignored", async () => {
  const { get } = await sites();
  await get(
    `a.example.com/?${set("tls=1; Secure")}&${set("old=1; Max-Age=0")}&${set(`big=${"x".repeat(5000)}`)}&${set("; Path=/")}&${set("ok=1")}`,
  );
  expect(await get("a.example.com/")).toBe("ok=1");
});

test("a request's own Cookie header goes along with the jar's", async () => {
  const { get } = await sites();
  await get(`a.example.com/?${set("jar=1")}`);
  expect(await get("a.example.com/", { cookie: "own=2" })).toBe("own=2; jar=1");
});

test("with COOKIES_ENABLED=false nothing is kept", async () => {
  const { off } = await sites();
  await off(`a.example.com/?${set("id=1")}`);
  expect(await off("a.example.com/")).toBe("none");
});
