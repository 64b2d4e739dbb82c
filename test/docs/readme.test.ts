import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { Command } from "commander";
import { expect, onTestFinished, test } from "vitest";
import { createProject } from "../cli/project.ts";
import { createSite } from "../cli/site.ts";
import { codeBlocks, consoleSteps, isAsShown } from "./markdown.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const README = read("README.md");
const PAGES = ["README.md", ...readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)]; // prettier-ignore

test("the README's settings are those that there are", () => {
  const printed = spawnSync(process.execPath, [join(ROOT, "bin/arachne.mjs"), "settings", "--markdown"], { cwd: ROOT, encoding: "utf8" });
  const [, table] = /<!-- settings:.*-->\n([\s\S]*?)<!-- \/settings -->/.exec(README)!;
  expect(table!.trim()).toBe(printed.stdout.trim());
});

test("the README's two commands print what it shows", () => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-readme-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const env = {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    TMPDIR: process.env["TMPDIR"],
    STATE_DIR: join(dir, "state"),
    TOPIC_DIR: join(dir, "topics"),
    BATCH_OUTPUT_DIR: join(dir, "batch"),
    OUTPUT_PATH: join(dir, "processed"),
    SERVING_PATH: join(dir, "serving.db"),
  };
  const steps = codeBlocks(README)
    .filter((block) => block.language === "console")
    .flatMap((block) => consoleSteps(block.text));
  expect(steps.map((step) => step.command.slice(0, 29))).toEqual(["npm install && npm run crawl ", "npm run batch", "npx arachne query \"SELECT pro"]); // prettier-ignore
  for (const { command, shown } of steps) {
    const ready = command.replace("npm install && ", "").replace("npx arachne", `"${process.execPath}" bin/arachne.mjs`);
    const { stdout } = spawnSync("sh", ["-c", `(${ready}) 2>&1`], { cwd: ROOT, env, encoding: "utf8" });
    const here = shown
      .replace("data/processed_batch", relative(ROOT, env.OUTPUT_PATH))
      .replace("data/serving.db", relative(ROOT, env.SERVING_PATH));
    expect.soft(isAsShown(stdout, here), `$ ${command}\n${stdout}\nshould be\n${here}`).toBe(true);
  }
});

test("the README's spider type-checks and finds what it says", async () => {
  const quote = (n: number): string =>
    `<div class=quote><span class=text>“${n}”</span><small class=author>Someone</small><a class=tag>a</a><a class=tag>b</a></div>`;
  const site = await createSite({ "/": { body: `${quote(1)}${quote(2)}<li class=next><a href="/2">Next</a>` } });
  const spider = codeBlocks(README).find((block) => block.info === "crawlers/quotes_spider.ts")!;
  expect(spider.text.split("\n").length).toBeLessThanOrEqual(25);
  const project = createProject({ [spider.info]: spider.text });
  const compilerOptions = { types: [], preserveSymlinks: false };
  project.write("tsconfig.json", JSON.stringify({ extends: join(ROOT, "tsconfig.json"), compilerOptions, include: ["crawlers"] }));
  const tsc = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", project.dir], { encoding: "utf8" });
  expect(tsc.stdout.split("\n").filter((line) => line.includes("crawlers/"))).toEqual([]);

  const parsed = await project.arachne("parse", site.url, "--spider", "quotes_spider");
  expect(
    parsed.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    // prettier-ignore
    { text: "“1”", author: "Someone", tags: "a, b" },
    { text: "“2”", author: "Someone", tags: "a, b" },
  ]);
  expect(parsed.stderr).toContain("would follow 1 links");
});

/** Every `npx arachne …` in code blocks and in inline code. */
function commandLines(page: string): string[] {
  const text = read(page).replaceAll("\\\n", " ");
  return [...text.matchAll(/npx arachne([^\n]*)/g)].map(([, rest]) => {
    const [inCode] = /^(?:"[^"]*"|'[^']*'|[^`#|>&;"')]|\)(?=\S))*/.exec(rest!)!;
    return inCode.trim();
  });
}

/** Parsing alone: nothing that a page names is to run. */
function disarm(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .action(() => {});
  for (const each of command.commands) disarm(each);
}

test.each(PAGES)("every npx arachne in %s is a command with options that there are", async (page) => {
  for (const line of commandLines(page)) {
    const [name, ...args] = (line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replace(/["']/g, ""));
    if (name === undefined || !/^[a-z]/.test(name)) continue;
    expect(existsSync(join(ROOT, `src/cli/${name}.ts`)), `npx arachne ${line}`).toBe(true);
    const { default: define } = (await import(`../../src/cli/${name}.ts`)) as { default: (command: Command) => void };
    const command = new Command(name).exitOverride().configureOutput({ writeErr: () => {} });
    define(command);
    disarm(command);
    if (args.includes("--help")) continue;
    expect(() => command.parse(args, { from: "user" }), `npx arachne ${line}`).not.toThrow();
  }
});

test("the pages name commands at all", () => {
  expect(PAGES.flatMap(commandLines).length).toBeGreaterThan(20);
});

test.each(PAGES)("every npm script and every link in %s is there", (page) => {
  const text = read(page);
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const [, name] of text.matchAll(/npm run ([a-z][\w:]*)/g)) expect(Object.keys(scripts)).toContain(name);
  for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g))
    expect(existsSync(join(ROOT, dirname(page), target!)), `${page}: ${target}`).toBe(true);
});

test("every setting that .env.example names is one", () => {
  const names = [...read(".env.example").matchAll(/^# ([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name!);
  expect(names.length).toBeGreaterThan(3);
  for (const name of names) expect(README).toContain(`| \`${name}\` |`);
});

test("the README says of every dependency what it is for", () => {
  const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
  const [, why] = README.split("## Why each dependency");
  expect(Object.keys(dependencies).filter((name) => !why!.includes(`\`${name}\``))).toEqual([]);
});
