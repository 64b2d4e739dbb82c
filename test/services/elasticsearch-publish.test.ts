import { hostname } from "node:os";
import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { defineItem } from "../../src/core/item.ts";
import type { Serving } from "../../src/core/serving.ts";
import { call, freshAlias, read, storeAt } from "./elasticsearch-store.ts";
import { faultyProxy } from "./faulty-proxy.ts";

const url = inject("elasticsearchUrl")!;
const Stat = defineItem({ name: "stat", schema: z.object({ code: z.string(), n: z.int() }), key: ["code"] });

async function build(serving: Serving, alias: string, n: number): Promise<void> {
  // oxlint-disable-next-line require-await -- an async source, as the engine's
  async function* rows() {
    yield [{ code: "01", n }];
  }
  await serving.buildTable({ alias, item: Stat, rows: rows(), expected: 1 });
}

async function publish(serving: Serving, alias: string, n: number): Promise<void> {
  await build(serving, alias, n);
  await serving.publish();
}

async function run(alias: string, n: number): Promise<void> {
  await using serving = await storeAt(url).open({ SERVING_VERSIONS: 1 });
  await publish(serving, alias, n);
}

const numbers = async (alias: string): Promise<unknown[]> => (await read(url, alias)).map((row) => row["n"]);
const indicesOf = async (alias: string): Promise<string[]> =>
  Object.keys(await call(url, "GET", `/${alias}-*/_alias?expand_wildcards=all`)).sort();
const moving = ({ method, url: path }: { method?: string | undefined; url?: string | undefined }): boolean =>
  method === "POST" && path?.startsWith("/_aliases") === true;

