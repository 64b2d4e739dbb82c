import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { z } from "zod";
import { describe, expect, it, onTestFinished } from "vitest";
import { defineItem, type ItemType } from "arachne";
import { compileCheck, reasonOf } from "../../../src/core/schema/check.ts";
import { columnsOf, type Column } from "../../../src/core/schema/columns.ts";
import { patternForSql } from "../../../src/core/schema/pattern-sql.ts";
import { checkedSql, REJECT_REASON } from "../../../src/core/schema/rules-sql.ts";
import { textLiteral } from "../../../src/core/schema/sql-text.ts";
import { collectRows } from "../../../src/core/engine.ts";
import { contractOf } from "../../../src/core/schema/contract.ts";
import { openDuckDbEngine } from "../../../src/engines/duckdb.ts";
import { Listing, listingSchema } from "../../../domain/bds/listing.ts";
import { listing, mutations, TEXTUAL } from "./mutations.ts";

async function connect() {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  onTestFinished(() => (connection.closeSync(), instance.closeSync()));
  await connection.run("CREATE MACRO regexp_like(s, p) AS regexp_matches(s, p)");
  return connection;
}

const textType = (c: Column): string =>
  c.kind === "struct" ? `STRUCT(${c.fields.map((f) => `"${f.name}" ${textType(f)}`).join(", ")})` : "VARCHAR";

/** The rows as a batch file gives them: JSON, read as text. */
async function checkInSql(type: ItemType, rows: readonly object[]) {
  const dir = mkdtempSync(join(tmpdir(), "arachne-"));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "rows.jsonl");
  writeFileSync(file, rows.map((row) => JSON.stringify(row)).join("\n"));
  const connection = await connect();
  const schema = columnsOf(type).map((c) => `'${c.name}': '${textType(c)}'`);
  await connection.run(`CREATE TABLE found AS FROM read_json('${file}', format = 'newline_delimited', columns = {${schema.join(", ")}})`);
  return (await connection.runAndReadAll(checkedSql(type, "found"))).getRowObjectsJson();
}

// What a text column takes as text although JSON held a number is not the SQL's to see; nor is a struct that is none.
const visible = (row: Record<string, unknown>): boolean =>
  Object.entries(row).every(([name, value]) => {
    const kind = columnsOf(Listing).find((c) => c.name === name)?.kind;
    const number = typeof value === "number";
    if (value === null || kind === undefined) return true;
    if (kind === "struct") return typeof value === "object";
    if (kind === "text" || kind === "date" || kind === "timestamp") return !number;
    return number || kind === "boolean" ? typeof value !== "string" || !/^(true|false)$/.test(value) : !/^[\d.e]+$/.test(value as string);
  });

describe("the rules as SQL", () => {
  it("give each row the reason that the check gives it", async () => {
    const rows = [...mutations(listing, 3000, TEXTUAL)].filter(visible);
    const check = compileCheck(Listing);
    const nulls = Object.fromEntries(columnsOf(Listing).map((c) => [c.name, null])); // a column has no way to be absent
    const expected = rows.map((row) => check({ ...nulls, ...row })?.map(reasonOf)[0] ?? null);
    const found = await checkInSql(Listing, rows);
    expect(found).toHaveLength(rows.length);
    found.forEach((row, i) => {
      if (row[REJECT_REASON] !== expected[i])
        expect({ row: rows[i], reason: row[REJECT_REASON] }).toEqual({ row: rows[i], reason: expected[i] });
    });
    expect(new Set(expected).size).toBeGreaterThan(20);
  });

  it("type what they let through, exactly", async () => {
    const [row] = await checkInSql(Listing, [{ ...listing, price_vnd: 9007199254740991 }]);
    expect(row).toMatchObject({
      price_vnd: "9007199254740991",
      area_m2: "105.25",
      posted_at: "2025-10-17",
      crawled_at: "2025-10-18 03:04:05.678",
      [REJECT_REASON]: null,
    });
    expect(row!["raw"]).toEqual(listing.raw);
  });

  it("read whole numbers as other writers spell them, and no others", async () => {
    const Whole = defineItem({ name: "whole", key: ["n"], schema: z.object({ n: z.int().nullable() }) });
    const rows = await checkInSql(
      Whole,
      ["5", "5.0", "-7", "1e3", "5.5", "five", "Infinity", "1e400", "9007199254740993", null].map((n) => ({ n })),
    );
    expect(rows.map((r) => r[REJECT_REASON] ?? r["n"])).toEqual([
      "5",
      "5",
      "-7",
      "1000",
      "n: type",
      "n: type",
      "n: type",
      "n: type",
      "n: maximum",
      null,
    ]);
  });

  it("refuse numbers that are none", async () => {
    const Real = defineItem({ name: "real", key: ["x"], schema: z.object({ x: z.number(), d: z.number().meta({ decimal: [4, 1] }) }) });
    const rows = await checkInSql(Real, [
      { x: "NaN", d: "1" },
      { x: "inf", d: "1" },
      { x: "1", d: "NaN" },
      { x: "1", d: "12345" },
      { x: "-0.5", d: "999.94" },
    ]);
    expect(rows.map((r) => r[REJECT_REASON] ?? [r["x"], r["d"]])).toEqual(["x: type", "x: type", "d: type", "d: type", [-0.5, "999.9"]]);
  });
});

