import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { start, type REPLServer } from "node:repl";
import type { Command } from "commander";
import { createPageDesk, type PageDesk } from "../app/page-desk.ts";
import { describeError } from "../core/errors.ts";
import { note, print } from "./output.ts";
import { plain, preview } from "./preview.ts";
import { addSetOption, openSession, type Session } from "./session.ts";
import { createScriptRunner } from "./shell-script.ts";
import { paint } from "./terminal.ts";

interface Options {
  spider?: string;
  url?: string;
  browser?: boolean;
  command?: string;
  set?: string[];
}

const EXAMPLES = `
Examples:
  arachne shell https://example.com/
  arachne shell saved.html --url https://example.com/p1
  arachne shell demo --spider bds_spider -c 'css(".js__card").length'
  echo 'css("h1").text()' | arachne shell saved.html

In it:
  page                    page.url, page.css(…), page.json(), page.$(…)
  css(".price a")         elements that match: .text(), .attr("href"), .texts()
  await items("spider")   the items that a spider finds on the page
  await fetch(url)        another page, which becomes \`page\`
With -c or piped input, text is printed as it is and other data as JSON.`;

export default function (command: Command): void {
  addSetOption(command)
    .argument("<page>", "http(s) URL, demo:/path with --spider, or a saved page")
    .option("--spider <spider>", "with the settings of this spider; what items() uses")
    .option("--url <url>", "where a saved page is from")
    .option("-c, --command <expression>", "print the value of one expression and end")
    .option("--browser", "render pages with Chromium")
    .option("--no-browser", "plain HTTP, whatever the spider says")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(target: string, options: Options): Promise<void> {
  const session = await openSession(options);
  const desk = await createPageDesk(target, {
    ...session,
    spiderName: options.spider,
    browser: options.browser,
    url: options.url,
    signal: new AbortController().signal,
  });
  if (options.command !== undefined) await print(plain(await createScriptRunner(desk.scope).run(options.command)));
  else if (process.stdin.isTTY) await interact(desk, session);
  else await runPiped(desk);
}

async function interact(desk: PageDesk, { project, settings }: Session): Promise<void> {
  const { page } = desk;
  note(`${page.url}  (HTTP ${page.status}, ${page.body.length.toLocaleString("en-US")} bytes, ${page.encoding})
page, css(selector), await items(spider), await fetch(url); Ctrl-D ends`);
  const server = start({ prompt: "> ", writer: (value: unknown) => preview(value, process.stdout.isTTY) });
  provide(server, desk);
  const history = resolve(project.root, settings.STATE_DIR);
  mkdirSync(history, { recursive: true });
  server.setupHistory(join(history, "shell_history"), () => {});
  await new Promise<void>((done) => void server.once("exit", done));
}

/** Piece by piece, like a person would type it; a piece that throws does not keep the others from running, but the exit code tells. */
async function runPiped(desk: PageDesk): Promise<void> {
  const runner = createScriptRunner(desk.scope);
  const run = async (code: string): Promise<void> => {
    try {
      await print(plain(await runner.run(code)));
    } catch (error) {
      note(`${paint.red("error")} ${describeError(error)}`);
      process.exitCode = 1;
    }
  };
  let piece = "";
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    piece += `${line}\n`;
    if (piece.trim() === "" || !runner.isWhole(piece)) continue;
    await run(piece);
    piece = "";
  }
  if (piece.trim() !== "") await run(piece);
}

/** Puts the page within reach of what is typed, and awaits what it returns: `items()` and `fetch()` take their time. */
function provide(server: REPLServer, desk: PageDesk): void {
  Object.defineProperties(server.context, Object.getOwnPropertyDescriptors(desk.scope));
  const evaluate = server.eval;
  const awaiting: typeof evaluate = (code, context, file, done) =>
    evaluate.call(server, code, context, file, async (error, value: unknown) => {
      if (error !== null || !(value instanceof Promise)) return done(error, value);
      let settled: unknown;
      try {
        settled = await value;
      } catch (thrown) {
        return done(thrown instanceof Error ? thrown : new Error(String(thrown)), undefined);
      }
      done(null, settled);
    });
  Object.assign(server, { eval: awaiting });
}
