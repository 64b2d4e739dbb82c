import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createProject } from "../cli/project.ts";
import { codeBlocks, consoleSteps, isAsShown } from "./markdown.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PORT = "127.0.0.1:8080";

test("the tutorial, followed step by step in a project of one's own, prints what it shows and ends with its items", async () => {
  const host = await serveTutorialSite();
  const project = createProject();
  const here = (text: string): string => text.replaceAll(PORT, host);
  let crawled = 0;
  for (const { language, info, text } of codeBlocks(readFileSync(join(ROOT, "docs/tutorial.md"), "utf8"))) {
    if (info !== "") project.write(info, here(text));
    if (language !== "console") continue;
    for (const { command, shown } of consoleSteps(here(text))) {
      const printed = await inShell(project.dir, command);
      expect.soft(isAsShown(printed, shown), `$ ${command}\n${printed}\nshould be\n${shown}`).toBe(true);
      if (command.includes(" crawl cinema_spider") && printed.includes("the ledger closes")) crawled++;
    }
  }
  expect(crawled).toBe(2);

  const folder = join(project.dir, "data/batch_input");
  const [first, second] = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as { link: string }[]);
  const film = (slug: string, rest: object): object => ({
    link: `http://${host}/films/${slug}.html`,
    ...rest,
    partial: slug.includes("lost"),
  });
  const films = [
    film("nine-bridges", { title: "Nine Bridges", director: "Tomás Arce", minutes: 128, cents: 1100 }),
    film("paper-weather", { title: "Paper Weather", director: "Yuki Arandale", minutes: 104, cents: 950 }),
    film("salt-and-thread", { title: "Salt & Thread", director: "Ines Barroso", minutes: 58, cents: 700 }),
    film("the-lighthouse-keepers-piano", { title: "The Lighthouse Keeper's Piano", director: "Mara Lindqvist", minutes: 112, cents: 950 }),
    film("the-lost-reel", { title: "The Lost Reel", director: null, minutes: null, cents: 500 }),
    film("the-quiet-tram", { title: "The Quiet Tram", director: null, minutes: 97, cents: 950 }),
  ];
  const closed = film("closed", { title: "Private hire", director: null, minutes: null, cents: 0 });
  const byLink = (a: { link: string }, b: { link: string }): number => (a.link < b.link ? -1 : 1);
  expect(first!.toSorted(byLink)).toEqual([closed, ...films]);
  expect(second!.toSorted(byLink)).toEqual(films);

  // Arachne's own files are checked by themselves.
  const types = await inShell(project.dir, `"${process.execPath}" "${join(ROOT, "node_modules/typescript/bin/tsc")}" -p .`);
  expect(types.split("\n").filter((line) => /^(crawlers|pipelines|settings)/.test(line))).toEqual([]);
});

/** The site as the reader serves it: by the script that the tutorial names, on a free port. */
async function serveTutorialSite(): Promise<string> {
  const server = spawn(process.execPath, [join(ROOT, "docs/tutorial/serve.mjs"), "0"], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void server.kill());
  const line = await new Promise<string>((said) => void server.stdout.once("data", (data: Buffer) => said(data.toString())));
  return new URL(line.trim()).host;
}

/** What a command prints in a terminal, both streams in the order they were written. */
function inShell(cwd: string, command: string): Promise<string> {
  const arachne = `"${process.execPath}" "${join(ROOT, "bin/arachne.mjs")}"`;
  const child = spawn("sh", ["-c", `(${command.replace(/^npx arachne/, arachne)}) 2>&1`], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: process.env["TMPDIR"] },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  return new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", () => done(printed));
  });
}
