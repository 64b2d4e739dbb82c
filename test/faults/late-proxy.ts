import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { seeded } from "./kills.ts";

/**
 * A way to a server on which writes (`INSERT`s, bulk requests) take up to so long, or exactly so long without a seed, and arrive also when
 * their sender has died meanwhile; its port.
 */
export async function lateProxy(target: string, seed: number | undefined, ms: number): Promise<number> {
  const random = seed === undefined ? () => 1 : seeded(seed);
  const passOn = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const parts: Buffer[] = [];
    try {
      for await (const part of incoming) parts.push(part as Buffer);
    } catch {
      return; // cut off on its way here
    }
    const { method = "GET", headers, url = "/" } = incoming;
    if (/INSERT|_bulk/.test(decodeURIComponent(url))) await sleep(random() * ms);
    const onward = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    onward.end(Buffer.concat(parts));
  };
  const server = createServer((incoming, outgoing) => void passOn(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