/** The rows as checked SQL has them, in their order, under the item's contract. */
async function checkByContract(type: ItemType, rows: readonly object[]): Promise<Record<string, unknown>[]> {
  const dir = mkdtempSync(join(tmpdir(), "arachne-"));
  const file = join(dir, "rows.jsonl");
  writeFileSync(file, rows.map((row, n) => JSON.stringify({ ...row, n })).join("\n"));
  const engine = await openDuckDbEngine({ memoryLimit: "512MB", tempDir: join(dir, "engine") });
  onTestFinished(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
  });
  await engine.source("found", {
    format: "jsonl",
    files: [file],
    columns: columnsOf(type),
    extra: contractOf(type).unknownFields !== undefined,
  });
  return collectRows(engine, `SELECT * FROM (${checkedSql(type, "found")}) AS t ORDER BY n`);
}

describe("the contract as SQL", () => {
  const numbered = listingSchema.extend({ n: z.int() });
  const rows = [...mutations(listing, 2000, TEXTUAL)].filter(visible);
  const nulls = Object.fromEntries(columnsOf(Listing).map((c) => [c.name, null]));

  it("rejects what the check of a strict schema rejects, for the same reason", async () => {
    const Strict = defineItem({ name: "strict", key: ["n"], schema: z.strictObject(numbered.shape) });
    const check = compileCheck(Strict);
    const expected = rows.map((row, n) => check({ ...nulls, ...row, n })?.map(reasonOf)[0] ?? null);
    const found = await checkByContract(Strict, rows);
    expect(found.map((row) => row[REJECT_REASON])).toEqual(expected);
    expect(expected).toContain("unnamed: additionalProperties");
  });

  it("drops just the values that the check refuses where they may be missing, and tells them", async () => {
    const Lenient = defineItem({ name: "lenient", key: ["n"], schema: numbered, contract: { brokenValues: "discard_value" } });
    const check = compileCheck(Lenient);
    const optional = new Set(columnsOf(Lenient).flatMap((c) => (c.nullable ? [c.name] : [])));
    const found = await checkByContract(Lenient, rows);
    let dropped = 0;
    found.forEach((row, n) => {
      const failures = check({ ...nulls, ...rows[n], n }) ?? [];
      const droppable = failures.filter((f) => optional.has(f.field));
      const discarded = typeof row["discarded"] === "string" ? row["discarded"].split("; ") : [];
      expect({ n, discarded: [...new Set(discarded.map((r) => r.split(":")[0]))] }).toEqual({
        n,
        discarded: [...new Set(droppable.map((f) => f.field))],
      });
      expect(discarded).toEqual(
        expect.arrayContaining(
          droppable
            .filter((f) => f.field === droppable[0]?.field)
            .slice(0, 1)
            .map(reasonOf),
        ),
      );
      for (const { field } of droppable) expect(row[field]).toBeNull();
      expect(row[REJECT_REASON]).toBe(failures.filter((f) => !optional.has(f.field)).map(reasonOf)[0] ?? null);
      dropped += droppable.length;
    });
    expect(dropped).toBeGreaterThan(100);
  });

  it("refuses a field that has the name of a column that it needs", () => {
    const schema = z.object({ id: z.string(), extra: z.string() });
    const type = defineItem({ name: "clash", key: ["id"], schema, contract: { unknownFields: "evolve" } });
    expect(() => checkedSql(type, "found")).toThrow(/item clash: its contract needs the column extra for itself/);
  });
});

describe("a pattern for SQL", () => {
  const patterns = [
    "^a.c$",
    "^\\S+$",
    "^\\s$",
    "[\\s,]x",
    "^\\w\\d\\.\\/$",
    "^[^\\]]$",
    "^\\u00e0\\u{1F3E0}?$",
    "a|b$",
    "^[a$.[]+$",
    "^(?:x)(?:y)?\\\\$",
    "đ+",
  ];
  const texts = [
    "abc",
    "a\nc",
    "a\u2028c",
    "abc\n",
    "",
    " ",
    "\u00a0",
    "\u3000",
    "\v",
    "x\u00a0y",
    "\u00a0x",
    ",x",
    "k5./",
    "é5./",
    "]",
    "[",
    "à",
    "a$.[",
    "x\\",
    "xy\\",
    "đđ",
    "b",
    "b\n",
  ];

  it("matches what it matches in JavaScript", async () => {
    const connection = await connect();
    for (const pattern of patterns) {
      const js = new RegExp(pattern, pattern.includes("u{") ? "u" : "");
      const sql = textLiteral(patternForSql(pattern, "f"));
      const reader = await connection.runAndReadAll(
        `SELECT ${texts.map((text, i) => `regexp_like(${textLiteral(text)}, ${sql}) AS "${i}"`).join(", ")}`,
      );
      expect([pattern, Object.values(reader.getRowObjects()[0]!)]).toEqual([pattern, texts.map((text) => js.test(text))]);
    }
  });

  it.each([
    ["a(?=b)", "look-around"],
    ["(?<!a)b", "look-around"],
    ["(a)\\1", "a back-reference"],
    ["[^\\S]", "inside brackets"],
  ])("refuses %s", (pattern, why) => {
    expect(() => patternForSql(pattern, "link")).toThrow(new RegExp(`field link: its pattern uses .*${why}`));
  });

  it("keeps backslashes out of literals, which Spark would eat", async () => {
    const text = "it's \\d \\\\ 'x'";
    expect(textLiteral(text)).not.toContain("\\");
    expect((await (await connect()).runAndReadAll(`SELECT ${textLiteral(text)} AS t`)).getRowObjects()).toEqual([{ t: text }]);
  });
});
