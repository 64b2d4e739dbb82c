import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { z } from "zod";
import { collectRows, type Engine } from "../../src/core/engine.ts";
import { TransientError } from "../../src/core/errors.ts";
import { defineItem } from "../../src/core/item.ts";
import { columnsOf } from "../../src/core/schema/columns.ts";
import { openSparkEngine } from "../../src/engines/spark/engine.ts";

const remote = inject("sparkRemote");

/** Joined with itself four times: more than anybody waits for. */
const ENDLESS = `SELECT COUNT(*) AS n FROM range(1000000) AS a(x), range(1000000) AS b(x) WHERE (a.x * b.x) % 7 = 3`;

async function opened(address = remote!): Promise<{ engine: Engine; dir: string }> {
  const dir = mkdtempSync(join(tmpdir(), "arachne-spark-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const engine = await openSparkEngine({ remote: address, tempDir: join(dir, "engine") });
  onTestFinished(() => engine[Symbol.asyncDispose]());
  return { engine, dir };
}

describe.skipIf(remote === undefined)("Spark Connect", () => {
  test("an error has Spark's error class and SQLSTATE, in its message and beside it, and is one line", async () => {
    const { engine } = await opened();
    const error: unknown = await collectRows(engine, "SELECT CAST(x AS INT) AS n FROM (VALUES ('1'), ('x')) AS t(x)").catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: "query_failed", errorClass: "CAST_INVALID_INPUT", sqlState: "22018" });
    expect(String(error)).toMatch(/^SparkError: spark: .*\[CAST_INVALID_INPUT\].*22018.*$/);
  });

  test("an error in a file names the file, and the innermost cause its class", async () => {
    const { engine, dir } = await opened();
    const file = join(dir, "torn.csv");
    writeFileSync(file, "id,n\n1,2\n3\n");
    await engine.source("torn", { format: "csv", files: [file], columns: columnsOf(defineItem({ name: "i", key: ["id"], schema: z.object({ id: z.string(), n: z.int() }) })) }); // prettier-ignore
    await expect(collectRows(engine, "SELECT * FROM torn")).rejects.toMatchObject({
      errorClass: "MALFORMED_CSV_RECORD",
      message: expect.stringContaining(file),
    });
  });

  test("a text with quotes, backslashes and ${…} in it is that text", async () => {
    const { engine } = await opened();
    const found = await collectRows(engine, `SELECT 'it''s \\n \${spark.app.name} "x"' AS "a ""b"""`);
    expect(found).toEqual([{ 'a "b"': 'it\'s \\n ${spark.app.name} "x"' }]);
  });

  test("a query may be made while the rows of another are taken", async () => {
    const { engine } = await opened();
    let rows = 0;
    for await (const chunk of engine.query<{ id: number }>("SELECT id FROM range(1000000)")) {
      if (rows === 0) expect(await collectRows(engine, "SELECT COUNT(*) AS n FROM range(7)")).toEqual([{ n: 7 }]);
      rows += chunk.length;
    }
    expect(rows).toBe(1_000_000);
  });

  test("a large result comes whole and in its order, over the disk, a chunk at a time, and leaves nothing there", async () => {
    const { engine, dir } = await opened();
    let [rows, chunks, largest] = [0, 0, 0];
    for await (const chunk of engine.query<{ n: number; text: string }>(
      "SELECT id AS n, CONCAT(repeat('x', 40), CAST(id AS STRING)) AS text FROM range(600000) ORDER BY id DESC NULLS LAST",
    )) {
      for (const { n, text } of chunk) {
        if (n !== 599_999 - rows || !text.endsWith(`x${n}`)) throw new Error(`row ${rows} is ${n} ${text}`);
        rows++;
      }
      if (chunks++ === 0) expect(readdirSync(join(dir, "engine", "stages"))).toHaveLength(1);
      largest = Math.max(largest, chunk.length);
    }
    expect(rows).toBe(600_000);
    expect(largest).toBeLessThan(20_000);
    expect(readdirSync(join(dir, "engine", "stages"))).toEqual([]);
  });

  test("a reader that leaves a result early leaves nothing behind", async () => {
    const { engine, dir } = await opened();
    for (const sql of ["SELECT id FROM range(1000000)", "SELECT id, repeat('x', 60) AS text FROM range(2000000)"]) {
      for await (const chunk of engine.query(sql)) if (chunk.length > 0) break;
      expect(await collectRows(engine, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    }
    expect(existsSync(join(dir, "engine", "stages")) ? readdirSync(join(dir, "engine", "stages")) : []).toEqual([]);
  });

  test("partitions have the names that DuckDB gives them, whatever is in them, and no other files", async () => {
    const { engine, dir } = await opened();
    const path = join(dir, "out");
    await engine.stage("t", "SELECT * FROM (VALUES ('a b', 1), ('Hồ Chí Minh', 2), ('x/y=%', 3), ('', 4)) AS t(k, n)");
    await engine.write("SELECT * FROM t", { path, partitionBy: "k", orderBy: ["n"] });
    expect(readdirSync(path).sort()).toEqual(["k=", "k=H%E1%BB%93%20Ch%C3%AD%20Minh", "k=a%20b", "k=x%2Fy%3D%25"]);
    for (const folder of readdirSync(path)) expect(readdirSync(join(path, folder))).toEqual(["part-0.parquet"]);
    await engine.write("SELECT * FROM t", { path: join(dir, "one.parquet"), orderBy: ["n"] });
    expect(readdirSync(dir).sort()).toEqual(["engine", "one.parquet", "out"]);
  });

  test("rows stand in order in every partition, and none is missing, when several tasks write many", async () => {
    const { engine, dir } = await opened();
    const path = join(dir, "out");
    const rows =
      "SELECT CONCAT('k', CAST((id * 7919) % 100003 AS STRING)) AS k, CONCAT('p', CAST(id % 5 AS STRING)) AS p FROM range(100003)";
    await engine.write(rows, { path, partitionBy: "p", orderBy: ["k"] });
    let count = 0;
    for (const folder of readdirSync(path)) {
      await engine.open("one", join(path, folder, "part-0.parquet"));
      const keys = (await collectRows<{ k: string }>(engine, "SELECT k FROM one")).map((row) => row.k);
      expect(keys).toEqual(keys.toSorted());
      count += keys.length;
    }
    expect(count).toBe(100_003);
  });

  test("files whose names Spark takes for patterns, or hides, are read, or refused", async () => {
    const { engine, dir } = await opened();
    const columns = columnsOf(defineItem({ name: "i", key: ["id"], schema: z.object({ id: z.string() }) }));
    mkdirSync(join(dir, "ü +%41"));
    const file = join(dir, "ü +%41", "[a]{b}*?\\#.jsonl");
    writeFileSync(file, '{"id":"1"}\n');
    writeFileSync(join(dir, "ü +%41", "a{b}xyz#.jsonl"), '{"id":"2"}\n');
    await engine.source("odd", { format: "jsonl", files: [file], columns });
    expect(await collectRows(engine, "SELECT id, source_file FROM odd")).toEqual([{ id: "1", source_file: file }]);
    const hidden = { format: "jsonl", files: [join(dir, "_hidden.jsonl")], columns } as const;
    await expect(engine.source("hidden", hidden)).rejects.toThrow(/_hidden\.jsonl would be skipped/);
  });

  test("the session is released when the engine is closed", async () => {
    const session = `${remote};session_id=${crypto.randomUUID()}`.replace(/^(sc:\/\/[^/;]+);/, "$1/;");
    const engine = await openSparkEngine({ remote: session, tempDir: join(tmpdir(), "unused") });
    await engine[Symbol.asyncDispose]();
    await expect(openSparkEngine({ remote: session, tempDir: join(tmpdir(), "unused") })).rejects.toMatchObject({ code: "spark_lost" });
  });

  test("an aborted signal refuses what comes after it, and closing still works", async () => {
    const controller = new AbortController();
    const engine = await openSparkEngine({ remote: remote!, tempDir: join(tmpdir(), "unused"), signal: controller.signal });
    controller.abort();
    await expect(collectRows(engine, ENDLESS)).rejects.toMatchObject({ code: "aborted" });
    await engine[Symbol.asyncDispose]();
  });
});

describe("a Spark Connect server that is not there", () => {
  test("is one line with its address and what to do, without the token", async () => {
    const error: unknown = await openSparkEngine({ remote: "sc://127.0.0.1:1/;token=hunter2;use_ssl=false", tempDir: tmpdir() }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({
      code: "spark_unreachable",
      message: expect.stringMatching(/^spark: cannot reach 127\.0\.0\.1:1 \(connect ECONNREFUSED.*SPARK_REMOTE$/),
    });
    expect(JSON.stringify(error)).not.toContain("hunter2");
  });

  test("is not waited for when the run is stopped", async () => {
    const server = createServer(() => {}).listen(0, "127.0.0.1"); // takes connections and says nothing
    onTestFinished(() => void server.close());
    await new Promise((done) => server.once("listening", done));
    const controller = new AbortController();
    const { port } = server.address() as AddressInfo;
    const opening = openSparkEngine({ remote: `sc://127.0.0.1:${port}`, tempDir: tmpdir(), signal: controller.signal });
    server.once("connection", () => controller.abort());
    await expect(opening).rejects.toMatchObject({ code: "aborted" });
  }, 10_000);

  test("nor is one that answers in another protocol", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;
    const opening = openSparkEngine({ remote: `sc://127.0.0.1:${port}`, tempDir: tmpdir() });
    await expect(opening).rejects.toMatchObject({ code: "spark_unreachable", message: expect.stringContaining(`127.0.0.1:${port}`) });
  });
});
