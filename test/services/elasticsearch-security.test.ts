import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { storeAt } from "./elasticsearch-store.ts";

const url = inject("elasticsearchUrl");

/** Makes a certificate for 127.0.0.1 that nobody has signed but itself. */
function certificate(): { file: string; cert: Buffer; key: Buffer } {
  const dir = mkdtempSync(join(tmpdir(), "arachne-tls-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const [file, keyFile] = [join(dir, "cert.pem"), join(dir, "key.pem")];
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
    "/CN=arachne test",
  ];
  execFileSync("openssl", [...request, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", keyFile, "-out", file], { stdio: "ignore" });
  return { file, cert: readFileSync(file), key: readFileSync(keyFile) };
}

/** HTTPS before the real server, for those with this login. */
async function secured(login: string): Promise<{ url: string; ca: string }> {
  const { file, cert, key } = certificate();
  const server = createServer({ cert, key }, (incoming, outgoing) => {
    const type = { "content-type": "application/json", "x-elastic-product": "Elasticsearch" };
    if (incoming.headers.authorization !== login)
      return void outgoing
        .writeHead(401, type)
        .end('{"error":{"type":"security_exception","reason":"missing authentication"},"status":401}');
    void fetch(new URL(incoming.url ?? "/", url), { method: incoming.method ?? "GET" }).then(async (answer) =>
      outgoing.writeHead(answer.status, type).end(await answer.text()),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: file };
}

describe.skipIf(url === undefined)("a secured Elasticsearch", () => {
  test("is reached with its certificate authority's file and an API key", async () => {
    const server = await secured("ApiKey secret");
    await using serving = await storeAt(server.url).open({ ELASTICSEARCH_CA_FILE: server.ca, ELASTICSEARCH_API_KEY: "secret" });
    expect(serving.place).toBe(server.url);
    expect(await serving.names()).toBeInstanceOf(Array);
  });

  test("is reached with a user and a password", async () => {
    const server = await secured(`Basic ${Buffer.from("elastic:geheim").toString("base64")}`);
    const settings = { ELASTICSEARCH_CA_FILE: server.ca, ELASTICSEARCH_USERNAME: "elastic", ELASTICSEARCH_PASSWORD: "geheim" };
    await using serving = await storeAt(server.url).open(settings);
    expect(await serving.names()).toBeInstanceOf(Array);
  });

  test("a certificate that is not trusted is told at once, with the setting that mends it", async () => {
    const server = await secured("ApiKey secret");
    const opening = storeAt(server.url).open({ ELASTICSEARCH_API_KEY: "secret" });
    await expect(opening).rejects.toMatchObject({ code: "elasticsearch_tls", exitCode: 2 });
    await expect(opening).rejects.toThrow(/ELASTICSEARCH_CA_FILE/);
  });

  test("a login that is missing or wrong is told at once, and not printed", async () => {
    const server = await secured("ApiKey secret");
    for (const login of [{}, { ELASTICSEARCH_API_KEY: "wrong-key" }]) {
      const opening = storeAt(server.url).open({ ELASTICSEARCH_CA_FILE: server.ca, ...login });
      await expect(opening).rejects.toMatchObject({ code: "elasticsearch_denied", exitCode: 2 });
      await expect(opening).rejects.not.toThrow(/wrong-key/);
    }
  });
});
