import { describe, expect, inject, test } from "vitest";
import { z } from "zod";
import { defineItem, type ItemType } from "../../src/core/item.ts";
import type { Serving } from "../../src/core/serving.ts";
import { call, freshAlias, read, storeAt, type Json } from "./elasticsearch-store.ts";

const url = inject("elasticsearchUrl")!;
const VERSION = "2026-11-21T00:00:00.000Z";

type Document = Json & { id: string };

const Everything = defineItem({
  name: "everything",
  schema: z.object({
    id: z.string(),
    title: z.string().nullable().meta({ search: "vietnamese" }),
    kind: z.enum(["sale", "rent"]).nullable(),
    price: z.int().nullable(),
    area: z
      .number()
      .nullable()
      .meta({ decimal: [12, 2] }),
    ratio: z.number().nullable(),
    partial: z.boolean().nullable(),
    day: z.iso.date().nullable(),
    at: z.iso.datetime().nullable(),
    location: z.string().nullable().meta({ search: "geo_point" }),
    raw: z.object({ price: z.string().nullable(), area: z.string().nullable() }).nullable(),
    tags: z.array(z.string()).nullable(),
  }),
  key: ["id"],
});

const full = {
  id: "a",
  title: "Nhà đẹp",
  kind: "sale",
  price: 9007199254740993n,
  area: 65.25,
  ratio: 0.1,
  partial: false,
  day: "2026-11-21",
  at: VERSION,
  location: "10.776889,106.700806",
  raw: { price: "1,95 tỷ", area: null },
  tags: ["a", "b"],
};
const json = (value: object): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? Number(each) : each)).replace(
    "9007199254740992",
    "9007199254740993",
  );

// oxlint-disable-next-line require-await -- an async source, as the engine's
async function* documents(...all: Document[]) {
  yield all.map((each) => ({ key: each.id, version: VERSION, document: json(each) }));
}

const put = (serving: Serving, alias: string, item: ItemType, ...all: Document[]) =>
  serving.upsert({ alias, item, origin: "demo", documents: documents(...all) });
const idsOf = async (alias: string, query: object): Promise<string[]> => {
  const found = (await call(url, "POST", `/${alias}/_search?filter_path=hits.hits._id`, { query, sort: ["id"], size: 100 })) as {
    hits?: { hits: { _id: string }[] };
  };
  return (found.hits?.hits ?? []).map((hit) => hit._id);
};

/** Whether the server has asciifolding: builds without analysis-common have not. */
async function folds(): Promise<boolean> {
  const answer = await call(url, "POST", "/_analyze", { tokenizer: "standard", filter: [{ type: "asciifolding" }], text: "đ" });
  return "tokens" in answer;
}
const folding = url !== undefined && (await folds());

