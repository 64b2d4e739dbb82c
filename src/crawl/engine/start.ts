import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { SettingsError } from "../../core/errors.ts";
import type { Spider, SpiderContext } from "../../core/spider.ts";
import { hostOf } from "../journal/frontier.ts";
import type { Journal } from "../journal/journal.ts";
import type { NewRequest } from "../journal/records.ts";
import { fingerprint } from "../url/fingerprint.ts";
import { SITEMAP_CALLBACK } from "./visit.ts";

/** The word that stands for the spider's bundled demo site. */
export const DEMO = "demo";

export interface StartRequest {
  url: string;
  callback: string;
}

/** The start requests, read lazily: a file (relative to `root`) or a generator of millions costs no memory. */
export async function* startRequests(spider: Spider, c: SpiderContext, root: string): AsyncGenerator<StartRequest> {
  const start = spider.startUrls;
  if (typeof start === "object" && "sitemap" in start) {
    const urls = typeof start.sitemap === "string" ? [start.sitemap] : start.sitemap;
    for (const url of urls) yield { url: resolveStart(url, spider), callback: SITEMAP_CALLBACK + (start.callback ?? "parse") };
    return;
  }
  if (typeof start === "object" && "file" in start) {
    for await (const url of linesOf(resolve(root, start.file)))
      yield { url: resolveStart(url, spider), callback: start.callback ?? "parse" };
    return;
  }
  for await (const url of typeof start === "function" ? start(c) : start) yield { url: resolveStart(url, spider), callback: "parse" };
}

function resolveStart(url: string, spider: Spider): string {
  const { demo } = spider;
  if (url === DEMO || url.startsWith("demo:")) {
    if (demo === undefined)
      throw new SettingsError("no_demo", `start URL ${JSON.stringify(url)}: this spider has no demo site: give a URL`);
    return `http://${demo.host}${url === DEMO ? demo.start : url.slice("demo:".length)}`;
  }
  if (!/^https?:\/\/[^/?#]+/i.test(url) || !URL.canParse(url))
    throw new SettingsError(
      "bad_start_url",
      `start URL ${JSON.stringify(url)} is not an http(s) URL${demo === undefined ? "" : ` (or the word ${DEMO})`}`,
    );
  return new URL(url).href;
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity });
  try {
    for await (const line of lines) {
      const url = line.replace(/^\uFEFF/, "").trim();
      if (url !== "" && !url.startsWith("#")) yield url;
    }
  } catch (cause) {
    throw new SettingsError("start_file", `start URLs: cannot read ${file}: check the path`, { cause });
  }
}

const CHUNK = 1000;

/**
 * Puts the start requests into the journal; resolves with their hosts when all are durable. Run again after a crash, it adds only what is missing.
 * @throws SettingsError where some are on the demo site and some are not: their items must not mix
 */
export async function feedStart(
  journal: Journal,
  starts: AsyncIterable<StartRequest>,
  demoHost: string | undefined,
): Promise<readonly string[]> {
  const hosts = new Set<string>();
  let chunk: NewRequest[] = [];
  for await (const { url, callback } of starts) {
    hosts.add(hostOf(url));
    if (demoHost !== undefined && hosts.size > 1 && hosts.has(demoHost))
      throw new SettingsError(
        "mixed_start",
        `start URL ${url}: the demo site and real sites are not crawled together: name the one or the other`,
      );
    chunk.push({ url, callback, depth: 0, priority: 0, fingerprint: fingerprint(url), options: undefined });
    if (chunk.length < CHUNK) continue;
    await journal.submit({ kind: "start", requests: chunk });
    chunk = [];
  }
  await journal.submit({ kind: "start", requests: chunk, hosts: [...hosts] });
  return [...hosts];
}
