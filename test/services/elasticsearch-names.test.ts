import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { z } from "zod";
import { defineItem } from "../../src/core/item.ts";
import type { Serving } from "../../src/core/serving.ts";
import { call, freshAlias, read, storeAt } from "./elasticsearch-store.ts";

const url = inject("elasticsearchUrl")!;
const Stat = defineItem({ name: "stat", schema: z.object({ code: z.string(), n: z.int() }), key: ["code"] });

// oxlint-disable-next-line require-await -- an async source, as the engine's
async function* chunks<T>(...all: T[][]): AsyncGenerator<T[]> {
  yield* all;
}

async function publish(serving: Serving, alias: string, n: number): Promise<void> {
  await serving.buildTable({ alias, item: Stat, rows: chunks([{ code: "01", n }]), expected: 1 });
  await serving.publish();
}

const upsert = (serving: Serving, alias: string) =>
  serving.upsert({
    alias,
    item: Stat,
    origin: "real",
    documents: chunks([{ key: "a", version: "2026-11-21T00:00:00.000Z", document: '{"code":"a","n":1}' }]),
  });
const indicesOf = async (alias: string): Promise<string[]> =>
  Object.keys(await call(url, "GET", `/${alias}-*/_alias?expand_wildcards=all`)).sort();

describe.skipIf(url === undefined)("names in Elasticsearch", () => {
  test("readers of a wildcard see each name once, in its current version", async () => {
    const alias = freshAlias(url);
    await using serving = await storeAt(url).open();
    for (const n of [1, 2, 3]) await publish(serving, `${alias}_stats`, n);
    await upsert(serving, `${alias}_docs`);
    await read(url, `${alias}_docs`);
    const found = (await call(url, "GET", `/${alias}*/_search`)) as { hits: { hits: { _source: { n: number } }[] } };
    expect(found.hits.hits.map((hit) => hit._source.n).sort((a, b) => a - b)).toEqual([1, 3]);
    expect(await indicesOf(`${alias}_stats`)).toHaveLength(3);
  });

  test.each(["a table", "documents"])(
    "an index of its own that has the name of %s is left alone, and the way out is told, and works",
    async (kind) => {
      const alias = freshAlias(url);
      await call(url, "PUT", `/${alias}/_doc/1?refresh=true`, { mine: true });
      await using serving = await storeAt(url).open();
      const work = () => (kind === "documents" ? upsert(serving, alias) : publish(serving, alias, 1));
      const error = await Promise.resolve(work()).then(
        () => undefined,
        (thrown: unknown) => thrown as Error & { code: string; exitCode: number },
      );
      expect(error).toMatchObject({ code: "index_owns_name", exitCode: 2 });
      expect(await read(url, alias)).toEqual([{ mine: true }]);

      const [commands] = /curl .*$/.exec(error!.message) ?? [];
      execFileSync("sh", ["-ec", commands!.replaceAll("curl ", "curl --silent --fail-with-body ")]);
      await work();
      expect(await read(url, alias)).toMatchObject([{ n: 1 }]);
      expect(await read(url, `${alias}-former`)).toEqual([{ mine: true }]);
    },
  );

  test("an alias that someone else made is left alone", async () => {
    const alias = freshAlias(url);
    await call(url, "PUT", `/${alias}x`, { aliases: { [alias]: {} } });
    await using serving = await storeAt(url).open();
    await expect(upsert(serving, alias)).rejects.toMatchObject({ code: "alias_taken", exitCode: 2 });
    await expect(publish(serving, alias, 1)).rejects.toThrow(`curl -X POST '${url}/_aliases'`);
  });

  test("an address with a path that Elasticsearch does not have is told at once", async () => {
    const opening = storeAt(`${url}/nope`).open();
    await expect(opening).rejects.toMatchObject({ code: "elasticsearch_url", exitCode: 2 });
    await expect(opening).rejects.toThrow(/no such path.*ELASTICSEARCH_URL/);
  });

  test("what answers 403 to everything is taken for Elasticsearch only where it says that it is", async () => {
    for (const header of [{ "x-elastic-product": "Elasticsearch" }, {}]) {
      const server = createServer((_, response) => response.writeHead(403, { "content-type": "application/json", ...header }).end("{}"));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      onTestFinished(() => void server.close());
      const opening = storeAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).open();
      if ("x-elastic-product" in header) await (await opening)[Symbol.asyncDispose]();
      else await expect(opening).rejects.toMatchObject({ code: "elasticsearch_url", exitCode: 2 });
    }
  });

  test("a slice that a later run has written is left, and the log says so", async () => {
    const alias = freshAlias(url);
    const store = storeAt(url);
    await using serving = await store.open();
    const slice = (version: string) => ({
      alias,
      item: Stat,
      rows: chunks([{ code: "01", n: 1 }]),
      expected: 1,
      slice: { field: "code", value: "01" },
      version,
    });
    await serving.replaceSlice(slice("2026-11-22T00:00:00.000Z"));
    expect(store.infos).toEqual([]);
    await serving.replaceSlice(slice("2026-11-21T00:00:00.000Z"));
    expect(store.infos).toEqual([`${alias}: a later run has written code 01, and its rows stand`]);
  });

  test("a server of another major version is refused, and what is not Elasticsearch too", async () => {
    for (const [answer, code] of [
      [{ version: { number: "9.1.0" }, tagline: "You Know, for Search" }, "elasticsearch_version"],
      [{ version: { number: "2.11.0", distribution: "opensearch" } }, "elasticsearch_product"],
    ] as const) {
      const server = createServer((_, response) =>
        response
          .writeHead(200, {
            "content-type": "application/json",
            ...(code === "elasticsearch_version" ? { "x-elastic-product": "Elasticsearch" } : {}),
          })
          .end(JSON.stringify(answer)),
      );
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      onTestFinished(() => void server.close());
      const { port } = server.address() as AddressInfo;
      await expect(storeAt(`http://127.0.0.1:${port}`).open()).rejects.toMatchObject({ code, exitCode: 2 });
    }
  });
});
