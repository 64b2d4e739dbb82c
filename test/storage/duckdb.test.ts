import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDuckDb } from "../../src/storage/duckdb.ts";
import { tempDir } from "../feeds/batches.ts";

describe("DuckDB in process", () => {
  it("gives rows as items hold them: exact whole numbers, ISO times in UTC, decimals, structs", async () => {
    await using db = await openDuckDb({ part: "test" });
    const [row] = await db.all(`SELECT 9007199254740991::BIGINT AS safe, 9007199254740993::BIGINT AS big, 105.25::DECIMAL(12,2) AS area,
      123456789012345678901234567890::DECIMAL(38,0) AS sum, DATE '2024-02-29' AS day, TIMESTAMP '2025-10-18 03:04:05.678' AS at,
      TIMESTAMP '1969-12-31 23:59:59.999999' AS early, 'NaN'::DOUBLE AS nan, {a: 1::BIGINT, b: [true, NULL]} AS s, NULL AS n, NULL::BIGINT AS m`);
    expect(row).toEqual({
      safe: 9007199254740991,
      big: 9007199254740993n,
      area: 105.25,
      sum: 123456789012345678901234567890n,
      day: "2024-02-29",
      at: "2025-10-18T03:04:05.678Z",
      early: "1969-12-31T23:59:59.999999Z",
      nan: NaN,
      s: { a: 1, b: [true, null] },
      n: null,
      m: null,
    });
  });

  it("streams what would not fit at once, in order", async () => {
    await using db = await openDuckDb({ part: "test" });
    let chunks = 0;
    let next = 0;
    for await (const rows of db.stream("SELECT range AS n FROM range(10000)")) {
      chunks++;
      for (const row of rows) expect(row["n"]).toBe(next++);
    }
    expect(next).toBe(10_000);
    expect(chunks).toBeGreaterThan(2);
  });

  it("fails where a stream fails in its middle, with DuckDB's words, and never ends it early", async () => {
    await using db = await openDuckDb({ part: "test" });
    let rows = 0;
    const sql = "SELECT CASE WHEN range = 900000 THEN error('row 900000 is bad') ELSE range END AS n FROM range(1000000) -- all";
    const reading = (async () => {
      for await (const chunk of db.stream(sql)) rows += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: "query_failed", message: expect.stringContaining("row 900000 is bad") as string });
    expect(rows).toBeLessThan(1_000_000);
  });

  it("streams on while other queries and streams run", async () => {
    await using db = await openDuckDb({ part: "test" });
    await db.run("CREATE VIEW numbers AS SELECT range AS n FROM range(20000)");
    let rows = 0;
    for await (const chunk of db.stream("FROM numbers")) {
      rows += chunk.length;
      expect(await db.all("SELECT count(*) AS n FROM numbers")).toEqual([{ n: 20_000 }]);
      for await (const other of db.stream("FROM numbers")) {
        expect(other.length).toBeGreaterThan(0);
        break; // one that is left early is no trouble
      }
    }
    expect(rows).toBe(20_000);
  });

  it("tells a query's columns without running it", async () => {
    await using db = await openDuckDb({ part: "test" });
    expect(await db.describe("SELECT 1::BIGINT AS a, error('run')::VARCHAR AS b")).toEqual([
      { name: "a", type: "BIGINT" },
      { name: "b", type: "VARCHAR" },
    ]);
  });

  it("names the part that failed, in DuckDB's own words", async () => {
    await using db = await openDuckDb({ part: "batch" });
    await expect(db.run("SELECT nothing FROM nowhere")).rejects.toMatchObject({
      code: "query_failed",
      message: expect.stringMatching(/^batch: Catalog Error.*nowhere/) as string,
    });
    const broken = join(tempDir(), "broken.json");
    writeFileSync(broken, '[{"a":1');
    await expect(db.run(`SELECT * FROM read_json('${broken}')`)).rejects.toThrow(/broken\.json/);
  });

  it("says which setting to raise when the memory does not do", async () => {
    await using db = await openDuckDb({ part: "batch", memoryLimit: "10MB", threads: 1 });
    await expect(db.all("SELECT list(range::VARCHAR || repeat('x', 100)) AS l FROM range(1000000)")).rejects.toMatchObject({
      code: "out_of_memory",
      message: "batch: 10MB does not do: raise DUCKDB_MEMORY_LIMIT",
    });
  });

  it("stops a query that is under way when the run is to stop, and starts none after", async () => {
    const stop = new AbortController();
    await using db = await openDuckDb({ part: "batch", signal: stop.signal });
    const long = db.all("SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range) = hash(b.range + 7)");
    setTimeout(() => stop.abort(), 50);
    await expect(long).rejects.toMatchObject({ code: "aborted" });
    await expect(db.all("SELECT 1")).rejects.toMatchObject({ code: "aborted" });
  });

  it("never fetches an extension", async () => {
    await using db = await openDuckDb({ part: "test" });
    expect(await db.all("SELECT current_setting('autoinstall_known_extensions') AS auto")).toEqual([{ auto: false }]);
  });
});
