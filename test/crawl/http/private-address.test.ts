import type { LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { RejectedError } from "../../../src/core/errors.ts";
import { guardedLookup, isLoopbackHost, isPrivateHost, isPublicAddress } from "../../../src/crawl/http/private-address.ts";
import { download, serve } from "./serve.ts";

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "255.255.255.255",
  "224.0.0.1",
  "198.18.0.1",
  "192.0.2.1",
  "::",
  "::1",
  "fe80::1",
  "fc00::1",
  "fec0::1",
  "ff02::1",
  "::ffff:127.0.0.1",
  "::ffff:a00:1",
  "::127.0.0.1",
  "::7f00:1",
  "::ffff:0:10.0.0.1",
  "64:ff9b::10.0.0.1",
  "64:ff9b:1::8.8.8.8",
  "2002:7f00:1::",
  "2001:0:1::1",
  "2001:db8::1",
  "no address",
])("%s is not public", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(["8.8.8.8", "103.88.218.109", "172.15.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])(
  "%s is public",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test("a host is judged as a URL has it, whatever way its address was written", () => {
  const host = (url: string) => new URL(url).hostname;
  for (const url of [
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://[::ffff:7f00:1]/",
    "http://[::1]/",
    "http://127.0.0.1./",
  ])
    expect(isPrivateHost(host(url)), url).toBe(true);
  for (const url of [
    "http://localhost/",
    "http://LOCALHOST./",
    "http://a.localhost/",
    "http://printer.local/",
    "http://nas.lan/",
    "http://api.internal/",
    "http://kafka/",
  ])
    expect(isPrivateHost(host(url)), url).toBe(true);
  for (const url of [
    "http://batdongsan.com.vn/",
    "http://8.8.8.8/",
    "http://[2606:4700::1111]/",
    "http://localhost.example.com/",
    "http://mylocal.net/",
    "http://example.com./",
  ])
    expect(isPrivateHost(host(url)), url).toBe(false);
  expect(isPrivateHost("2606:4700::1111")).toBe(false);
  expect(isPrivateHost("fe80::1")).toBe(true);
});

test("loopback is told with and without a port", () => {
  for (const host of ["localhost", "localhost:80", "a.localhost", "127.0.0.1:40123", "127.9.9.9", "[::1]", "[::1]:80"])
    expect(isLoopbackHost(host), host).toBe(true);
  for (const host of ["10.0.0.1", "notlocalhost", "127.0.0.1.example.com", "example.com:80"])
    expect(isLoopbackHost(host), host).toBe(false);
});

/** Resolves any name to these, as a name server under an attacker's control may. */
function resolving(...addresses: string[]): LookupFunction {
  return (_name, _options, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
}

test("the guarded lookup hands out public addresses only, and fails where none is left", async () => {
  const ask = (all: boolean, ...addresses: string[]) =>
    new Promise((resolve) => guardedLookup(resolving(...addresses))("a.example", { all }, (error, found) => resolve(error ?? found)));
  expect(await ask(true, "10.0.0.1", "8.8.8.8", "::1")).toEqual([{ address: "8.8.8.8", family: 4 }]);
  expect(await ask(false, "10.0.0.1", "8.8.8.8")).toBe("8.8.8.8");
  expect(await ask(true, "10.0.0.1")).toMatchObject({ constructor: RejectedError, code: "private_address" });
});

test("without leave, no request goes to a private address: literal, by name, or by a name that resolves to one", async () => {
  let reached = 0;
  const site = await serve((_request, response) => {
    reached++;
    response.end("secret");
  });
  const port = new URL(site).port;
  const downloader = download({ privateAllowed: false, lookup: resolving("127.0.0.1") });
  for (const url of [
    site,
    `http://localhost:${port}/`,
    `http://2130706433:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    `http://rebound.example:${port}/`,
  ]) {
    const error = await downloader.fetch({ url }).catch((error: unknown) => error);
    expect(error, url).toMatchObject({ constructor: RejectedError, code: "private_address" });
    expect((error as Error).message).toMatch(/^download: connect to .*PRIVATE_ADDRESSES_ALLOWED/);
  }
  expect(reached).toBe(0);
  expect((await download({ lookup: resolving("127.0.0.1") }).fetch({ url: `http://rebound.example:${port}/` })).body.toString()).toBe(
    "secret",
  );
  expect(reached).toBe(1);
});

test("a public site cannot redirect into the private network", async () => {
  let reached = 0;
  const inside = await serve((_request, response) => {
    reached++;
    response.end("secret");
  });
  const port = new URL(inside).port;
  const site = await serve((request, response) =>
    response.writeHead(302, { location: decodeURIComponent((request.url ?? "").slice(1)) }).end(),
  );
  const downloader = download({
    privateAllowed: false,
    virtualHosts: { "public.example": Number(new URL(site).port) },
    lookup: resolving("127.0.0.1"),
  });
  for (const target of [inside, `http://localhost:${port}/`, `http://0x7f.1:${port}/`, `http://rebound.example:${port}/`])
    await expect(downloader.fetch({ url: `http://public.example/${encodeURIComponent(target)}` }), target).rejects.toMatchObject({
      code: "private_address",
    });
  expect(reached).toBe(0);
});
