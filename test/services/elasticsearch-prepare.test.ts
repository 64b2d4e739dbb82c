import { execFileSync } from "node:child_process";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { defineItem } from "../../src/core/item.ts";
import type { Serving } from "../../src/core/serving.ts";
import { call, freshAlias, read, storeAt, type Json } from "./elasticsearch-store.ts";

const url = inject("elasticsearchUrl")!;
const Note = defineItem({ name: "note", schema: z.object({ key: z.string(), n: z.int() }), key: ["key"] });
type Origin = "demo" | "real";

// oxlint-disable-next-line require-await -- an async source, as the engine's
async function* documents(origin: Origin) {
  yield [{ key: origin, version: "2026-11-21T00:00:00.000Z", document: `{"key":"${origin}","n":1}` }];
}

const put = (serving: Serving, alias: string, origin: Origin) =>
  serving.upsert({ alias, item: Note, origin, documents: documents(origin) });
const said = (error: unknown): string => (error as { code?: string }).code ?? String(error);

describe.skipIf(url === undefined)("a name that is made ready in Elasticsearch", () => {
  test("of writers of both origins that begin at once those of one have their way", async () => {
    for (let round = 0; round < 10; round++) {
      const alias = freshAlias(url);
      await using serving = await storeAt(url).open();
      if (round % 2 === 0) await serving.prepare({ alias, item: Note });
      const writers = (["demo", "real", "demo", "real"] as const).map((origin) => put(serving, alias, origin).then(() => origin, said));
      const outcomes = await Promise.all(writers);
      const [{ key }] = (await read(url, alias)) as [{ key: Origin }];
      expect(await read(url, alias)).toEqual([{ key, n: 1 }]);
      expect([...outcomes].sort()).toEqual([key, key, "mixed_origins", "mixed_origins"].sort());
    }
  });

  test("an index whose mapping says whose documents it holds, as it did once, still takes no others", async () => {
    const alias = freshAlias(url);
    const index = `${alias}-documents-1`;
    await using serving = await storeAt(url).open();
    await put(serving, alias, "demo");
    const found = (await call(url, "GET", `/${index}`))[index] as { mappings: { _meta: Json } };
    await call(url, "PUT", `/${index}/_mapping`, { _meta: { ...found.mappings._meta, origin: "demo", schema: "older" } });
    await call(url, "DELETE", `/${index}/_alias/${alias}-of-demo`);
    await expect(put(serving, alias, "real")).rejects.toMatchObject({ code: "mixed_origins" });
    await put(serving, alias, "demo"); // brings the mapping up to date
    await expect(put(serving, alias, "real")).rejects.toMatchObject({ code: "mixed_origins" });
  });

  test("an index that does not say whose documents it holds, as a copy, is left alone until it does, in the words of the error", async () => {
    const alias = freshAlias(url);
    const copy = `${alias}-documents-2`;
    await using serving = await storeAt(url).open();
    await put(serving, alias, "real");
    await call(url, "PUT", `/${alias}-documents-1/_settings`, { "index.blocks.write": true });
    await call(url, "POST", `/${alias}-documents-1/_clone/${copy}?wait_for_active_shards=1`);
    await call(url, "PUT", `/${copy}/_settings`, { "index.blocks.write": null });
    await call(url, "POST", "/_aliases", {
      actions: [{ remove: { index: `${alias}-documents-1`, alias } }, { add: { index: copy, alias } }],
    });
    for (const work of [() => serving.prepare({ alias, item: Note }), () => put(serving, alias, "demo")])
      await expect(work()).rejects.toMatchObject({ code: "origin_unknown", exitCode: 2 });
    const { message } = (await serving.prepare({ alias, item: Note }).catch((error: unknown) => error)) as Error;
    execFileSync("sh", ["-ec", /curl .*$/.exec(message)![0].replace("curl ", "curl --silent --fail-with-body ")]);
    await serving.prepare({ alias, item: Note });
    await expect(put(serving, alias, "demo")).rejects.toMatchObject({ code: "mixed_origins" });
    await put(serving, alias, "real");
    expect(await read(url, alias)).toEqual([{ key: "real", n: 1 }]);
  });

  test("an index that may not be written is told", async () => {
    const alias = freshAlias(url);
    const index = `${alias}-documents-1`;
    await using serving = await storeAt(url).open();
    await put(serving, alias, "demo");
    await call(url, "PUT", `/${index}/_settings`, { "index.blocks.write": true });
    await expect(serving.prepare({ alias, item: Note })).rejects.toMatchObject({ code: "serving_write" });
    await expect(serving.prepare({ alias, item: Note })).rejects.toThrow(index);
    await call(url, "PUT", `/${index}/_settings`, { "index.blocks.write": false });
    await serving.prepare({ alias, item: Note });
    expect(await read(url, alias)).toEqual([{ key: "demo", n: 1 }]);
  });
});
