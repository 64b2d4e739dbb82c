import { request, type IncomingHttpHeaders } from "node:http";
import { onTestFinished } from "vitest";
import { createBdsDemo, type BdsDemo, type BdsDemoOptions } from "../../demo/bds/site.ts";

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
}

export type Ask = (path: string, headers?: Record<string, string>, method?: string) => Promise<Reply>;

/** One plain request: nothing followed, decoded or retried. */
export function asking(port: number): Ask {
  return (path, headers = {}, method = "GET") =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString("utf8") });
        });
      });
      sent.on("error", reject);
      sent.end();
    });
}

/** A site of its own for one test. */
export async function served(options: BdsDemoOptions = {}): Promise<{ demo: BdsDemo; ask: Ask; port: number; close: () => Promise<void> }> {
  const demo = createBdsDemo(options);
  const site = await demo.serve();
  let open = true;
  const closeOnce = async () => {
    if (open) await site.close();
    open = false;
  };
  onTestFinished(closeOnce);
  return { demo, ask: asking(site.port), port: site.port, close: closeOnce };
}

/** Path of a listing's own page. */
export const pathOf = (listing: { link: string }) => new URL(listing.link).pathname;
