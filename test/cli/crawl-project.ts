import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readdirSync, readFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createProject, type Outcome, type TestProject } from "./project.ts";

/** A spider for small sites made of `<a class=item>`, `<a class=next>` and details with an h1; each card hands a fallback along. */
const SPIDER = `
import { z } from "zod";
import { defineItem, defineSpider } from "arachne";

const Thing = defineItem.withRaw<{ url?: string | undefined; title?: string | undefined; partial?: boolean }>()({
  name: "thing",
  schema: z.object({ url: z.string().min(1), title: z.string().min(1).max(50), partial: z.boolean().optional() }),
  key: ["url"],
});

export default defineSpider({
  item: Thing,
  startUrls: ({ args }) => [args["start"]!],
  browser: process.env["PROBE_BROWSER"] === "1",
  *parse(page) {
    for (const card of page.css("a.item")) {
      const href = card.attr("href");
      yield page.follow(href, "detail", { fallback: { url: href === undefined ? undefined : page.absolute(href), title: "card: " + card.text() } });
    }
    yield* page.followAll("a.next");
    for (const thing of page.css("li.thing")) yield { url: page.url + "#" + thing.text(), title: thing.text() };
  },
  *detail(page) {
    if (page.css("h1").text() === "boom") throw new Error("the spider trips over this page");
    yield { url: page.url, title: page.css("h1").text() };
  },
});
`;

const SETTINGS = `
import { defineSettings } from "arachne";
export default defineSettings({ values: { RETRY_BACKOFF_SECONDS: 0.01, RETRY_TIMES: 2, ITEM_PIPELINES: { files: 500 } } });
`;

const FILES = `
import { resolve } from "node:path";
import { defineDelivery, openBatchFiles, type BatchFiles } from "arachne";
let files: BatchFiles;
export default defineDelivery({
  limits: ({ settings }) => ({ items: settings.BATCH_SIZE }),
  async open({ settings, spider, item }) {
    files = await openBatchFiles({ dir: resolve(settings.BATCH_OUTPUT_DIR), spider, item, format: settings.BATCH_FILE_FORMAT });
  },
  async deliver(batch) {
    await files.write(batch);
  },
});
`;

export interface Thing {
  url: string;
  title: string;
  partial?: boolean;
}

export interface CrawlProject extends TestProject {
  items(): Thing[];
}

export function createCrawlProject(files: Readonly<Record<string, string>> = {}): CrawlProject {
  const project = createProject({ "settings.ts": SETTINGS, "crawlers/probe.ts": SPIDER, "pipelines/files.ts": FILES, ...files });
  return {
    ...project,
    items() {
      const dir = join(project.dir, "data/batch_input");
      if (!existsSync(dir)) return [];
      const names = readdirSync(dir).filter((name) => name.endsWith(".json"));
      return names
        .flatMap((name) => JSON.parse(readFileSync(join(dir, name), "utf8")) as Thing[])
        .toSorted((a, b) => (a.url < b.url ? -1 : 1));
    },
  };
}

export type Handler = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

export interface CountingSite {
  url: string;
  count(path: string): number;
  total(): number;
}

/** A site on 127.0.0.1 whose pages are functions that know how often they were asked; its robots.txt is not counted. */
export async function countingSite(handler: Handler, robots?: string): Promise<CountingSite> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path === "/robots.txt") return void (robots === undefined ? response.writeHead(404).end() : response.end(robots));
    const nth = (counts.get(path) ?? 0) + 1;
    counts.set(path, nth);
    response.setHeader("content-type", "text/html; charset=utf-8");
    handler(request, response, nth);
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: (path) => counts.get(path) ?? 0,
    total: () => [...counts.values()].reduce((a, b) => a + b, 0),
  };
}

export const links = (...paths: string[]): string => paths.map((path) => `<a class="item" href="${path}">${path}</a>`).join("");

export interface Ledger {
  state: string;
  reason: string | null;
  parsed: number;
  failed: Record<string, number>;
  pending: number;
  retried: number;
  filtered: Record<string, number>;
  emitted: number;
  partial: number;
  stored: number;
  dropped: Record<string, number>;
  remainder: string[];
}

/** Runs the probe from `url`; its ledger comes from `--json`. */
export async function crawl(project: CrawlProject, url: string, ...more: string[]): Promise<Outcome & { ledger: Ledger }> {
  const outcome = await project.arachne("crawl", "probe", "-a", `start=${url}`, "--json", ...more);
  return { ...outcome, ledger: JSON.parse(outcome.stdout || "null") as Ledger };
}
