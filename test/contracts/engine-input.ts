import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { collectRows, type Engine, type SourceFormat } from "../../src/core/engine.ts";
import { defineItem } from "../../src/core/item.ts";
import { columnsOf } from "../../src/core/schema/columns.ts";
import { checkedSql } from "../../src/core/schema/rules-sql.ts";
import { feedFormat } from "../../src/feeds/format.ts";

const Row = defineItem({
  name: "row",
  key: ["id"],
  schema: z.object({
    id: z.string(),
    n: z.int().nullable(),
    x: z.number().nullable(),
    price: z
      .number()
      .nullable()
      .meta({ decimal: [12, 2] }),
    raw: z.object({ text: z.string().nullable(), in: z.object({ deep: z.string().nullable() }).nullable() }).nullable(),
  }),
});
const COLUMNS = columnsOf(Row);

/** Files as found in the wild: what every engine reads of them, and what it must not let pass. */
export function engineInputContract(opened: () => Promise<{ engine: Engine; dir: string }>): void {
  async function read(format: SourceFormat, content: string | Buffer, sql = "SELECT * FROM found"): Promise<Record<string, unknown>[]> {
    const { engine, dir } = await opened();
    const path = join(dir, `found.${format}`);
    writeFileSync(path, content);
    await engine.source("found", { format, files: [path], columns: COLUMNS });
    return collectRows(engine, sql);
  }
  const row = (id: string | null, more: object = {}) => ({ id, n: null, x: null, price: null, raw: null, ...more });
  const cells = (id: string | null, more: object = {}) => ({
    id,
    n: null,
    x: null,
    price: null,
    raw: { text: null, in: { deep: null } },
    ...more,
  });
  const FOUND = "SELECT id, n, x, price, raw FROM found ORDER BY id NULLS LAST";

  test("reads CSV with a byte order mark, CRLF, quoted line ends as they are, NULL and empty texts, columns in any order", async () => {
    const csv = '\uFEFFraw.text,n,id\r\n"a\r\nb\nc",1,x\r\n"",,"y"\r\n,"2",z\r\n';
    expect(await read("csv", csv, FOUND)).toEqual([
      cells("x", { n: "1", raw: { text: "a\r\nb\nc", in: { deep: null } } }),
      cells("y", { raw: { text: "", in: { deep: null } } }),
      cells("z", { n: "2" }),
    ]);
  });

  const csvText: [name: string, text: string, rows: (string | null)[][]][] = [
    ["semicolons, columns in another order, unknown ones", "n;new;id\n2;x;1\n", [["1", "2"]]],
    ["tabs", 'id\tn\n1\t"2\t,;"\n', [["1", "2\t,;"]]],
    ["bars", "id|n\n1|2\n", [["1", "2"]]],
    ["blank lines and quotes with delimiters in them", 'id,n\n\n"1, 2","a ""b""\nc"\n\n', [["1, 2", 'a "b"\nc']]],
    ["its header again among the rows", "id,n\n1,2\nid,n\n3,4\n", [["1", "2"], ["3", "4"], ["id", "n"]]],
  ]; // prettier-ignore
  for (const [name, text, rows] of csvText)
    test(`reads CSV with ${name}`, async () => {
      expect((await read("csv", text, FOUND)).map((found) => [found["id"], found["n"]])).toEqual(rows);
    });

  test("reads CSV files of different headers together", async () => {
    const { engine, dir } = await opened();
    const files = ["id,n\n1,2\n", "n,id\r\n4,3\r\n", "id\n5\n"].map((text, n) => {
      const path = join(dir, `${n}.csv`);
      writeFileSync(path, text);
      return path;
    });
    await engine.source("found", { format: "csv", files, columns: COLUMNS });
    expect(await collectRows(engine, "SELECT id, n FROM found ORDER BY id")).toEqual([
      { id: "1", n: "2" },
      { id: "3", n: "4" },
      { id: "5", n: null },
    ]);
  });

  test("takes the apostrophe off that keeps spreadsheets from running a text, and off nothing else", async () => {
    const csv = "id,n,raw.text\n'=1+1,-5,''=x\n'a,1,-1\n";
    expect(await read("csv", csv, FOUND)).toEqual([
      cells("'a", { n: "1", raw: { text: "-1", in: { deep: null } } }),
      cells("=1+1", { n: "-5", raw: { text: "'=x", in: { deep: null } } }),
    ]);
  });

  test("reads JSON lines with CRLF and blank lines, lists in one line and over many, objects within objects, values as text", async () => {
    const lines = '{"id":"1","raw":{"text":"a","in":{"deep":"ế 😀 \\u0041\\n"}}}\r\n\r\n{"id":2,"n":"3","x":0.5,"price":12}\r\n';
    const both = [row("1", { raw: { text: "a", in: { deep: "ế 😀 A\n" } } }), row("2", { n: "3", x: "0.5", price: "12" })];
    expect(await read("jsonl", lines, FOUND)).toEqual(both);
    const list = lines.split("\r\n").filter((line) => line !== "");
    expect(await read("json", `[${list.join(",")}]`, FOUND)).toEqual(both);
    expect(await read("json", `[\n${list.join(",\n")}\n]\n`, FOUND)).toEqual(both);
    expect(
      await read(
        "json",
        JSON.stringify(
          list.map((text) => JSON.parse(text) as object),
          null,
          2,
        ),
        FOUND,
      ),
    ).toEqual(both);
    expect(await read("json", lines, FOUND)).toEqual(both);
  });

  test("reads Parquet files together that lack columns, or have them in other types", async () => {
    const { engine, dir } = await opened();
    const files = [
      "SELECT 'a' AS id, CAST(7 AS INT) AS n, CAST('1.5' AS DOUBLE) AS x",
      "SELECT 'b' AS id, CAST(8 AS BIGINT) AS n, 'text' AS other",
      "SELECT CAST(3 AS BIGINT) AS id, 'nine' AS n, CAST('12.30' AS DECIMAL(12, 2)) AS price",
    ].map((sql, i) => [sql, join(dir, `${i}.parquet`)] as const);
    for (const [sql, path] of files) await engine.write(sql, { path, orderBy: ["id"] });
    await engine.source("found", { format: "parquet", files: files.map(([, path]) => path), columns: COLUMNS, extra: true });
    expect(await collectRows(engine, "SELECT id, n, x, price, extra FROM found ORDER BY id")).toEqual([
      { id: "3", n: "nine", x: null, price: "12.30", extra: null },
      { id: "a", n: "7", x: "1.5", price: null, extra: null },
      { id: "b", n: "8", x: null, price: null, extra: '{"other":"text"}' },
    ]);
  });

  for (const [format, content] of [
    ["json", "[]"],
    ["json", "[\n]\n"],
    ["jsonl", ""],
    ["csv", "id,n\n"],
    ["csv", "\uFEFFid,n"],
  ] as const)
    test(`${JSON.stringify(content)} as ${format} has no rows`, async () => {
      expect(await read(format, content)).toEqual([]);
    });

  const good = "1,2,3\n".repeat(3000);
  const broken: readonly [name: string, SourceFormat, string | Buffer][] = [
    ["a line cut short", "jsonl", '{"id":"1"}\n{"id":"2","n'],
    ["two objects on a line", "jsonl", '{"id":"1"} {"id":"2"}\n'],
    ["two objects on a line, joined", "jsonl", '{"id":"1"}{"id":"2"}\n'],
    ["a line that is no object", "jsonl", '{"id":"1"}\n["2"]\n'],
    ["a text where an object is to be", "jsonl", '{"id":"1","raw":"x"}\n'],
    ["half a character", "jsonl", '{"id":"\\ud83d"}\n'],
    ["bytes that are no UTF-8", "jsonl", Buffer.from('{"id":"\xff"}\n', "latin1")],
    ["a list cut short", "json", '[\n{"id":"1"},\n{"id":"2"}'],
    ["text after its list", "json", '[{"id":"1"}]\n[{"id":"2"}]\n'],
    ["CSV in it", "json", "id,n,x\n1,2,3\n"],
    ["a row with too few cells", "csv", `id,n,x\n${good}2,3\n`],
    ["a row with too few cells before all others", "csv", `id,n,x\n2,3\n${good}`],
    ["a row with too many cells", "csv", `id,n,x\n${good}2,3,4,5\n${good}`],
    ["a quote that is never closed", "csv", `id,n,x\n${good}2,"3,4\n`],
    ["a quote that is never closed, in its last column", "csv", `id,n,x\n1,2,"3\n${good}`],
    ["text behind a quoted cell", "csv", 'id,n\n"a"b,2\n'],
    ["bytes that are no UTF-8", "csv", Buffer.from("id,n\n\xff,2\n", "latin1")],
    ["no header", "csv", good],
    ["a title above its header", "csv", `Listings\n\nid,n,x\n${good}`],
    ["nothing in it", "csv", ""],
    ["no Parquet in it", "parquet", "PAR1 and so on PAR1"],
  ];
  for (const [name, format, content] of broken)
    test(`a ${format} file with ${name} is an error that names the file`, async () => {
      const { engine, dir } = await opened();
      const [whole, path] = [join(dir, `whole.${format}`), join(dir, `broken.${format}`)];
      const feed = await feedFormat(format);
      const json = [JSON.stringify(row("1", { n: 2 }))];
      if (feed.content === undefined) await feed.write!(whole, Row, json);
      else writeFileSync(whole, [...feed.content(Row, json)].join(""));
      writeFileSync(path, content);
      const reading = async (): Promise<void> => {
        await engine.source("found", { format, files: [whole, path], columns: COLUMNS });
        await engine.stage("checked", checkedSql(Row, "found"));
      };
      await expect(reading()).rejects.toMatchObject({
        code: "query_failed",
        message: expect.stringContaining(`broken.${format}`) as string,
      });
    });

  test("numbers have one reading: 64 bits exact, decimals rounded half up, nothing but digits", async () => {
    const values: readonly [text: string, n: unknown, price: unknown, reason: string | null][] = [
      ["9007199254740991", 9007199254740991, null, "price: type"],
      ["-9007199254740991", -9007199254740991, null, "price: type"],
      ["9223372036854775807", 9223372036854775807n, null, "n: maximum"],
      ["5.0", 5, 5, null],
      ["1e3", 1000, 1000, null],
      ["0.125", null, 0.13, "n: type"],
      ["-0.125", null, -0.13, "n: type"],
      ["9999999999.99", null, 9999999999.99, "n: type"],
      [" 7 ", 7, 7, null],
      ["1_000", null, null, "n: type"],
      ["1.5d", null, null, "n: type"],
      ["NaN", null, null, "n: type"],
      ["", null, null, "n: type"],
    ];
    const { engine, dir } = await opened();
    const path = join(dir, "numbers.jsonl");
    writeFileSync(path, values.map(([text], i) => JSON.stringify({ id: String(i), n: text, price: text })).join("\n"));
    await engine.source("numbers", { format: "jsonl", files: [path], columns: COLUMNS });
    await engine.stage("checked", checkedSql(Row, "numbers"));
    const found = await collectRows(engine, "SELECT id, n, price, reject_reason FROM checked");
    for (const [i, [text, n, price, reason]] of values.entries()) {
      const one = found.find((r) => r["id"] === String(i));
      expect(one, text).toMatchObject({ reject_reason: reason });
      if (reason === null || n !== null) expect(one, text).toMatchObject({ n });
      if (reason === null || price !== null) expect(one, text).toMatchObject({ price });
    }
  });
}
