import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Answer {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
}

/** A small site on 127.0.0.1; what it is asked for it keeps in `asked`. */
export async function createSite(
  pages: Readonly<Record<string, Answer>>,
): Promise<{ url: string; asked: { path: string; headers: Record<string, unknown> }[] }> {
  const asked: { path: string; headers: Record<string, unknown> }[] = [];
  const server: Server = createServer((request, response) => {
    const path = request.url ?? "/";
    asked.push({ path, headers: request.headers });
    const { status = 200, headers = {}, body = "" } = pages[path] ?? { status: 404, body: "no such page" };
    response.writeHead(status, { "content-type": "text/html; charset=utf-8", ...headers }).end(body);
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
