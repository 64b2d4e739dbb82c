import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { freePort } from "../../scripts/services/port.ts";
import type { Service } from "../../scripts/services/process.ts";
import { startSparkConnect } from "../../scripts/services/spark.ts";
import { collectRows, type Engine } from "../../src/core/engine.ts";
import { TransientError } from "../../src/core/errors.ts";
import { openSparkEngine } from "../../src/engines/spark/engine.ts";
import { sqlRelation } from "../../src/engines/spark/reads.ts";
import { parseRemote } from "../../src/engines/spark/remote.ts";
import { openSession } from "../../src/engines/spark/session.ts";

const ENDLESS = "SELECT COUNT(*) AS n FROM range(1000000) AS a(x), range(1000000) AS b(x) WHERE (a.x * b.x) % 7 = 3";
const ROOT = resolve(import.meta.dirname, "../..");

// The shared server is there where Spark can be had: so are those that this file starts to do harm to.
describe.skipIf(inject("sparkRemote") === undefined)("a Spark Connect server in trouble", () => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-spark-faults-"));
  let server: Service;
  let api: string;

  async function start(): Promise<void> {
    const port = await freePort();
    server = await startSparkConnect({
      dir,
      memory: "1g",
      quick: true,
      conf: { "spark.ui.enabled": "true", "spark.ui.port": String(port) },
    });
    api = `http://127.0.0.1:${port}/api/v1/applications`;
  }
  beforeAll(start);
  afterAll(async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** Jobs that run on the server, as its own REST interface tells. */
  async function running(): Promise<number> {
    const [application] = (await (await fetch(api)).json()) as { id: string }[];
    const jobs = (await (await fetch(`${api}/${application!.id}/jobs?status=running`)).json()) as unknown[];
    return jobs.length;
  }

  async function until(jobs: number): Promise<void> {
    while ((await running()) !== jobs) await sleep(100);
  }

  async function opened(signal?: AbortSignal): Promise<Engine> {
    const engine = await openSparkEngine({ remote: server.url, tempDir: join(dir, "engine"), ...(signal === undefined ? {} : { signal }) });
    onTestFinished(() => engine[Symbol.asyncDispose]());
    return engine;
  }

  test("an aborted signal ends the job on the server too", async () => {
    const controller = new AbortController();
    const engine = await opened(controller.signal);
    const query = collectRows(engine, ENDLESS).catch((error: unknown) => error);
    await until(1);
    controller.abort();
    expect(await query).toMatchObject({ code: "aborted" });
    await until(0);
  });

  test("a client that was killed leaves no job running", async () => {
    const script = `
      import { openSparkEngine } from ${JSON.stringify(join(ROOT, "src/engines/spark/engine.ts"))};
      const engine = await openSparkEngine({ remote: ${JSON.stringify(server.url)}, tempDir: ${JSON.stringify(join(dir, "killed"))} });
      for await (const _ of engine.query(${JSON.stringify(ENDLESS)}));`;
    const client = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], { cwd: ROOT, stdio: "ignore" });
    await until(1);
    client.kill("SIGKILL");
    await until(0);
  });

  test("one that says nothing any more, though its connection stands, is given up", async () => {
    const session = await openSession({
      remote: parseRemote(server.url),
      conf: {},
      signal: undefined,
      log: undefined,
      patience: { silence: 1, answer: 2 },
    });
    const query = (async () => {
      for await (const _ of session.batches(sqlRelation(ENDLESS))); // until it fails
    })().catch((error: unknown) => error);
    await until(1);
    process.kill(-server.pid, "SIGSTOP");
    try {
      expect(await query).toMatchObject({ code: "spark_lost" });
    } finally {
      process.kill(-server.pid, "SIGCONT");
    }
    await session[Symbol.asyncDispose]();
    await until(0);
  });

  test("one that is killed in the middle of a query fails it at once, and closing does not wait for it", async () => {
    const engine = await opened();
    const query = collectRows(engine, ENDLESS).catch((error: unknown) => error);
    await until(1);
    await server.kill();
    const error = await query;
    expect(error).toBeInstanceOf(TransientError);
    expect(error).toMatchObject({ code: "spark_lost", message: expect.stringContaining(new URL(server.url).host) });
    await engine[Symbol.asyncDispose]();
    await start();
  });

  test("one that was restarted refuses a session that it no longer knows, instead of going on without its settings and views", async () => {
    const engine = await opened();
    expect(await collectRows(engine, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await server.kill();
    await start();
    await expect(collectRows(engine, "SELECT 1 AS one")).rejects.toMatchObject({ code: "spark_lost" });
  });

  test("a server whose Java takes letters for ASCII is refused: it would spoil them without a word", async () => {
    const place = mkdtempSync(join(tmpdir(), "arachne-spark-charset-"));
    const ascii = await startSparkConnect({
      dir: place,
      memory: "1g",
      conf: { "spark.driver.extraJavaOptions": "-Dfile.encoding=US-ASCII" },
    });
    onTestFinished(async () => {
      await ascii.stop();
      rmSync(place, { recursive: true, force: true });
    });
    await expect(openSparkEngine({ remote: ascii.url, tempDir: join(place, "engine") })).rejects.toMatchObject({
      name: "SettingsError",
      code: "spark_charset",
      message: expect.stringMatching(/^spark: 127\.0\.0\.1:\d+ runs with the charset US-ASCII, .*LC_ALL=C\.UTF-8/),
    });
  });
});
