import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import type { StoredDocument } from "../../src/core/engine.ts";
import { defineItem } from "../../src/core/item.ts";
import type { Serving } from "../../src/core/serving.ts";
import { call, freshAlias, read, refusedLines, storeAt } from "./elasticsearch-store.ts";
import { faultyProxy, seeded } from "./faulty-proxy.ts";

const url = inject("elasticsearchUrl");
const Note = defineItem({ name: "note", schema: z.object({ key: z.string(), n: z.int(), text: z.string() }), key: ["key"] });
const VERSION = "2026-11-21T00:00:00.000Z";
const doc = (n: number): StoredDocument => ({
  key: `k${n}`,
  version: VERSION,
  document: JSON.stringify({ key: `k${n}`, n, text: "nhà đẹp ".repeat(30) }),
});

// oxlint-disable-next-line require-await -- an async source, as the engine's
async function* documents(count: number, make: (n: number) => StoredDocument = doc): AsyncGenerator<StoredDocument[]> {
  for (let from = 0; from < count; from += 500) yield Array.from({ length: Math.min(500, count - from) }, (_, i) => make(from + i));
}

const upsert = (serving: Serving, alias: string, from: AsyncIterable<StoredDocument[]>, item = Note) =>
  serving.upsert({ alias, item, origin: "real", documents: from });

const refusedPort = async (): Promise<string> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
};

test("a server that is down at the start is an error that names it, and what to do, after the time that is set", async () => {
  const down = await refusedPort();
  const opening = storeAt(down).open({ ELASTICSEARCH_RETRY_SECONDS: 0.5 });
  await expect(opening).rejects.toMatchObject({ code: "elasticsearch_unavailable", exitCode: 1 });
  await expect(opening).rejects.toThrow(
    new RegExp(`${down} cannot be reached \\(connect ECONNREFUSED .*tried for 0.5 s.*ELASTICSEARCH_RETRY_SECONDS`),
  );
});

