import { readFileSync, statSync, utimesSync } from "node:fs";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, start, type TestProject } from "./project.ts";
import { QUOTES } from "./quotes.ts";

const lines = (text: string): unknown[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

const CSV = `Địa chỉ,Câu,Ai,Số
https://a/1,"Một, hai",A,1
https://a/2,,B,2
https://a/3,Ba,,3
`;

test("replay --to maps columns and templates, prints cleaned items, sets aside the dropped ones and adds up", async () => {
  const project = createProject({ ...QUOTES, "old.csv": `\uFEFF${CSV}https://a/4,${"x".repeat(70)},C,4\n` });
  const { code, stdout, stderr } = await project.run(
    "replay|old.csv|--to|shout|--map|link=Địa chỉ|--map|text=Câu|--map|author={Ai} ({Số}/{#})|--set|lang=vi|--out|-|--rejected|bad/rejected.jsonl".split(
      "|",
    ),
  );
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: "4 read = 2 cleaned + 2 dropped\n           1  no_text\n           1  length: maximum\n",
  });
  expect(lines(stdout)).toEqual([
    expect.objectContaining({ link: "https://a/1", text: "MỘT, HAI", author: "A (1/1)", lang: "vi", length: 8, partial: false }),
    expect.objectContaining({ link: "https://a/3", text: "BA", author: "(3/3)", lang: "vi" }),
  ]);
  const rejected = lines(readFileSync(join(project.dir, "bad/rejected.jsonl"), "utf8"));
  expect(rejected).toEqual([
    { reason: "no_text", detail: "https://a/2", item: expect.objectContaining({ link: "https://a/2", author: "B (2/2)" }) },
    {
      reason: "length: maximum",
      detail: expect.stringContaining("length"),
      item: expect.objectContaining({ link: "https://a/4", length: 70 }),
    },
  ]);
});

test("columns of the same names are taken without --map, of json, jsonl and csv alike; the first --map with a value counts", async () => {
  const items = [
    { link: "a", text: "one", nested: { by: "x" } },
    { link: "b", other: "two", text: null },
  ];
  const project = createProject({
    ...QUOTES,
    "a.json": JSON.stringify(items),
    "a.jsonl": items.map((i) => JSON.stringify(i)).join("\n"),
    "a.csv": "link,text,other\na,one,\nb,,two\n",
  });
  const map = ["--map", "text=text", "--map", "text=other"];
  const json = await project.arachne("replay", "a.json", "a.jsonl", "a.csv", "--to", "shout", ...map, "--map", "author={link}!", "--json");
  expect(JSON.parse(json.stderr)).toEqual({ read: 6, kept: 6, dropped: {} });
  expect(lines(json.stdout).map((i) => (i as { text: string }).text)).toEqual(["ONE", "TWO", "ONE", "TWO", "ONE", "TWO"]);
  expect(lines(json.stdout)[5]).toMatchObject({ author: "b!" });
  const nested = await project.arachne("replay", "a.json", "--to", "shout", "--map", "author=nested.by", "--out", "out.jsonl");
  expect(nested.stdout).toBe("");
  expect(lines(readFileSync(join(project.dir, "out.jsonl"), "utf8"))).toEqual([
    { link: "a", text: "ONE", nested: { by: "x" }, author: "x", length: 3, partial: false },
  ]);
});

function manyRows(project: TestProject, count: number): void {
  project.write("many.csv", `link,text\n${Array.from({ length: count }, (_, i) => `https://q/${i},quote ${i}\n`).join("")}`);
}

test("without --to the whole chain runs, deliveries too, and a second replay is a new one", async () => {
  const project = createProject(QUOTES);
  manyRows(project, 1_234);
  const { code, stdout, stderr } = await project.arachne("replay", "many.csv");
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "",
    stderr: "1,234 read = 1,234 cleaned + 0 dropped\ndelivered: 1,234 to to_file\n",
  });
  const delivered = readFileSync(join(project.dir, "delivered.jsonl"), "utf8");
  expect(lines(delivered).map((i) => (i as { link: string }).link)).toEqual(Array.from({ length: 1_234 }, (_, i) => `https://q/${i}`));
  const again = await project.arachne("replay", "many.csv", "--json");
  expect(JSON.parse(again.stdout)).toEqual({ read: 1_234, kept: 1_234, dropped: {}, delivered: { to_file: 1_234 }, finished: true });
});

