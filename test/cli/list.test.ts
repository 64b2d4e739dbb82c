import { expect, test } from "vitest";
import { createProject } from "./project.ts";
import { QUOTES } from "./quotes.ts";

const STREAM = `import { z } from "zod";
import { defineItem, defineStream, intoServing } from "arachne";
const Quote = defineItem({ name: "quote", schema: z.object({ link: z.string() }), key: ["link"] });
export default defineStream({
  description: "quotes, to be searched",
  topic: ({ settings }) => settings.LOG_FORMAT === "text" ? "quotes-stats" : "other",
  item: Quote,
  into: { search: intoServing({ alias: "quotes", item: Quote }) },
});
`;

test("list shows spiders with item and start, pipelines in the order they run, and what is not in use, streams with their topics", async () => {
  const project = createProject({
    ...QUOTES,
    "streams/search.ts": STREAM,
    "pipelines/aside.ts": 'import { defineTransform } from "arachne";\nexport default defineTransform({ process: (items) => items });\n',
  });
  const { code, stdout, stderr } = await project.arachne("list");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/quotes_spider +quote +quotes\.test\/ +Quotes, for the tests/);
  expect(stdout).toMatch(/search +quotes-stats +quotes, to be searched\n/);
  expect(stdout).toMatch(/shout +100 +transform\nto_file +500 +delivery\naside +not in ITEM_PIPELINES +transform/);
  const json = JSON.parse((await project.arachne("list", "--json")).stdout) as Record<"spiders" | "pipelines" | "streams", object[]>;
  expect(json.spiders).toEqual([
    {
      name: "quotes_spider",
      item: "quote",
      start: "http://quotes.test/",
      description: "Quotes, for the tests",
      browser: false,
      demo: false,
    },
  ]);
  expect(json.streams).toEqual([{ name: "search", topic: "quotes-stats", description: "quotes, to be searched" }]);
  expect(json.pipelines[0]).toEqual({ name: "shout", kind: "transform", order: 100 });
});

test("a file that cannot be loaded is named, and the others are listed all the same", async () => {
  const project = createProject({ ...QUOTES, "crawlers/broken_spider.ts": "export default defineSpider({});\n" });
  const { code, stdout, stderr } = await project.arachne("list");
  expect(code).toBe(1);
  expect(stdout).toContain("quotes_spider");
  expect(stderr).toMatch(/^error crawlers\/broken_spider\.ts: .*defineSpider is not defined\n$/);
});

test("outside a project the line says what is missing", async () => {
  const project = createProject();
  const { code, stderr } = await project.run(["list"], { cwd: "../" });
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error project: no settings\.ts in .* or above it: run arachne inside a project\n$/);
});

test("a project is found from a folder below it", async () => {
  const project = createProject(QUOTES);
  const { stdout } = await project.run(["list"], { cwd: "crawlers" });
  expect(stdout).toContain("quotes_spider");
});
