import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** What is done to one request: answered by the proxy, forwarded but the answer lost, or some of its bulk operations refused. */
export type Fault = { status: number } | "lost answer" | { refuse: (operation: number) => boolean };

export interface FaultyProxy {
  url: string;
  /** Requests that came, and bulk operations that reached the server. */
  seen: { requests: number; forwarded: number; refused: number };
}

interface BulkAnswer {
  errors: boolean;
  items: object[];
}

const REFUSED = { index: { status: 429, error: { type: "es_rejected_execution_exception", reason: "the queue is full" } } };

/** A real HTTP server in front of a real Elasticsearch that does to requests what `plan` says. */
export async function faultyProxy(
  target: string,
  plan: (request: IncomingMessage) => Fault | undefined | Promise<Fault | undefined>,
): Promise<FaultyProxy> {
  const seen = { requests: 0, forwarded: 0, refused: 0 };
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    seen.requests++;
    const body = await textOf(incoming);
    const fault = await plan(incoming);
    const bulk = incoming.url?.includes("/_bulk") === true;
    if (typeof fault === "object" && "status" in fault)
      return answer(outgoing, fault.status, JSON.stringify({ error: { type: "overloaded", reason: "too busy" }, status: fault.status }));
    if (fault === undefined || fault === "lost answer" || !bulk) {
      if (bulk) seen.forwarded += body.trimEnd().split("\n").length / 2;
      const { status, text } = await forward(target, incoming, body);
      if (fault === "lost answer") return void outgoing.socket?.destroy();
      return answer(outgoing, status, text);
    }
    // Each operation is two lines: an action and a document.
    const lines = body.trimEnd().split("\n");
    const operations = Array.from({ length: lines.length / 2 }, (_, i) => `${lines[2 * i]}\n${lines[2 * i + 1]}\n`);
    const refused = operations.map((_, i) => fault.refuse(i));
    const passed = operations.filter((_, i) => refused[i] === false);
    seen.forwarded += passed.length;
    seen.refused += operations.length - passed.length;
    const real =
      passed.length === 0
        ? { errors: false, items: [] }
        : (JSON.parse((await forward(target, incoming, passed.join(""))).text) as BulkAnswer);
    const items = real.items.values();
    const merged = refused.map((not) => (not ? REFUSED : items.next().value));
    answer(outgoing, 200, JSON.stringify({ errors: real.errors || passed.length < operations.length, items: merged }));
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function answer(outgoing: ServerResponse, status: number, text: string): void {
  outgoing.writeHead(status, { "content-type": "application/json", "x-elastic-product": "Elasticsearch" }).end(text);
}

function forward(target: string, incoming: IncomingMessage, body: string): Promise<{ status: number; text: string }> {
  const { "content-length": _, host: __, connection: ___, ...headers } = incoming.headers;
  return new Promise((resolve, reject) => {
    const to = request(new URL(incoming.url ?? "/", target), { method: incoming.method ?? "GET", headers }, (from) => {
      textOf(from).then((text) => resolve({ status: from.statusCode ?? 500, text }), reject);
    });
    to.on("error", reject).end(body);
  });
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}