describe.skipIf(url === undefined)("with a proxy that answers as a server in trouble does", () => {
  test("429, 503, lost answers, and single operations that are refused: all documents arrive, and what was taken is not sent again", async () => {
    const random = seeded(20261121);
    let lost = 0;
    const proxy = await faultyProxy(url!, ({ url: path }) => {
      const chance = random();
      if (chance < 0.1) return { status: 429 };
      if (chance < 0.2) return { status: 503 };
      if (path?.includes("/_bulk") !== true) return undefined;
      if (chance < 0.3) {
        lost++;
        return "lost answer";
      }
      return chance < 0.8 ? { refuse: () => random() < 0.2 } : undefined;
    });
    const alias = freshAlias(url!);
    await using serving = await storeAt(proxy.url).open();
    const count = 10_000;
    expect(await upsert(serving, alias, documents(count))).toEqual({ written: count, kept: 0 });
    await call(url!, "POST", `/${alias}/_refresh`);
    expect(await call(url!, "GET", `/${alias}/_count`)).toMatchObject({ count });
    expect(proxy.seen.refused).toBeGreaterThan(500);
    if (lost === 0) expect(proxy.seen.forwarded).toBe(count);
  });

  test("what single operations are refused for now is sent again alone: each reaches the server once", async () => {
    const random = seeded(7);
    const proxy = await faultyProxy(url!, ({ url: path }) =>
      path?.includes("/_bulk") === true ? { refuse: () => random() < 0.3 } : undefined,
    );
    const alias = freshAlias(url!);
    await using serving = await storeAt(proxy.url).open();
    expect(await upsert(serving, alias, documents(5_000))).toEqual({ written: 5_000, kept: 0 });
    expect(proxy.seen.refused).toBeGreaterThan(1_000);
    expect(proxy.seen.forwarded).toBe(5_000);
  });

  test("a table is published whole through all of it, aliases whose answer was lost too", async () => {
    const random = seeded(3);
    const proxy = await faultyProxy(url!, ({ url: path }) => {
      if (path?.startsWith("/_aliases") === true && random() < 0.7) return "lost answer";
      return random() < 0.2 ? { status: 503 } : undefined;
    });
    const alias = freshAlias(url!);
    for (const n of [1, 2]) {
      await using serving = await storeAt(proxy.url).open();
      await serving.buildTable({ alias, item: Note, rows: rowsOf(n), expected: 1_000 });
      await serving.publish();
    }
    expect((await read(url!, alias)).map((row) => row["n"])).toEqual(Array(1_000).fill(2));
  });

  test("a server that stays overloaded ends the run with a clear line, and the next run mends it", async () => {
    let broken = true;
    const proxy = await faultyProxy(url!, ({ url: path }) => (broken && path?.includes("/_bulk") === true ? { status: 429 } : undefined));
    const alias = freshAlias(url!);
    const store = storeAt(proxy.url);
    {
      await using serving = await store.open({ ELASTICSEARCH_RETRY_SECONDS: 0.5 });
      await expect(upsert(serving, alias, documents(5_000))).rejects.toMatchObject({ code: "elasticsearch_unavailable" });
      await expect(serving.buildTable({ alias: `${alias}_t`, item: Note, rows: rowsOf(1), expected: 1_000 })).rejects.toThrow(
        /429 too busy/,
      );
    }
    broken = false;
    await using serving = await store.open();
    await upsert(serving, alias, documents(5_000));
    await call(url!, "POST", `/${alias}/_refresh`);
    expect(await call(url!, "GET", `/${alias}/_count`)).toMatchObject({ count: 5_000 });
    expect(Object.keys(await call(url!, "GET", `/${alias}_t*/_alias?expand_wildcards=all`))).toEqual([]);
  });

  test("a request that is too large for the server is sent in parts; a document that is too large alone is refused, and kept", async () => {
    const tooLarge = 20_000;
    const proxy = await faultyProxy(url!, ({ url: path, headers }) =>
      path?.includes("/_bulk") === true && Number(headers["content-length"]) > tooLarge ? { status: 413 } : undefined,
    );
    const alias = freshAlias(url!);
    const store = storeAt(proxy.url);
    await using serving = await store.open();
    const make = (n: number): StoredDocument =>
      n === 777 ? { ...doc(n), document: JSON.stringify({ key: "k777", n, text: "x".repeat(tooLarge) }) } : doc(n);
    await expect(upsert(serving, alias, documents(2_000, make))).rejects.toThrow(/refused 1 of 2000 .*http.max_content_length/);
    expect(refusedLines(store.refusedDir)).toMatchObject([{ id: "k777" }]);
    await call(url!, "POST", `/${alias}/_refresh`);
    expect(await call(url!, "GET", `/${alias}/_count`)).toMatchObject({ count: 1_999 });
  });

  test("a run that is stopped ends at once, with what stopped it", async () => {
    const proxy = await faultyProxy(url!, ({ url: path }) => (path?.includes("/_bulk") === true ? { status: 503 } : undefined));
    const alias = freshAlias(url!);
    const controller = new AbortController();
    await using serving = await storeAt(proxy.url).open({}, { signal: controller.signal });
    const going = upsert(serving, alias, documents(5_000));
    setTimeout(() => controller.abort(new Error("stopped by hand")), 300);
    await expect(going).rejects.toThrow("stopped by hand");
  });
});

test.skipIf(url === undefined)("documents that were taken are let go of, also where refused ones are handed back", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const all: WeakRef<StoredDocument>[] = [];
  let alive = 0;
  async function* watched(): AsyncGenerator<StoredDocument[]> {
    for await (const chunk of documents(40_000)) {
      all.push(...chunk.map((document) => new WeakRef(document)));
      yield chunk;
    }
    collect();
    alive = all.filter((document) => document.deref() !== undefined).length;
  }
  const alias = freshAlias(url!);
  await using serving = await storeAt(url!).open();
  await serving.upsert({ alias, item: Note, origin: "real", documents: watched(), onRefused: () => undefined });
  expect(all).toHaveLength(40_000);
  expect(alive).toBeLessThan(all.length / 2);
});

