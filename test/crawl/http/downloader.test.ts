import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { RejectedError, TransientError } from "../../../src/core/errors.ts";
import { download, serve } from "./serve.ts";

/** A server that speaks TCP but not what is expected of it. */
async function serveRaw(answer: string, end = true): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => (end ? socket.end(answer) : socket.write(answer)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a page comes with its status, lower-case headers and body, whatever the status", async () => {
  const site = await serve((_request, response) => {
    response.writeHead(404, { "X-One": ["a", "b"], "Content-Type": "text/plain" }).end("không có");
  });
  const page = await download().fetch({ url: `${site}/x?y=1#part` });
  expect(page).toMatchObject({ url: `${site}/x?y=1`, requestUrl: `${site}/x?y=1#part`, status: 404, redirects: [], damaged: false });
  expect(page.headers).toMatchObject({ "x-one": "a, b", "content-type": "text/plain" });
  expect(page.body.toString()).toBe("không có");
  expect(page.elapsedMs).toBeGreaterThan(0);
});

test("the settings' headers are sent, and a request's own win over them", async () => {
  const site = await serve((request, response) => response.end(JSON.stringify({ method: request.method, ...request.headers })));
  const downloader = download({ settings: { USER_AGENT: "tester/1", DEFAULT_REQUEST_HEADERS: { Accept: "text/html", "X-Kept": "1" } } });
  const plain = JSON.parse((await downloader.fetch({ url: site })).body.toString());
  expect(plain).toMatchObject({ method: "GET", accept: "text/html", "x-kept": "1", "user-agent": "tester/1" });
  expect(plain["accept-encoding"]).toMatch(/^gzip, deflate, br/);
  const own = JSON.parse((await downloader.fetch({ url: site, headers: { ACCEPT: "application/json" } })).body.toString());
  expect(own).toMatchObject({ accept: "application/json", "x-kept": "1" });
});

test("user and password of a URL are sent to their site and stand in no result", async () => {
  const site = await serve((request, response) => response.end(request.headers.authorization));
  const page = await download().fetch({ url: `${site.replace("//", "//an%C3%A0:pa%3Ass@")}/` });
  expect(page.body.toString()).toBe(`Basic ${Buffer.from("anà:pa:ss").toString("base64")}`);
  expect(page.url).toBe(`${site}/`);
});

test("HEAD asks for headers only, even of a page over the size limit", async () => {
  const site = await serve((_request, response) => response.writeHead(200, { "content-length": 5000 }).end());
  const page = await download({ settings: { DOWNLOAD_MAXSIZE: 100 } }).fetch({ url: site, method: "head" });
  expect(page.body.length).toBe(0);
  expect(page.headers["content-length"]).toBe("5000");
});

test("a virtual host is reached on its local port under its own name, guard or not", async () => {
  const site = await serve((request, response) => response.end(`${request.headers.host}${request.url}`));
  const downloader = download({ privateAllowed: false, virtualHosts: { "bds.demo": Number(new URL(site).port) } });
  const page = await downloader.fetch({ url: "http://bds.demo/p2?a=1" });
  expect(page.body.toString()).toBe("bds.demo/p2?a=1");
  expect(page.url).toBe("http://bds.demo/p2?a=1");
});

test("a body over DOWNLOAD_MAXSIZE is refused by its announced length, before it is read", async () => {
  const site = await serve((_request, response) => {
    response.writeHead(200, { "content-length": 10_000_000 }).flushHeaders();
  });
  await expect(download({ settings: { DOWNLOAD_MAXSIZE: 1000 } }).fetch({ url: site })).rejects.toMatchObject({
    constructor: RejectedError,
    code: "body_too_large",
    message: `download: ${site}/: body is over 1000 bytes: raise DOWNLOAD_MAXSIZE to take it`,
  });
});

test("an endless body is cut off at DOWNLOAD_MAXSIZE, and its connection closed", async () => {
  let closed: () => void;
  const gone = new Promise<void>((resolve) => (closed = resolve));
  let sent = 0;
  const site = await serve((_request, response) => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
    };
    response.on("drain", more).on("close", closed);
    more();
  });
  await expect(download({ settings: { DOWNLOAD_MAXSIZE: 300_000 } }).fetch({ url: site })).rejects.toMatchObject({
    code: "body_too_large",
  });
  await gone;
  expect(sent).toBeLessThan(20_000_000);
});

test("a compressed body is refused when it unpacks to more than DOWNLOAD_MAXSIZE", async () => {
  const bomb = gzipSync(Buffer.alloc(20_000_000));
  const site = await serve((_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb));
  const rejection = { constructor: RejectedError, code: "body_too_large" };
  await expect(download({ settings: { DOWNLOAD_MAXSIZE: 1_000_000 } }).fetch({ url: site })).rejects.toMatchObject(rejection);
  expect((await download({ settings: { DOWNLOAD_MAXSIZE: 0 } }).fetch({ url: site })).body.length).toBe(20_000_000);
});