describe.skipIf(url === undefined)("an item's mapping", () => {
  test("has a type for every kind of field, and says what it was made of", async () => {
    const alias = freshAlias(url);
    await using serving = await storeAt(url).open();
    await put(serving, alias, Everything, full);
    const found = (await call(url, "GET", `/${alias}`))[`${alias}-documents-1`] as { mappings: Json; settings: { index: Json } };
    const { _meta, ...mappings } = found.mappings;
    expect(mappings).toEqual({
      dynamic: "false",
      properties: {
        id: { type: "keyword", ignore_above: 8191 },
        title: {
          type: "text",
          analyzer: "vietnamese",
          search_analyzer: "vietnamese_search",
          fields: { keyword: { type: "keyword", ignore_above: 1024 } },
        },
        kind: { type: "keyword", ignore_above: 8191 },
        price: { type: "long" },
        area: { type: "double" },
        ratio: { type: "double" },
        partial: { type: "boolean" },
        day: { type: "date", format: "strict_date" },
        at: { type: "date", format: "strict_date_optional_time" },
        location: { type: "geo_point" },
        raw: { properties: { price: { type: "keyword", ignore_above: 8191 }, area: { type: "keyword", ignore_above: 8191 } } },
        tags: { type: "object", enabled: false },
      },
    });
    expect(_meta).toEqual({
      made_by: "arachne",
      alias,
      item: "everything",
      schema: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(found.settings.index).toMatchObject({ refresh_interval: "250ms", number_of_shards: "1", number_of_replicas: "0" });
  });

  test("finds by every kind of field, exactly: 64-bit integers, decimals, dates, places", async () => {
    const alias = freshAlias(url);
    await using serving = await storeAt(url).open();
    await put(serving, alias, Everything, full, {
      ...full,
      id: "b",
      price: 1n,
      area: 65.24,
      day: "2026-11-20",
      location: "21.03,105.85",
    });
    await read(url, alias);
    const around = { geo_distance: { distance: "1km", location: { lat: 10.7769, lon: 106.7008 } } };
    for (const query of [
      { range: { price: { gte: "9007199254740993" } } },
      { term: { area: 65.25 } },
      { range: { area: { gt: 65.24 } } },
      { term: { day: "2026-11-21" } },
      around,
    ])
      expect(await idsOf(alias, query)).toEqual(["a"]);
    for (const query of [
      { term: { "raw.price": "1,95 tỷ" } },
      { term: { "title.keyword": "Nhà đẹp" } },
      { term: { partial: false } },
      { range: { at: { gte: "2026-11-21" } } },
    ])
      expect(await idsOf(alias, query)).toEqual(["a", "b"]);
    expect((await read(url, alias)).find((each) => each["id"] === "a")).toEqual({ ...full, price: "9007199254740993" });
  });

  test("texts that are longer than a keyword may be are kept, and do not refuse the document", async () => {
    const alias = freshAlias(url);
    await using serving = await storeAt(url).open();
    const long = "ạ".repeat(40_000);
    await put(serving, alias, Everything, { ...full, title: long, kind: long });
    expect((await read(url, alias))[0]).toMatchObject({ title: long, kind: long });
  });

  test("takes new fields of the item in place; a field whose type changed is an error with the way out, and nothing is written", async () => {
    const alias = freshAlias(url);
    const store = storeAt(url);
    const item = (fields: z.ZodRawShape) =>
      defineItem<object>({ name: "note", schema: z.object({ id: z.string(), ...fields }), key: ["id" as never] });
    {
      await using serving = await store.open();
      await put(serving, alias, item({ n: z.int() }), { id: "a", n: 1 });
    }
    {
      await using serving = await store.open();
      await put(serving, alias, item({ n: z.int(), more: z.int() }), { id: "b", n: 2, more: 3 });
    }
    await read(url, alias);
    expect(await idsOf(alias, { term: { more: 3 } })).toEqual(["b"]);
    await using serving = await store.open();
    const going = put(serving, alias, item({ n: z.iso.date(), more: z.int() }), { id: "c", n: "2026-11-21", more: 3 });
    await expect(going).rejects.toMatchObject({ code: "mapping_changed", exitCode: 2 });
    await expect(going).rejects.toThrow(
      new RegExp(`cannot be changed from type \\[long\\] to \\[date\\].*curl -X DELETE '${url}/${alias}-documents-1'`),
    );
    expect(await read(url, alias)).toHaveLength(2);
  });

  test("an index that a write brings up in place of one that was removed has it too", async () => {
    const alias = freshAlias(url);
    await using serving = await storeAt(url).open();
    await put(serving, alias, Everything, full);
    await call(url, "POST", `/${alias}-documents-2/_doc/a`, { id: "a", day: "2026-11-21" });
    const found = (await call(url, "GET", `/${alias}-documents-2/_mapping`))[`${alias}-documents-2`] as { mappings: { properties: Json } };
    expect(found.mappings.properties["day"]).toEqual({ type: "date", format: "strict_date" });
  });

  test("how soon documents are found follows the setting, on an index that is there too", async () => {
    const alias = freshAlias(url);
    const store = storeAt(url);
    for (const interval of ["250ms", "7s"]) {
      await using serving = await store.open({ ELASTICSEARCH_REFRESH_INTERVAL: interval });
      await put(serving, alias, Everything, full);
      const found = (await call(url, "GET", `/${alias}`))[`${alias}-documents-1`] as { settings: { index: Json } };
      expect(found.settings.index["refresh_interval"]).toBe(interval);
    }
  });
});

describe.skipIf(!folding)("Vietnamese text", () => {
  const titles = { a: "Nhà ĐẸP quận Bình Thạnh", b: "Nhá dẹp", c: "Chung cư Hòa Bình, thuý", d: "can ho hoa binh" };

  test("typed without diacritics finds all, with them only what is written so, in either case, composed or not", async () => {
    const alias = freshAlias(url);
    await using serving = await storeAt(url).open();
    await put(serving, alias, Everything, ...Object.entries(titles).map(([id, title]) => ({ ...full, id, title })));
    await read(url, alias);
    const find = (text: string) => idsOf(alias, { match: { title: { query: text, operator: "and" } } });
    expect(await find("nha dep")).toEqual(["a", "b"]);
    expect(await find("NHÀ ĐẸP")).toEqual(["a"]);
    expect(await find("nhà đẹp".normalize("NFD"))).toEqual(["a"]);
    expect(await find("nhá")).toEqual(["b"]);
    expect(await find("binh thanh")).toEqual(["a"]);
    expect(await find("hoa binh")).toEqual(["c", "d"]);
    expect(await find("hoà bình")).toEqual(["c"]);
    expect(await find("thúy")).toEqual(["c"]);
    expect(await find("quan")).toEqual(["a"]);
  });

  test("is found as a phrase either way", async () => {
    const alias = freshAlias(url);
    await using serving = await storeAt(url).open();
    await put(serving, alias, Everything, ...Object.entries(titles).map(([id, title]) => ({ ...full, id, title })));
    await read(url, alias);
    for (const [text, found] of [
      ["quan binh", ["a"]],
      ["Quận Bình", ["a"]],
      ["binh quan", []],
    ] as const)
      expect(await idsOf(alias, { match_phrase: { title: text } })).toEqual(found);
  });
});
