import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { fetchPage, refuseFailed, type FetchedPage } from "../app/fetch-page.ts";
import { CriticalError, SettingsError, TransientError } from "../core/errors.ts";
import { detectWall } from "../crawl/http/blocked.ts";
import { createInterrupt } from "./interrupt.ts";
import { note, print } from "./output.ts";
import { addSetOption, collect, openSession } from "./session.ts";

interface Options {
  spider?: string;
  set?: string[];
  header?: string[];
  headers?: boolean;
  output?: string;
  browser?: boolean;
}

const EXAMPLES = `
Examples:
  arachne fetch https://example.com/ -o page.html
  arachne fetch https://example.com/ --headers       status and headers only
  arachne fetch http://bds.demo/robots.txt           from a demo site
  arachne fetch https://example.com/ --browser       after its scripts have run
  arachne fetch https://example.com/ -s ROBOTSTXT_OBEY=false

Tried once. A status or a wall that a crawl would count as a failure is one here
too: the body is printed all the same, the exit code is 1.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("<url>", "http(s) URL; with --spider also demo or demo:/path")
    .option("--spider <spider>", "with the settings of this spider, and with the browser where it uses one")
    .option("-H, --header <name: value>", "request header (repeatable)", collect)
    .option("--headers", "print status and headers instead of the body")
    .option("-o, --output <file>", "write the body to a file")
    .option("--browser", "render the page with Chromium")
    .option("--no-browser", "plain HTTP, whatever the spider says")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(url: string, options: Options): Promise<void> {
  const session = await openSession(options);
  const interrupt = createInterrupt(session.log);
  let fetched: FetchedPage;
  try {
    fetched = await fetchPage(url, {
      ...session,
      browser: options.browser,
      headers: parseHeaders(options.header ?? []),
      signal: interrupt.signal,
    });
  } finally {
    interrupt.dispose();
  }
  const { page } = fetched;
  if (options.output !== undefined) {
    write(options.output, page.body);
    note(`${page.body.length.toLocaleString("en-US")} bytes in ${options.output}`);
  }
  if (options.headers === true) await print(headersText(fetched));
  else if (options.output === undefined) await print(page.body);
  const wall = detectWall(page.status, page.headers, page.body.length, () => page.text);
  if (wall !== undefined) throw new TransientError("blocked", `fetch: ${page.url}: HTTP ${page.status}, a wall, not content: ${wall}`);
  refuseFailed(fetched, session.settings);
}

function parseHeaders(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf(":");
      if (at < 1) throw new SettingsError("bad_header", `-H ${text}: write "name: value"`);
      return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()];
    }),
  );
}

function headersText({ page, redirects, elapsedMs }: FetchedPage): string {
  const hops = redirects.map((url) => `> ${url} redirects\n`).join("");
  const headers = Object.entries(page.headers).map(([name, value]) => `${name}: ${value}\n`);
  return `${hops}> ${page.url}\nHTTP ${page.status} (${elapsedMs.toFixed(0)} ms, ${page.body.length.toLocaleString("en-US")} bytes)\n${headers.join("")}`;
}

function write(file: string, body: Uint8Array): void {
  try {
    writeFileSync(file, body);
  } catch (cause) {
    throw new CriticalError("cannot_write", `fetch: cannot write ${file}: check that the folder is there and writable`, { cause });
  }
}