describe.skipIf(url === undefined)("a publication on Elasticsearch", () => {
  test("a login that may not remove old versions publishes all the same, with a warning", async () => {
    const alias = freshAlias(url);
    for (const n of [1, 2]) await run(alias, n);
    const proxy = await faultyProxy(url, ({ method }) => (method === "DELETE" ? { status: 403 } : undefined));
    const store = storeAt(proxy.url);
    {
      await using serving = await store.open({ SERVING_VERSIONS: 1 });
      await publish(serving, alias, 3);
    }
    expect(await numbers(alias)).toEqual([3]);
    expect(store.warnings.at(-1)).toMatch(/published, but old versions could not be removed: .*may not do DELETE/);
  });

  test("stopped while old versions are removed, it is published", async () => {
    const alias = freshAlias(url);
    for (const n of [1, 2]) await run(alias, n);
    const stop = new AbortController();
    const proxy = await faultyProxy(url, ({ method }) => {
      if (method === "DELETE") stop.abort(new Error("stopped by hand"));
      return undefined;
    });
    const store = storeAt(proxy.url);
    {
      await using serving = await store.open({ SERVING_VERSIONS: 1 }, { signal: stop.signal });
      await publish(serving, alias, 3);
    }
    expect(await numbers(alias)).toEqual([3]);
    expect(store.warnings.at(-1)).toMatch(/published, .* stopped by hand/);
  });

  test.each(["before the aliases move", "while they move, the answer lost"])(
    "stopped %s, it is told whether anything moved",
    async (when) => {
      const alias = freshAlias(url);
      await run(alias, 1);
      const stop = new AbortController();
      let lost = 0;
      const proxy = await faultyProxy(url, (request) => {
        if (!moving(request) || lost++ > 0) return undefined;
        stop.abort(new Error("stopped by hand"));
        return "lost answer";
      });
      {
        await using serving = await storeAt(proxy.url).open({}, { signal: stop.signal });
        await build(serving, alias, 2);
        if (when.startsWith("before")) {
          stop.abort(new Error("stopped by hand"));
          await expect(serving.publish()).rejects.toThrow("stopped by hand");
        } else await serving.publish();
      }
      expect(await numbers(alias)).toEqual([when.startsWith("before") ? 1 : 2]);
      expect(await indicesOf(alias)).toHaveLength(when.startsWith("before") ? 1 : 2);
    },
  );

  test("answers that are all lost while the aliases move: the server is asked whether they moved", async () => {
    const alias = freshAlias(url);
    await run(alias, 1);
    const proxy = await faultyProxy(url, (request) => (moving(request) ? "lost answer" : undefined));
    {
      await using serving = await storeAt(proxy.url).open({ ELASTICSEARCH_RETRY_SECONDS: 1 });
      await publish(serving, alias, 2);
    }
    expect(await numbers(alias)).toEqual([2]);
  });

  test("a server that is gone in the middle of the move: nobody can say, so nothing is removed", async () => {
    const alias = freshAlias(url);
    await run(alias, 1);
    let gone = false;
    const proxy = await faultyProxy(url, (request) => {
      if (gone && request.method === "GET") return { status: 503 };
      if (!moving(request)) return undefined;
      gone = true;
      return "lost answer";
    });
    {
      await using serving = await storeAt(proxy.url).open({ ELASTICSEARCH_RETRY_SECONDS: 1 });
      await build(serving, alias, 2);
      await expect(serving.publish()).rejects.toMatchObject({ code: "serving_unknown", exitCode: 1 });
    }
    expect(await numbers(alias)).toEqual([2]);
  });

  test.each(["the first publication", "a later one"])(
    "two at once (%s): the alias shows one version, the one that moved it last",
    async (which) => {
      const alias = freshAlias(url);
      if (which === "a later one") await run(alias, 1);
      await using first = await storeAt(url).open();
      await build(first, alias, 2);
      let overtaken = false;
      const proxy = await faultyProxy(url, async (request) => {
        if (moving(request) && !overtaken) {
          overtaken = true;
          await first.publish();
        }
        return undefined;
      });
      await using second = await storeAt(proxy.url).open();
      await publish(second, alias, 3);
      expect(await numbers(alias)).toEqual([3]);
      await run(alias, 4);
      expect(await numbers(alias)).toEqual([4]);
    },
  );

  test("an alias that shows two versions, as earlier Arachnes could leave it, is put right by the next publication", async () => {
    const alias = freshAlias(url);
    for (const n of [1, 2]) await run(alias, n);
    const [older] = await indicesOf(alias);
    await call(url, "POST", "/_aliases", { actions: [{ add: { index: older, alias } }] });
    await run(alias, 3);
    expect(await numbers(alias)).toEqual([3]);
  });

  test("what another process is building is left alone, what a dead one has left is removed", async () => {
    const alias = freshAlias(url);
    await run(alias, 1);
    const now = Date.now();
    const hours = (ago: number): string => new Date(now - ago * 3_600_000).toISOString();
    const builders = {
      "20200101t000000001z": { host: hostname(), pid: process.ppid, run: "other", at: hours(1) },
      "20200101t000000002z": { host: "elsewhere", pid: 1, run: "other", at: hours(23) },
      "20200101t000000003z": { host: hostname(), pid: 4_194_305, run: "other", at: hours(0) },
      "20200101t000000004z": { host: "elsewhere", pid: 1, run: "other", at: hours(25) },
      "20200101t000000005z": undefined,
    };
    for (const [stamp, builder] of Object.entries(builders))
      await call(url, "PUT", `/${alias}-${stamp}`, {
        settings: { index: { hidden: true } },
        mappings: { _meta: { made_by: "arachne", alias, builder } },
      });
    await run(alias, 2);
    const left = (await indicesOf(alias)).filter((index) => index.includes("-2020"));
    expect(left).toEqual([`${alias}-20200101t000000001z`, `${alias}-20200101t000000002z`]);
  });

  test("of two runs that build at once neither takes the other's table away", async () => {
    const alias = freshAlias(url);
    await using first = await storeAt(url).open();
    await build(first, alias, 1);
    await run(alias, 2);
    await first.publish();
    expect(await numbers(alias)).toEqual([1]);
  });
});
