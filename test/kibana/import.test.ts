import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { importObjects } from "../../scripts/kibana/kibana.ts";
import { ArachneError, SettingsError, TransientError } from "../../src/core/errors.ts";
import type { FrameworkSettings } from "../../src/core/settings.ts";
import { settingsSchema } from "../../src/core/settings-schema.ts";

// Kibana itself cannot be had here: a server that takes what its import API is documented to take, and answers as documented.
// https://www.elastic.co/guide/en/kibana/8.19/saved-objects-api-import.html

const ROOT = join(import.meta.dirname, "../..");
const committed = readFileSync(join(ROOT, "kibana/real-estate.ndjson"), "utf8");

interface Asked {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  file: string;
}

async function kibana(status: number, answer: object | string): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const form = await new Response(Buffer.concat(chunks), {
        headers: { "content-type": request.headers["content-type"] ?? "" },
      }).formData();
      const file = form.get("file");
      asked.push({
        method: request.method,
        url: request.url,
        headers: request.headers,
        file: file instanceof File ? await file.text() : "",
      });
      response.writeHead(status, { "content-type": "application/json" }).end(typeof answer === "string" ? answer : JSON.stringify(answer));
    })();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

function where(url: string): FrameworkSettings {
  return { ...settingsSchema.parse({}), KIBANA_URL: url };
}

async function runImport(env: Record<string, string>): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/kibana/import.ts"], {
    cwd: ROOT,
    env: { ...process.env, ...env },
  });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const [code] = (await once(child, "close")) as [number];
  return { code, out, err };
}

test("the committed objects go to Kibana's import API, and the dashboard's address is told", async () => {
  const { url, asked } = await kibana(200, { success: true, successCount: 18, successResults: [], warnings: [] });
  const { code, out, err } = await runImport({ KIBANA_URL: `${url}/base/` });
  expect(err).toBe("");
  expect(out).toBe(`Kibana has taken 18 objects for batdongsan: ${url}/base/app/dashboards#/view/arachne-batdongsan\n`);
  expect(code).toBe(0);
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ method: "POST", url: "/base/api/saved_objects/_import?overwrite=true", file: committed });
  expect(asked[0]?.headers).toMatchObject({
    "kbn-xsrf": "arachne",
    "content-type": expect.stringMatching(/^multipart\/form-data/) as string,
  });
  expect(asked[0]?.headers).not.toHaveProperty("authorization");
});

test("another ES_INDEX gets a dashboard of its own; the login is Elasticsearch's, and is not printed", async () => {
  const { url, asked } = await kibana(401, { statusCode: 401 });
  const { code, out, err } = await runImport({ KIBANA_URL: url, ES_INDEX: "thue", ELASTICSEARCH_API_KEY: "geheim" });
  expect(asked[0]?.headers.authorization).toBe("ApiKey geheim");
  expect(asked[0]?.file).toContain('"title":"thue_stats_province"');
  expect(err).toMatch(/^error kibana: giving \S+ the dashboard: it refuses the login \(401\): set ELASTICSEARCH_API_KEY[^\n]*\n$/);
  expect(err).not.toContain("geheim");
  expect({ code, out }).toEqual({ code: 2, out: "" });
});

test("a wrong setting stops it before it asks", async () => {
  expect(await runImport({ KIBANA_URL: "127.0.0.1:5601" })).toMatchObject({ code: 2, out: "" });
});

test("a user and a password are sent as Elasticsearch takes them", async () => {
  const { url, asked } = await kibana(200, { success: true, successCount: 18 });
  expect(await importObjects([], { ...where(url), ELASTICSEARCH_USERNAME: "hoa", ELASTICSEARCH_PASSWORD: "bí mật" })).toBe(18);
  expect(asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from("hoa:bí mật").toString("base64")}`);
});

const REFUSED = {
  success: false,
  successCount: 17,
  errors: [{ id: "x", type: "lens", error: { type: "unknown", message: "newer than Kibana" } }],
};

test.each([
  [200, REFUSED, ArachneError, "it took 17 objects and refused 1 (lens x: newer than Kibana)"],
  [403, { statusCode: 403 }, SettingsError, "it refuses the login (403)"],
  [503, "Kibana server is not ready yet", TransientError, "it is not ready (503 Kibana server is not ready yet): try again in a minute"],
  [404, { statusCode: 404 }, ArachneError, 'it answers 404 {"statusCode":404}: see that KIBANA_URL is Kibana\'s'],
  [200, "<html>a proxy's\u001b[2J page</html>", ArachneError, "it answers 200 <html>a proxy's"],
])("an answer of %i %o is an error that says what to do", async (status, answer, kind, message) => {
  const { url } = await kibana(status, answer);
  const error: unknown = await importObjects([], where(url)).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(kind);
  expect((error as Error).message).toContain(message);
  expect((error as Error).message).not.toContain("\u001b");
});

test("a Kibana that is not there is told by its address, a password in it is not", async () => {
  await expect(importObjects([], where("http://127.0.0.1:9"))).rejects.toThrow(
    "http://127.0.0.1:9 the dashboard: it cannot be reached: start Kibana",
  );
  const error: unknown = await importObjects([], where("http://hoa:geheim@127.0.0.1:9")).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(SettingsError);
  expect((error as Error).message).toContain("KIBANA_URL holds a user or a password");
  expect((error as Error).message).not.toContain("geheim");
});
