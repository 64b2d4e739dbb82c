import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { RejectedError, SettingsError, TransientError } from "../../../src/core/errors.ts";
import { createDownloader } from "../../../src/crawl/http/downloader.ts";
import { download, serve, settingsOf } from "./serve.ts";

/** A forward proxy: absolute-form requests and CONNECT, for one user. Whatever the name, it goes to `target`. */
async function serveProxy(target: string): Promise<{ origin: string; log: string[] }> {
  const log: string[] = [];
  const { hostname, port } = new URL(target);
  const welcome = (authorization: string | undefined) => authorization === `Basic ${Buffer.from("joe:s:cret").toString("base64")}`;
  const server = createServer((incoming, answer) => {
    log.push(`${incoming.method} ${incoming.url} host=${incoming.headers.host}`);
    if (!welcome(incoming.headers["proxy-authorization"])) {
      answer.writeHead(407).end();
      return;
    }
    const url = new URL(incoming.url ?? "");
    const onward = httpRequest({ hostname, port, path: url.pathname + url.search, headers: { host: url.host } }, (reply) => {
      answer.writeHead(reply.statusCode ?? 0, reply.headers);
      reply.pipe(answer);
    });
    onward.end();
  });
  server.on("connect", (incoming, socket) => {
    log.push(`CONNECT ${incoming.url}`);
    socket.on("error", () => {});
    const refusal = welcome(incoming.headers["proxy-authorization"]) ? "502 Bad Gateway" : "407 Proxy Authentication Required";
    if (refusal.startsWith("407") || incoming.url?.startsWith("down.") === true) {
      socket.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
      return;
    }
    const onward = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `127.0.0.1:${(server.address() as AddressInfo).port}`, log };
}

test("with HTTP_PROXY every request goes through it, user and password too, each under its own Host", async () => {
  const site = await serve((request, response) => response.end(`${request.headers.host} ${request.url}`));
  const { origin, log } = await serveProxy(site);
  const downloader = download({ privateAllowed: false, settings: { HTTP_PROXY: `http://joe:s%3Acret@${origin}` } });
  for (const host of ["one.example", "two.example"]) {
    const page = await downloader.fetch({ url: `http://${host}/a?b=1` });
    expect(page.body.toString()).toBe(`${host} /a?b=1`);
    expect(page.url).toBe(`http://${host}/a?b=1`);
  }
  expect(log).toEqual(["GET http://one.example/a?b=1 host=one.example", "GET http://two.example/a?b=1 host=two.example"]);
});

test("https goes through a tunnel, and a proxy that cannot open it is told from one that will not", async () => {
  const site = await serve((_request, response) => response.end());
  const { origin, log } = await serveProxy(site);
  const fetch = (user: string, url: string) =>
    download({ settings: { HTTP_PROXY: `http://${user}@${origin}` } })
      .fetch({ url })
      .catch((error: unknown) => error);
  expect(await fetch("joe:s%3Acret", "https://down.example/")).toMatchObject({ constructor: TransientError, code: "proxy" });
  expect(await fetch("joe:wrong", "https://one.example/")).toMatchObject({ constructor: RejectedError, code: "proxy_refused" });
  expect(await fetch("joe:wrong", "http://one.example/")).toMatchObject({ constructor: RejectedError, code: "proxy_refused" });
  // The tunnel was opened; what answers is no TLS server.
  expect(await fetch("joe:s%3Acret", "https://one.example/")).toBeInstanceOf(TransientError);
  expect(log).toEqual([
    "CONNECT down.example:443",
    "CONNECT one.example:443",
    "GET http://one.example/ host=one.example",
    "CONNECT one.example:443",
  ]);
});

test("a proxy changes nothing about private addresses, and virtual hosts do without it", async () => {
  const site = await serve((_request, response) => response.end("direct"));
  const { origin, log } = await serveProxy(site);
  const virtualHosts = { "bds.demo": Number(new URL(site).port) };
  const downloader = download({ privateAllowed: false, virtualHosts, settings: { HTTP_PROXY: `joe:s%3Acret@${origin}` } });
  await expect(downloader.fetch({ url: site })).rejects.toMatchObject({ code: "private_address" });
  expect((await downloader.fetch({ url: "http://bds.demo/" })).body.toString()).toBe("direct");
  expect(log).toEqual([]);
});

test("a proxy that is no URL stops the run before it starts, without naming its password", () => {
  const create = () => createDownloader({ privateAllowed: true, settings: settingsOf({ HTTP_PROXY: "gopher://joe:secret@x" }) });
  expect(create).toThrow(SettingsError);
  expect(create).not.toThrow(/secret/);
});