test.each([
  ["no answer", "for an answer", (): void => {}],
  ["half an answer", "for the rest of the body", (response: import("node:http").ServerResponse): void => void response.write("half")],
])("%s within DOWNLOAD_TIMEOUT is a time-out that may be tried again", async (_name, phase, act) => {
  const site = await serve((_request, response) => act(response));
  const error = await download({ settings: { DOWNLOAD_TIMEOUT: 0.2 } })
    .fetch({ url: site })
    .catch((error: unknown) => error);
  expect(error).toMatchObject({ constructor: TransientError, code: "timeout" });
  expect((error as Error).message).toBe(`download: ${site}/: waited 0.2 s ${phase}: raise DOWNLOAD_TIMEOUT or crawl more slowly`);
});

test("a trickle that never ends is given up too: the time-out is for the whole exchange", async () => {
  const site = await serve((_request, response) => {
    const timer = setInterval(() => response.write("."), 20);
    response.on("close", () => clearInterval(timer));
  });
  await expect(download({ settings: { DOWNLOAD_TIMEOUT: 0.3 } }).fetch({ url: site })).rejects.toMatchObject({ code: "timeout" });
});

test("what may heal is transient: refused, reset, cut short, unknown host", async () => {
  const cut = await serveRaw("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf");
  const reset = await serve((request) => request.socket.destroy());
  const gone = await serveRaw("");
  const refused = "http://127.0.0.1:9";
  const downloader = download({
    lookup: (_name, _options, done) => done(Object.assign(new Error("not found"), { code: "ENOTFOUND" }), []),
  });
  const codes = [];
  for (const url of [cut, reset, gone, refused, "http://no-such-host.invalid/"]) {
    const error = await downloader.fetch({ url }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TransientError);
    expect((error as Error).message).toContain(`download: ${url}`);
    codes.push((error as TransientError).code);
  }
  expect(codes).toEqual(["connection_reset", "connection_reset", "connection_reset", "connection_refused", "dns_not_found"]);
});

test("what cannot succeed is rejected with its reason", async () => {
  const notHttp = await serveRaw("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  const bigHeaders = await serveRaw(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}\r\n\r\n`);
  const site = await serve((_request, response) => response.writeHead(200, { "content-encoding": "br" }).end("not brotli at all"));
  const downloader = download({ settings: { URLLENGTH_LIMIT: 200 } });
  const codes = [];
  const urls = [notHttp, bigHeaders, site, `${site}/${"x".repeat(200)}`, "ftp://a.example/x", "mailto:a@b.c", "no url"];
  for (const url of urls) {
    const error = await downloader.fetch({ url }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(RejectedError);
    expect((error as Error).message).not.toContain("\n");
    codes.push((error as RejectedError).code);
  }
  expect(codes).toEqual(["bad_http", "bad_http", "bad_encoding", "url_too_long", "unsupported_scheme", "unsupported_scheme", "bad_url"]);
});

test("stopping the run, one request's signal, and closing each end what is under way", async () => {
  let arrived = 0;
  let all: () => void;
  const allArrived = new Promise<void>((resolve) => (all = resolve));
  const site = await serve((_request, response) => {
    response.writeHead(200).flushHeaders();
    if (++arrived === 3) all();
  });
  const run = new AbortController();
  const own = new AbortController();
  const downloader = download({ signal: run.signal });
  const other = download();
  const pending = [
    downloader.fetch({ url: `${site}/own`, signal: own.signal }),
    downloader.fetch({ url: `${site}/run` }),
    other.fetch({ url: `${site}/closed` }),
  ].map((promise) => promise.catch((error: unknown) => error));
  await allArrived;
  own.abort();
  expect(await pending[0]).toMatchObject({ constructor: TransientError, code: "stopped" });
  run.abort();
  expect(await pending[1]).toMatchObject({ code: "stopped" });
  await other.close();
  expect(await pending[2]).toMatchObject({ code: "stopped" });
  await expect(downloader.fetch({ url: site })).rejects.toMatchObject({ code: "stopped" });
  await expect(download().fetch({ url: site, signal: own.signal })).rejects.toMatchObject({ code: "stopped" });
});

test("an informational answer before the real one is passed over", async () => {
  const site = await serveRaw("HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
  const page = await download().fetch({ url: site });
  expect(page.status).toBe(200);
  expect(page.headers).toEqual({ "content-length": "2" });
  expect(page.body.toString()).toBe("ok");
});
