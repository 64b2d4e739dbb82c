import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { RejectedError } from "../../../src/core/errors.ts";
import { download, serve } from "./serve.ts";

/** A site where `/to?STATUS&LOCATION` redirects, and any other page tells how it was asked for. */
function redirecting(): Promise<string> {
  return serve((request, response) => {
    const [path, query = ""] = (request.url ?? "").split("?");
    const [status, location = ""] = query.split("&");
    if (path === "/to") response.writeHead(Number(status), { location: decodeURIComponent(location) }).end();
    else response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }));
  });
}

const to = (status: number, location: string): string => `/to?${status}&${encodeURIComponent(location)}`;

test.each([301, 302, 303, 307, 308])("a %i is followed to the page in the end", async (status) => {
  const site = await redirecting();
  const first = `${site}${to(status, to(302, "/end?x=1#part"))}`;
  const page = await download().fetch({ url: first });
  expect(page).toMatchObject({ url: `${site}/end?x=1`, requestUrl: first, status: 200 });
  expect(page.redirects).toEqual([first, `${site}${to(302, "/end?x=1#part")}`]);
});

test.each([
  [301, "POST", "GET"],
  [302, "POST", "GET"],
  [303, "POST", "GET"],
  [303, "PUT", "GET"],
  [303, "HEAD", "HEAD"],
  [301, "HEAD", "HEAD"],
  [307, "POST", "POST"],
  [308, "POST", "POST"],
])("a %i turns %s into %s", async (status, method, expected) => {
  const seen: string[] = [];
  const site = await serve((request, response) => {
    seen.push(request.method ?? "");
    response.writeHead(seen.length === 1 ? status : 200, { location: "/end" }).end();
  });
  await download().fetch({ url: site, method });
  expect(seen).toEqual([method, expected]);
});

test("a 304, a 300 and a redirect without a Location are answers like any other", async () => {
  const site = await serve((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
  for (const status of [300, 301, 304]) expect((await download().fetch({ url: `${site}/${status}` })).status).toBe(status);
});

test.each([
  ["relative", "b?c#d", "/a/b?c"],
  ["with spaces and letters beyond ASCII", " /tìm kiếm?q=nhà ", "/t%C3%ACm%20ki%E1%BA%BFm?q=nh%C3%A0"],
  ["with dot segments", "../../x/./y", "/x/y"],
  ["of a query only", "?q=2", "/a/to?q=2"],
])("a Location %s leads where a browser goes", async (_name, location, expected) => {
  const site = await serve((request, response) => {
    if (request.url === "/a/to") response.writeHead(302, { location: Buffer.from(location).toString("latin1") }).end();
    else response.end(request.url);
  });
  const page = await download().fetch({ url: `${site}/a/to` });
  expect(page.body.toString()).toBe(expected);
  expect(page.url).toBe(site + expected);
});

test("a Location in Latin-1 keeps its bytes", async () => {
  const asked: string[] = [];
  const server = createServer((socket) => {
    socket.once("data", (data) => {
      asked.push(data.toString("latin1").split(" ")[1] ?? "");
      const answer = asked.length === 1 ? "302 Found\r\nlocation: /caf\xe9" : "200 OK";
      socket.end(Buffer.from(`HTTP/1.1 ${answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`, "latin1"));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  await download().fetch({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/start` });
  expect(asked).toEqual(["/start", "/caf%E9"]);
});

test("what proves who we are does not follow to another origin", async () => {
  const other = await redirecting();
  const site = await redirecting();
  const headers = { Authorization: "Bearer x", Cookie: "a=1", "X-Kept": "1" };
  const answer = async (url: string): Promise<IncomingMessage["headers"]> =>
    JSON.parse((await download().fetch({ url, headers })).body.toString()).headers;
  expect(await answer(`${site}${to(302, "/end")}`)).toMatchObject({ authorization: "Bearer x", cookie: "a=1", "x-kept": "1" });
  const there = await answer(`${site}${to(302, `${other}/end`)}`);
  expect(there).toMatchObject({ "x-kept": "1" });
  expect(there).not.toHaveProperty("authorization");
  expect(there).not.toHaveProperty("cookie");
});

test("REDIRECT_MAX_TIMES bounds a chain, and allows as many as it says", async () => {
  const site = await serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left === 0) response.end();
    else response.writeHead(302, { location: `/${left - 1}` }).end();
  });
  const downloader = download({ settings: { REDIRECT_MAX_TIMES: 3 } });
  expect((await downloader.fetch({ url: `${site}/3` })).redirects).toHaveLength(3);
  await expect(downloader.fetch({ url: `${site}/4` })).rejects.toMatchObject({ constructor: RejectedError, code: "too_many_redirects" });
});

test("a circle is told at its first repetition", async () => {
  const asked: string[] = [];
  const site = await serve((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(302, { location: request.url === "/a" ? "/b#x" : "/a" }).end();
  });
  await expect(download().fetch({ url: `${site}/a` })).rejects.toMatchObject({ constructor: RejectedError, code: "redirect_loop" });
  expect(asked).toEqual(["/a", "/b"]);
});

test("a redirect to the same page that sets a cookie first is no circle", async () => {
  const site = await serve((request, response) => {
    if (request.headers.cookie === "seen=1") response.end("in");
    else response.writeHead(302, { location: request.url, "set-cookie": "seen=1" }).end();
  });
  expect((await download().fetch({ url: `${site}/a` })).body.toString()).toBe("in");
  await expect(download({ settings: { COOKIES_ENABLED: false } }).fetch({ url: `${site}/a` })).rejects.toMatchObject({
    code: "redirect_loop",
  });
});

test("each hop may be refused, by the downloader's check or the request's own", async () => {
  const site = await redirecting();
  const hops: string[] = [];
  const downloader = download({
    onHop: async (from, next) => {
      hops.push(`${from.pathname} ${next.pathname}`);
      if (next.pathname === "/forbidden") throw new RejectedError("offsite", "no");
    },
  });
  await downloader.fetch({ url: `${site}${to(301, "/fine")}` });
  await expect(downloader.fetch({ url: `${site}${to(301, "/forbidden")}` })).rejects.toMatchObject({ code: "offsite" });
  expect(hops).toEqual(["/to /fine", "/to /forbidden"]);
  expect((await downloader.fetch({ url: `${site}${to(301, "/forbidden")}`, onHop: () => {} })).status).toBe(200);
});

test("a redirect to another scheme, to no URL, or to one too long is refused with the reason", async () => {
  const site = await redirecting();
  const downloader = download({ settings: { URLLENGTH_LIMIT: 300 } });
  const codes = [];
  for (const location of ["mailto:a@b.c", "javascript:alert(1)", "http://", `/${"x".repeat(280)}`]) {
    const error = await downloader
      .fetch({ url: `${site}/go`, onHop: () => {} })
      .then(() => downloader.fetch({ url: `${site}${to(302, location)}` }))
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(RejectedError);
    codes.push((error as RejectedError).code);
  }
  expect(codes).toEqual(["unsupported_scheme", "unsupported_scheme", "bad_redirect", "url_too_long"]);
});
