import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const PER_INDEX = 20;

export interface Site {
  start: string;
  /** Index pages and detail pages together. */
  pages: number;
  details: number;
  hits(): ReadonlyMap<string, number>;
  totalHits(): number;
  /** When the last run's first request came: `performance.now()`, or undefined. */
  firstHit(): number | undefined;
  /** Begins a new run's account of `firstHit`. */
  mark(): void;
  close(): Promise<void>;
}

/** A site that counts its requests: `indexes` index pages, each with 20 links to details that are found there alone. */
export async function serveSite(indexes: number): Promise<Site> {
  const hits = new Map<string, number>();
  let total = 0;
  let first: number | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path === "/robots.txt") return void response.writeHead(404).end();
    first ??= performance.now();
    total++;
    hits.set(path, (hits.get(path) ?? 0) + 1);
    response.setHeader("content-type", "text/html; charset=utf-8");
    const [, kind, number] = path.split("/");
    return void response.end(kind === "index" ? indexPage(Number(number), indexes) : detailPage(Number(number)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    start: `http://127.0.0.1:${(server.address() as AddressInfo).port}/index/0`,
    pages: indexes * (PER_INDEX + 1),
    details: indexes * PER_INDEX,
    hits: () => hits,
    totalHits: () => total,
    firstHit: () => first,
    mark: () => void (first = undefined),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function indexPage(n: number, of: number): string {
  const links = Array.from({ length: PER_INDEX }, (_, i) => `<a class="item" href="/detail/${n * PER_INDEX + i}">Nhà ${i}</a>`);
  const next = n + 1 < of ? `<a class="next" href="/index/${n + 1}">next</a>` : "";
  return `<!doctype html><title>index ${n}</title>${links.join("\n")}${next}`;
}

function detailPage(n: number): string {
  return `<!doctype html><title>detail</title><h1>Nhà số ${n}</h1><p class="price">${n * 7}</p>${"<p>filler</p>".repeat(100)}`;
}