describe.skipIf(url === undefined)("documents that the mapping refuses", () => {
  const bad = (n: number): StoredDocument =>
    n % 100 === 7 ? { ...doc(n), document: JSON.stringify({ key: `k${n}`, n: "no number", text: "" }) } : doc(n);

  test("1 % of them: all others are written, the run fails with the reason and the count, and the refused ones are kept", async () => {
    const alias = freshAlias(url!);
    const store = storeAt(url!);
    await using serving = await store.open();
    const going = upsert(serving, alias, documents(3_000, bad));
    await expect(going).rejects.toMatchObject({ code: "serving_refused", exitCode: 1 });
    await expect(going).rejects.toThrow(/refused 30 of 3000 documents for t_\w+ \(30 x failed to parse field \[n\] of type \[long\]/);
    await call(url!, "POST", `/${alias}/_refresh`);
    expect(await call(url!, "GET", `/${alias}/_count`)).toMatchObject({ count: 2_970 });
    const lines = refusedLines(store.refusedDir);
    expect(lines).toHaveLength(30);
    const first = lines.find((line) => line["id"] === "k7");
    expect(first).toMatchObject({ alias, document: { key: "k7", n: "no number" }, reason: expect.stringContaining("no number") });
  });

  test("what is no JSON, or has line breaks, harms no other document", async () => {
    const alias = freshAlias(url!);
    const store = storeAt(url!);
    await using serving = await store.open();
    const make = (n: number): StoredDocument =>
      n === 1
        ? { ...doc(n), document: '{"key": "k1", "n": ' }
        : n === 2
          ? { ...doc(n), document: JSON.stringify({ key: "k2", n, text: "a\nb" }, null, 2).replaceAll("\n", "\r\n") }
          : n === 3
            ? { ...doc(n), key: "" }
            : doc(n);
    await expect(upsert(serving, alias, documents(10, make))).rejects.toThrow(/refused 2 of 10 /);
    const found = await read(url!, alias);
    expect(found).toHaveLength(8);
    expect(found.find((each) => each["n"] === 2)).toEqual({ key: "k2", n: 2, text: "a\nb" });
    expect(refusedLines(store.refusedDir).map((line) => line["document"])).toEqual(expect.arrayContaining(['{"key": "k1", "n": ']));
  });

  test("fields that are not the item's are kept unsearched, or refused where its contract says so", async () => {
    const strict = { ...Note, contract: { unknownFields: "freeze" } } as const;
    const more = (n: number): StoredDocument => ({ ...doc(n), document: JSON.stringify({ key: `k${n}`, n, text: "", more: { a: 1 } }) });
    const [lenient, frozen] = [freshAlias(url!), freshAlias(url!)];
    await using serving = await storeAt(url!).open();
    expect(await upsert(serving, lenient, documents(1, more))).toEqual({ written: 1, kept: 0 });
    expect(await read(url!, lenient)).toEqual([{ key: "k0", n: 0, text: "", more: { a: 1 } }]);
    const mapping = (await call(url!, "GET", `/${lenient}/_mapping`))[`${lenient}-documents-1`] as { mappings: { properties: object } };
    expect(Object.keys(mapping.mappings.properties)).toEqual(["key", "n", "text"]);
    await expect(upsert(serving, frozen, documents(1, more), strict)).rejects.toThrow(/dynamic introduction of \[more\]/);
  });

  test("one in a table: nothing is published", async () => {
    const alias = freshAlias(url!);
    const store = storeAt(url!);
    await using serving = await store.open();
    // oxlint-disable-next-line require-await -- an async source, as the engine's
    const rows = async function* () {
      yield [
        { key: "a", n: 1, text: "" },
        { key: "b", n: "no number", text: "" },
      ];
    };
    await expect(serving.buildTable({ alias, item: Note, rows: rows(), expected: 2 })).rejects.toMatchObject({ code: "serving_refused" });
    await serving.publish();
    await expect(read(url!, alias)).rejects.toThrow(/no such index/);
    expect(refusedLines(store.refusedDir)).toMatchObject([{ id: "b", document: { n: "no number" } }]);
  });
});

async function* rowsOf(n: number): AsyncGenerator<{ key: string; n: number; text: string }[]> {
  for await (const chunk of documents(1_000)) yield chunk.map(({ key }) => ({ key, n, text: "" }));
}
