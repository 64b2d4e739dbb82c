import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import type { Answer } from "./answers.ts";

type Coding = "br" | "gzip" | "deflate";

/** Fast settings: the crawl is what is measured, not the site. */
const CODERS: Readonly<Record<Coding, (body: string | Buffer) => Buffer>> = {
  br: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 16 } }),
  gzip: (body) => gzipSync(body, { level: 1 }),
  deflate: (body) => deflateSync(body, { level: 1 }),
};

/** The best coding that the client accepts; undefined for none (RFC 9110, 12.5.3: `q=0` is a refusal). */
function negotiate(accept: string | undefined): Coding | undefined {
  const accepted = new Map<string, number>();
  for (const part of (accept ?? "").toLowerCase().split(",")) {
    const [name = "", q] = part.split(";").map((s) => s.trim());
    accepted.set(name, q?.startsWith("q=") === true ? Number(q.slice(2)) : 1);
  }
  const wants = (name: string) => accepted.get(name) ?? accepted.get("*") ?? 0;
  return (["br", "gzip", "deflate"] as const).find((name) => wants(name) > 0);
}

const COMPRESSED = /^(?:text\/html|application\/xml)/;

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const { status, type, body = "" } = answer;
  const coding =
    type !== undefined && COMPRESSED.test(type)
      ? answer.gzip === true
        ? "gzip"
        : negotiate(request.headers["accept-encoding"])
      : undefined;
  const bytes = coding === undefined ? Buffer.from(body) : CODERS[coding](body);
  response.writeHead(status, {
    ...(type === undefined ? {} : { "content-type": type }),
    ...(type !== undefined && COMPRESSED.test(type) ? { vary: "accept-encoding" } : {}),
    ...(coding === undefined ? {} : { "content-encoding": coding }),
    "content-length": bytes.length,
    "x-content-type-options": "nosniff",
    ...answer.headers,
  });
  response.end(bytes);
}

const json = (response: ServerResponse, value: unknown) => {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(value));
};

const count = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1);

/**
 * Serves `answer` on 127.0.0.1 and counts what is asked: `/__stats` by class of path and by status, `/__hits` by path with
 * query. These two are not counted themselves.
 */
export async function listen(
  answer: (path: string, seen: number) => Answer,
  port: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const hits = new Map<string, number>();
  const asked = new Map<string, number>();
  const classes = new Map<string, number>();
  const statuses = new Map<number, number>();
  const waiting = new Set<NodeJS.Timeout>();

  const server = createServer((request, response) => {
    const url = request.url ?? "/";
    const path = url.split("?", 1)[0] ?? url;
    if (path === "/__hits") return json(response, Object.fromEntries(hits));
    if (path === "/__stats") {
      const requests = [...classes.values()].reduce((a, b) => a + b, 0);
      return json(response, { requests, classes: Object.fromEntries(classes), statuses: Object.fromEntries(statuses) });
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD", "content-length": 0 });
      response.end();
      return;
    }
    const given = answer(path, asked.get(path) ?? 0);
    count(asked, path);
    count(hits, url);
    count(classes, given.of);
    count(statuses, given.status);
    if (given.status === 0) return void request.socket.destroy();
    if (given.delay === undefined) return send(request, response, given);
    const timer = setTimeout(() => {
      waiting.delete(timer);
      send(request, response, given);
    }, given.delay);
    waiting.add(timer);
  });
  // A crawler that thinks between two requests finds its connection still open.
  server.keepAliveTimeout = 30_000;

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve, reject) => {
        for (const timer of waiting) clearTimeout(timer);
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
