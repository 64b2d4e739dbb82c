import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject } from "./project.ts";
import { QUOTES } from "./quotes.ts";

const JOB = `import { z } from "zod";
import { collectRows, defineItem, defineJob, oneRow } from "arachne";
const Quote = defineItem({ name: "quote", schema: z.object({ link: z.string(), author: z.string().nullable(), price_vnd: z.int() }), key: ["link"] });
export default defineJob({
  description: "Quotes by author",
  async run(c) {
    await c.input("quotes", Quote);
    const { n } = await oneRow<{ n: number }>(c.engine, "SELECT COUNT(*) AS n FROM quotes");
    const found = await collectRows<{ author: string; n: number; price: number }>(c.engine, "SELECT author, COUNT(*) AS n, SUM(CAST(price_vnd AS BIGINT)) AS price FROM quotes GROUP BY author ORDER BY author");
    await c.engine.write("SELECT * FROM quotes", { path: c.outputDir + "/quotes.parquet", orderBy: ["link"] });
    const rows = found.map((r) => ["01", r.author, r.n, r.price, 12.345]);
    return {
      rowsIn: n, rowsOut: n, rejected: {}, duplicates: 0,
      tables: [{ title: "By author", columns: ["author_code", "author", "quotes", "price_avg_vnd", "area_avg_m2"], rows, total: rows.length }],
    };
  },
});
`;

const ITEMS = [
  { link: "a", author: "Nguyễn Du", price_vnd: 3_980_000_000 },
  { link: "b", author: "Nguyễn Du", price_vnd: 20_000_000 },
  { link: "c", author: "Hồ Xuân Hương", price_vnd: 7_300 },
];

const FILES = { ...QUOTES, "jobs/quotes_batch.ts": JOB, "data/batch_input/a.json": JSON.stringify(ITEMS) };

test("batch runs the project's only job and prints its tables, short for people and exact as JSON", async () => {
  const project = createProject(FILES);
  const { code, stdout } = await project.arachne("batch");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    new RegExp(
      [
        "By author \\(all; money in VND; areas in m²\\)",
        "",
        "                       price  area",
        "author         quotes    avg   avg",
        "-------------  ------  -----  ----",
        "Hồ Xuân Hương       1  7,300  12.3",
        "Nguyễn Du           2     4B  12.3",
        "",
        "quotes_batch for \\d{4}-\\d\\d-\\d\\d: done in \\S+ s",
        "3 rows = 3 kept \\+ 0 duplicates \\+ 0 rejected",
        "written: data/processed_batch \\(Parquet\\), data/serving.db \\(serving store\\)\n$",
      ].join("\n"),
    ),
  );
  expect(existsSync(join(project.dir, "data/processed_batch/quotes.parquet"))).toBe(true);
  const json = JSON.parse((await project.arachne("batch", "quotes_batch", "--json")).stdout) as { tables: { rows: unknown[] }[] };
  expect(json).toMatchObject({ job: "quotes_batch", rowsIn: 3, rowsOut: 3, duplicates: 0, rejected: {} });
  expect(json.tables[0]!.rows[1]).toEqual(["01", "Nguyễn Du", 2, 4_000_000_000, 12.345]);
});

test("bad input to batch is one line, and nothing is written", async () => {
  const project = createProject({ ...FILES, "jobs/other.ts": JOB });
  const cases: [args: string[], code: number, line: RegExp][] = [
    [[], 2, /error batch: name the job, here or by BATCH_JOB: other, quotes_batch\n$/],
    [["other", "--date", "2026-11-20"], 2, /error batch: runs for today: `arachne job run other --date 2026-11-20` runs it/],
    [["quote_batch"], 2, /error job "quote_batch" is not known: .*Did you mean quotes_batch\?\n$/],
    [["other", "-s", "SOURCE_TYPE=csv"], 1, /error batch: there are no csv files at [^\n]*\n$/],
    [["other", "-s", "SOURCE_TYPE=xml"], 2, /error SOURCE_TYPE="xml" \(from command line\) is not valid: allowed: [^\n]*\n$/],
  ];
  await Promise.all(
    cases.map(async ([args, code, line]) => {
      expect(await project.arachne("batch", ...args)).toEqual({ code, stdout: "", stderr: expect.stringMatching(line) });
    }),
  );
  expect(existsSync(join(project.dir, "data/processed_batch"))).toBe(false);
});

test("query prints a table, JSON or CSV, and says what there is to be asked about", async () => {
  const project = createProject(FILES);
  const sql = "SELECT link, author, price_vnd AS p FROM batch_input ORDER BY link";
  const [table, json, csv, views, wide] = await Promise.all([
    project.arachne("query", sql),
    project.arachne("query", sql, "--format", "json"),
    project.arachne("query", "SELECT '=1+1' AS formula, 'a,b' AS text, -1 AS n, NULL AS nothing", "--format", "csv"),
    project.arachne("query"),
    project.arachne("query", `SELECT '${"x".repeat(200)}' AS long, 1 AS a_name_of_a_column, 'y' AS ${"z".repeat(40)}`),
  ]);
  expect(table.stdout).toBe(
    "link  author                  p\n----  -------------  ----------\na     Nguyễn Du      3980000000\nb     Nguyễn Du        20000000\nc     Hồ Xuân Hương        7300\n",
  );
  expect(table.stderr).toBe("3 rows\n");
  expect(JSON.parse(json.stdout)).toEqual(ITEMS.map(({ link, author, price_vnd }) => ({ link, author, p: price_vnd })));
  expect(csv.stdout).toBe('formula,text,n,nothing\n\'=1+1,"a,b",-1,\n');
  expect(views.stdout).toMatch(/^batch_input\n {4}1 batch files \(.*\)\n$/);
  expect(wide.stdout).toMatch(/^-- 1\nlong {38}x{37}…\na_name_of_a_column {24}1\nz{40} {2}y\n$/);
});

test("bad input to query is one line", async () => {
  const project = createProject(FILES);
  const cases: [args: string[], code: number, line: RegExp][] = [
    [["SELECT * FROM batch_inputs"], 2, /^error query: there is no batch_inputs here\. There are: batch_input\b[^\n]*\n$/],
    [["SELECT nope FROM batch_input"], 1, /^error query: [^\n]*"nope" not found[^\n]*\n$/],
    [["DELETE FROM batch_input"], 2, /^error query: only questions can be asked: write a SELECT\n$/],
    [["SELECT 1", "--format", "xml"], 2, /^error: option '--format <format>' argument 'xml' is invalid\. [^\n]*\n$/],
  ];
  await Promise.all(
    cases.map(async ([args, code, line]) => {
      expect(await project.arachne("query", ...args)).toEqual({ code, stdout: "", stderr: expect.stringMatching(line) });
    }),
  );
});
