import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { collectRows } from "../../src/core/engine.ts";

const remote = inject("sparkRemote");
const TOKEN = "hunter2;=";

// Spark itself has neither TLS nor tokens: a gateway before it does both.
describe.skipIf(remote === undefined)("a Spark Connect server behind a gateway with TLS and tokens", () => {
  const dir = mkdtempSync(join(tmpdir(), "arachne-spark-tls-"));
  const [cert, key] = [join(dir, "cert.pem"), join(dir, "key.pem")];
  const closing: (() => void)[] = [];
  let port: number;

  beforeAll(async () => {
    const request = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=test",
    ];
    execFileSync("openssl", [...request, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], { stdio: "ignore" });
    const spark = connect(remote!.replace(/^sc:/, "http:"));
    const gateway = createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) });
    gateway.on("stream", (incoming, { authorization, ...headers }) => {
      if (authorization !== `Bearer ${TOKEN}`)
        return incoming.respond(
          { ":status": 200, "content-type": "application/grpc", "grpc-status": "16", "grpc-message": "who are you" },
          { endStream: true },
        );
      const outgoing = spark.request({ ...headers, ":scheme": "http" });
      // An error without a message before it is headers alone.
      outgoing.on("response", (answer) =>
        incoming.respond(answer, "grpc-status" in answer ? { endStream: true } : { waitForTrailers: true }),
      );
      let trailers = {};
      outgoing.on("trailers", (found) => (trailers = found));
      incoming.on("wantTrailers", () => incoming.sendTrailers(trailers));
      incoming.pipe(outgoing);
      outgoing.on("data", (chunk: Buffer) => void incoming.write(chunk)).on("end", () => incoming.writable && incoming.end());
    });
    await new Promise<void>((done) => gateway.listen(0, "127.0.0.1", done));
    port = (gateway.address() as AddressInfo).port;
    closing.push(
      () => spark.destroy(),
      () => gateway.close(),
    );
    process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"] = cert; // read when gRPC is loaded, so the engine is loaded after it
  });
  afterAll(() => {
    for (const close of closing) close();
    delete process.env["GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"];
    rmSync(dir, { recursive: true, force: true });
  });

  test("answers those who have the token", async () => {
    const { openSparkEngine } = await import("../../src/engines/spark/engine.ts");
    const address = `sc://127.0.0.1:${port}/;token=${encodeURIComponent(TOKEN)}`;
    await using engine = await openSparkEngine({ remote: address, tempDir: join(dir, "engine") });
    expect(await collectRows(engine, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await expect(collectRows(engine, "SELECT x")).rejects.toMatchObject({ code: "query_failed", sqlState: "42703" });
  });

  test("refuses others, which is an error of the settings, and shows no token", async () => {
    const { openSparkEngine } = await import("../../src/engines/spark/engine.ts");
    const error: unknown = await openSparkEngine({ remote: `sc://127.0.0.1:${port}/;token=guess`, tempDir: dir }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "spark_refused", exitCode: 2 });
    expect(String(error)).toContain("who are you");
    expect(String(error)).not.toContain("guess");
  });

  test("is not reached without TLS", async () => {
    const { openSparkEngine } = await import("../../src/engines/spark/engine.ts");
    await expect(openSparkEngine({ remote: `sc://127.0.0.1:${port}`, tempDir: dir })).rejects.toMatchObject({ code: "spark_unreachable" });
  });
});
