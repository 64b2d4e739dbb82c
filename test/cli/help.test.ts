import { expect, test } from "vitest";
import { createProject } from "./project.ts";

const COMMANDS = [
  "crawl",
  "list",
  "genspider",
  "parse",
  "fetch",
  "shell",
  "replay",
  "requeue",
  "batch",
  "job",
  "jobs",
  "backfill",
  "scheduler",
  "up",
  "down",
  "restart",
  "status",
  "logs",
  "menu",
  "health",
  "metrics",
  "reconcile",
  "query",
  "settings",
  "demo-site",
];

test("every command's help has an example and fits 80 columns", { timeout: 180_000 }, async () => {
  const project = createProject();
  const helps = await Promise.all(COMMANDS.map(async (name) => ({ name, ...(await project.arachne(name, "--help")) })));
  for (const { name, code, stdout, stderr } of helps) {
    expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`Examples:\\n  arachne ${name}`));
    expect(stdout.split("\n").filter((line) => Array.from(line).length > 80)).toEqual([]);
  }
});

test("an unknown command, option or a missing argument is one line and exit code 2", async () => {
  const project = createProject();
  const cases: [args: string[], line: RegExp][] = [
    [["crwal"], /^error: unknown command 'crwal'\n\(Did you mean crawl\?\)\n$/],
    [["list", "--jsn"], /^error: unknown option '--jsn'\n\(Did you mean --json\?\)\n$/],
    [["fetch"], /^error: missing required argument 'url'\n$/],
  ];
  await Promise.all(
    cases.map(async ([args, line]) => {
      expect(await project.arachne(...args)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(line) });
    }),
  );
});

test("a reader that has seen enough ends a command quietly", async () => {
  const project = createProject({
    "many.json": JSON.stringify(Array.from({ length: 30_000 }, (_, i) => ({ link: `https://a/${i}`, text: "x".repeat(100) }))),
  });
  project.write(
    "crawlers/a_spider.ts",
    'import { z } from "zod";\nimport { defineItem, defineSpider } from "arachne";\nexport default defineSpider({ item: defineItem({ name: "a", schema: z.object({ link: z.string() }), key: ["link"] }), startUrls: [], *parse() {} });\n',
  );
  const { code, stderr, stdout } = await project.piped(["replay", "many.json", "--out", "-"], "head -1");
  expect(stdout).toMatch(/^\{"link":"https:\/\/a\/0".*\}\n$/);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
