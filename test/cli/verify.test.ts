import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, type TestProject } from "./project.ts";
import { QUOTES } from "./quotes.ts";

const JOB = `import { z } from "zod";
import { checkedSql, defineItem, defineJob, oneRow } from "arachne";
const Quote = defineItem({ name: "quote", schema: z.object({ link: z.string(), site: z.string(), price_vnd: z.int().nullable() }), key: ["link"] });
export default defineJob({
  async run(c) {
    await c.input("found", Quote);
    await c.engine.stage("quotes", checkedSql(Quote, "found"));
    const { n } = await oneRow<{ n: number }>(c.engine, "SELECT COUNT(*) AS n FROM quotes");
    await c.verify("quotes", Quote, "site");
    await c.engine.write("SELECT * FROM quotes", { path: c.outputDir + "/quotes.parquet", orderBy: ["link"] });
    await c.serving.buildTable({ alias: "quotes", item: Quote, rows: c.engine.query("SELECT link, site, price_vnd FROM quotes"), expected: n });
    return { rowsIn: n, rowsOut: n, rejected: {}, duplicates: 0, tables: [] };
  },
});
`;

function write(project: TestProject, price: (n: number) => number | null): void {
  const items = Array.from({ length: 200 }, (_, n) => ({ link: `l${n}`, site: "a.vn", price_vnd: price(n) }));
  writeFileSync(join(project.dir, "data/batch_input/a.json"), JSON.stringify(items));
}

test("verify, the gate and rollback, from the command line", async () => {
  const project = createProject({ ...QUOTES, "jobs/quotes.ts": JOB, "data/batch_input/a.json": "[]" });
  expect(await project.arachne("rollback")).toMatchObject({ code: 0, stdout: "", stderr: /nothing is published yet/ });
  write(project, (n) => 1000 + n);
  expect((await project.arachne("verify")).stdout).toMatch(
    /^quotes for [\d-]+, against nothing: no output is published yet\n[^]*\npassed\n$/,
  );
  expect((await project.arachne("batch")).code).toBe(0);
  write(project, (n) => (n % 2 === 0 ? null : 1000 + n));
  const [refused, verified, json] = [
    await project.arachne("batch"),
    await project.arachne("verify"),
    await project.arachne("verify", "quotes", "--json"),
  ];
  expect(refused).toMatchObject({
    code: 1,
    stderr: /error quality: quotes is not what is published[^\n]*site a\.vn: price_vnd filled 0\.50, was 1\.00[^\n]*\n$/,
  });
  expect(verified.code).toBe(1);
  expect(verified.stdout).toContain(
    [
      "quotes by site",
      "",
      "group  rows  were  coverage fell most     drifted most",
      "-----  ----  ----  ---------------------  ------------",
      "a.vn   200   200   price_vnd 1.00 → 0.50",
      "FAILED  site a.vn: price_vnd filled 0.50, was 1.00",
      "",
      "1 failed: it would not be published; --accept-change lets it pass",
      "",
    ].join("\n"),
  );
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    job: "quotes",
    passed: false,
    against: { job: "quotes" },
    views: [{ view: "quotes", failures: ["site a.vn: price_vnd filled 0.50, was 1.00"] }],
  });

  expect(await project.arachne("rollback", "output")).toMatchObject({
    code: 1,
    stderr: /has no former version to go back to: it stays \d/,
  });
  expect((await project.arachne("batch", "--accept-change")).code).toBe(0);
  const list = await project.arachne("rollback", "--list");
  expect(list.stdout).toMatch(
    /^name    current              what               can go back to\n-[^\n]*\noutput  \d{8}T\d{9}Z  quotes \d{4}-\d\d-\d\d               1\nquotes  \d{8}T\d{9}Z  200 rows                        1\n$/,
  );
  expect(list.stderr).toBe("output is data/processed_batch; the others are in data/serving.db\n");
  const filled = async (view: string): Promise<unknown> =>
    JSON.parse((await project.arachne("query", `SELECT count(price_vnd) AS n FROM ${view}`, "--format", "json")).stdout);
  expect(await filled("quotes")).toEqual([{ n: 100 }]);
  for (const name of ["output", "quotes"])
    expect(await project.arachne("rollback", name)).toMatchObject({
      code: 0,
      stdout: /^name    current              was\n-[^\n]*\n\w+  \d{8}T\d{9}Z  \d{8}T\d{9}Z\n$/,
    });
  expect(await filled("quotes")).toEqual([{ n: 200 }]);
  expect(await project.arachne("rollback", "quote")).toMatchObject({ code: 2, stderr: /has no quote\. It has: quotes/ });
  // The gate holds the next run against what was gone back to.
  expect((await project.arachne("batch")).code).toBe(1);
});
