import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { createProject } from "./project.ts";
import { createSite } from "./site.ts";

test("a generated spider type-checks and parses its page as it stands", async () => {
  const site = await createSite({
    "/": { body: '<h1>Một</h1><meta name=description content="Trang đầu"><a rel=next href="/2">2</a>' },
    "/2": { body: "<title>Hai</title>" },
  });
  const project = createProject();
  const written = await project.arachne("genspider", "so_dem_spider", site.url);
  expect(written).toMatchObject({ code: 0, stdout: "crawlers/so_dem_spider.ts\n" });
  expect(written.stderr).toContain("arachne crawl so_dem_spider");

  const source = readFileSync(join(project.dir, "crawlers/so_dem_spider.ts"), "utf8");
  expect(source).toContain('name: "so_dem"');
  expect(source).toContain("interface RawSoDem");
  project.write(
    "tsconfig.json",
    JSON.stringify({
      extends: resolve("tsconfig.json"),
      compilerOptions: { types: [], preserveSymlinks: false },
      include: ["crawlers", "settings.ts"],
    }),
  );
  const tsc = spawnSync(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", project.dir], { encoding: "utf8" });
  expect(tsc.stdout.split("\n").filter((line) => line.includes("crawlers/"))).toEqual([]);

  const parsed = await project.arachne("parse", site.url, "--spider", "so_dem_spider", "-s", "ITEM_PIPELINES={}", "--pipelines");
  expect(JSON.parse(parsed.stdout)).toEqual({ link: `${site.url}/`, title: "Một", description: "Trang đầu" });
  expect(parsed.stderr).toBe("1 items; a crawl would follow 1 links (parse 1)\n");
});

test("genspider overwrites nothing and refuses names and URLs that will not do", async () => {
  const project = createProject({ "crawlers/old_spider.ts": "mine" });
  const cases: [args: string[], line: RegExp][] = [
    [["old_spider", "example.com"], /^error genspider: \S+old_spider\.ts exists: [^\n]*\n$/],
    [["Quotes", "example.com"], /^error genspider: "Quotes" is no name for a spider: [^\n]*\n$/],
    [["../x", "example.com"], /^error genspider: "\.\.\/x" is no name for a spider: [^\n]*\n$/],
    [["x_spider", "file:///etc/passwd"], /^error genspider: "file:\/\/\/etc\/passwd" is not an http\(s\) URL\n$/],
    [["x_spider"], /^error: missing required argument 'url'\n$/],
  ];
  await Promise.all(
    cases.map(async ([args, line]) => {
      expect(await project.arachne("genspider", ...args)).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(line) });
    }),
  );
  expect(readdirSync(join(project.dir, "crawlers"))).toEqual(["old_spider.ts"]);
  expect(readFileSync(join(project.dir, "crawlers/old_spider.ts"), "utf8")).toBe("mine");
});