test("a replay that is killed goes on where it was: nothing lost, nothing twice in the outbox", async () => {
  const project = createProject(QUOTES);
  manyRows(project, 5_000);
  const killed = start(project.dir, ["replay", "many.csv"], { env: { ARACHNE_FAILPOINT: "journal_in_commit:5" } });
  expect((await killed.ended).code).toBe(null);
  const other = await project.arachne("replay", "many.csv", "--map", "author=link");
  expect(other).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error replay: another replay of these items is unfinished \(\S+many\.csv *\): [^\n]*\n$/),
  });
  const resumed = await project.arachne("replay", "many.csv");
  expect(resumed.stderr).toMatch(/resuming replay 1: 1,500 rows are done; --fresh starts over\n5,000 read = 5,000 cleaned/);
  const delivered = lines(readFileSync(join(project.dir, "delivered.jsonl"), "utf8")).map((i) => (i as { link: string }).link);
  expect(new Set(delivered).size).toBe(5_000);
});

test("a file that was changed since an unfinished replay is not taken up again", async () => {
  const project = createProject(QUOTES);
  manyRows(project, 2_000);
  await start(project.dir, ["replay", "many.csv"], { env: { ARACHNE_FAILPOINT: "journal_in_commit:4" } }).ended;
  const file = join(project.dir, "many.csv");
  utimesSync(file, new Date(), new Date(statSync(file).mtimeMs + 5_000));
  const refused = await project.arachne("replay", "many.csv");
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /error replay: \S+many\.csv was changed since its first 1,000 rows were replayed: --fresh starts over\n$/,
    ),
  });
  expect((await project.arachne("replay", "many.csv", "--fresh")).code).toBe(0);
});

test("bad input to replay is one line, exit code 2, and nothing is written", async () => {
  const project = createProject({ ...QUOTES, "old.csv": CSV });
  const cases: [args: string[], line: RegExp][] = [
    [["nope.csv", "--out", "x.jsonl"], /^error replay: there is no file nope\.csv\n$/],
    [["old.csv", "--to", "shoot"], /^error replay: --to shoot: ITEM_PIPELINES has no such pipeline\. Did you mean shout\?\n$/],
    [
      ["old.csv", "--map", "text=Cau", "--out", "x.jsonl"],
      /^error replay: old\.csv has no column "Cau"\. Did you mean Câu\? Columns: Địa chỉ, Câu, Ai, Số\n$/,
    ],
    [
      ["old.csv", "--map", "text={Câu} {Giá}", "--out", "x.jsonl"],
      /^error replay: old\.csv has no column "Giá"\. .*Columns: Địa chỉ, Câu, Ai, Số\n$/,
    ],
    [["old.csv", "--map", "text={Câu"], /^error replay: --map text=\{Câu: a template is text with columns in braces, [^\n]*\n$/],
    [["old.csv", "--map", "text"], /^error replay: --map text: write field=column\n$/],
    [["old.csv", "--set", "text"], /^error replay: --set text: write field=value\n$/],
    [["old.csv", "--set", "BATCHSIZE=1"], /^error BATCHSIZE \(from command line\) is not a setting\. Did you mean BATCH_SIZE\?\n$/],
    [["old.csv", "--item", "quotes"], /^error replay: no spider yields items called "quotes"\. Did you mean quote\?\n$/],
    [
      ["old.csv", "--to", "to_file", "--out", "x.jsonl"],
      /^error replay: --out takes the items before any delivery, but --to names to_file[^\n]*\n$/,
    ],
    [["old.csv", "--out", "-", "--rejected", "settings.ts/no"], /^error file: cannot write settings\.ts\/no: [^\n]*\n$/],
  ];
  for (const some of [cases.slice(0, 6), cases.slice(6)]) {
    await Promise.all(
      some.map(async ([args, line]) => {
        const { code, stdout, stderr } = await project.arachne("replay", ...args);
        expect([stdout, stderr]).toEqual(["", expect.stringMatching(line)]);
        expect(code).toBe(stderr.includes("cannot write") ? 1 : 2);
      }),
    );
  }
  expect(existsSync(join(project.dir, "x.jsonl"))).toBe(false);
});
