import { expect, test } from "vitest";
import type { StoredDocument } from "../../src/core/engine.ts";
import { itemKey } from "../../src/core/item.ts";
import type { Serving, UpsertCounts } from "../../src/core/serving.ts";
import {
  chunks,
  Daily,
  doc,
  MIDDLE,
  NEW,
  Note,
  numbers,
  OLD,
  storeOf,
  upsert,
  type ServingUnderTest,
  type Store,
} from "./serving-store.ts";

/** Documents: each in its newest version, written in place. */
export function documentContract(create: () => ServingUnderTest): void {
  const store = (): Store => storeOf(create);

  test("of two versions of a document the newer stays, whatever the order; of equal ones the last, which a corrected cleaning may have made", async () => {
    const s = store();
    await s.run(async (serving) => {
      expect(await upsert(serving, s.alias, doc("a", NEW, 2), doc("b", OLD, 1))).toEqual({ written: 2, kept: 0 });
      expect(await upsert(serving, s.alias, doc("a", OLD, 1), doc("b", MIDDLE, 2))).toEqual({ written: 1, kept: 1 });
      expect(await upsert(serving, s.alias, doc("a", MIDDLE, 1), doc("b", OLD, 1))).toEqual({ written: 0, kept: 2 });
      expect(await upsert(serving, s.alias, doc("a", NEW, 3))).toEqual({ written: 1, kept: 0 });
    });
    expect(await numbers(s)).toEqual({ a: 3, b: 2 });
  });

  test("the same documents again change nothing", async () => {
    const s = store();
    const all = [doc("a", OLD, 1), doc("b", NEW, 2)];
    await s.run(async (serving) => {
      await upsert(serving, s.alias, ...all);
      expect((await upsert(serving, s.alias, ...all))[s.sameAgain]).toBe(2);
    });
    expect(await numbers(s)).toEqual({ a: 1, b: 2 });
  });

  test("within one upsert too the newer version of a document stays, and the last of equal ones", async () => {
    const s = store();
    await s.run(async (serving) => {
      await upsert(serving, s.alias, doc("a", NEW, 1), doc("b", OLD, 1), doc("a", OLD, 2), doc("b", OLD, 2), doc("a", NEW, 3));
    });
    expect(await numbers(s)).toEqual({ a: 3, b: 2 });
  });

  test("thousands of documents in many chunks all arrive, in whatever order their versions come", async () => {
    const s = store();
    const all = Array.from({ length: 20 }, (_, c) =>
      Array.from({ length: 777 }, (_, i) => doc(`k${i}`, [OLD, NEW, MIDDLE][(c + i) % 3]!, (c + i) % 3)),
    );
    await s.run(async (serving) => {
      const counts = await serving.upsert({ alias: s.alias, item: Note, origin: "real", documents: chunks(...all) });
      expect(counts.written + counts.kept).toBe(20 * 777);
    });
    const found = Object.values(await numbers(s));
    expect(found).toHaveLength(777);
    expect(new Set(found)).toEqual(new Set([1]));
  });

  test("of equal versions the preferred document stays where a writer prefers any, whatever the order", async () => {
    const s = store();
    const n = (text: string): number => (JSON.parse(text) as { n: number }).n;
    const prefer = (coming: string, there: string): boolean => n(coming) > n(there);
    await s.run(async (serving) => {
      const put = (...all: StoredDocument[][]): Promise<UpsertCounts> =>
        serving.upsert({ alias: s.alias, item: Note, origin: "real", documents: chunks(...all), prefer });
      expect(await put([doc("a", OLD, 2), doc("b", OLD, 1), doc("c", NEW, 9)])).toEqual({ written: 3, kept: 0 });
      expect(await put([doc("a", OLD, 1), doc("b", OLD, 5), doc("c", MIDDLE, 99), doc("d", OLD, 0)])).toEqual({ written: 2, kept: 2 });
      expect(await put([doc("a", OLD, 2), doc("a", OLD, 1)])).toEqual({ written: 0, kept: 2 });
      expect(await put([doc("c", NEW, 7), doc("b", NEW, 0), doc("c", NEW, 10)])).toMatchObject({ kept: 1 });
      expect(await numbers(s)).toEqual({ a: 2, b: 0, c: 10, d: 0 });
      // The batch, which knows all observations, prefers none: it writes what it has.
      await upsert(serving, s.alias, doc("c", NEW, 1));
      const many = Array.from({ length: 20 }, (_, c) => Array.from({ length: 500 }, (_, i) => doc(`k${i}`, OLD, (7 * c + i) % 20)));
      const counts = await put(...many);
      expect(counts.written + counts.kept).toBe(10_000);
    });
    const found = await numbers(s);
    expect(found["c"]).toBe(1);
    for (let i = 0; i < 500; i++) expect(found[`k${i}`]).toBe(19);
  });

  test("keys that are long, or hold what a URL or a query would read otherwise, are told apart", async () => {
    const s = store();
    const keys = [
      "https://x.vn/nhà?a=1#b",
      "a/b",
      "a b",
      '"',
      "*",
      "_all",
      `${"k".repeat(600)}1`,
      `${"k".repeat(600)}2`,
      itemKey(Daily, { day: "2026-11-01", group: null }),
    ];
    await s.run(async (serving) => void (await upsert(serving, s.alias, ...keys.map((key, n) => doc(key, OLD, n)))));
    expect(await numbers(s)).toEqual(Object.fromEntries(keys.map((key, n) => [key, n])));
  });

  test("no documents make an empty alias", async () => {
    const s = store();
    await s.run(async (serving) => expect(await upsert(serving, s.alias)).toEqual({ written: 0, kept: 0 }));
    expect(await s.read(s.alias)).toEqual([]);
  });

  test("a store that holds demo documents takes no real ones, and nothing of them is written", async () => {
    const s = store();
    const put = (serving: Serving, origin: "demo" | "real", key: string) =>
      serving.upsert({ alias: s.alias, item: Note, origin, documents: chunks([doc(key, OLD, 1)]) });
    await s.run(async (serving) => void (await put(serving, "demo", "a")));
    await s.run(async (serving) => {
      await expect(put(serving, "real", "b")).rejects.toMatchObject({ code: "mixed_origins", exitCode: 2 });
    });
    expect(await numbers(s)).toEqual({ a: 1 });
  });

  test("a name that is made ready is empty and stays so, and the first document decides whose others it takes", async () => {
    const s = store();
    const put = (serving: Serving, origin: "demo" | "real") =>
      serving.upsert({ alias: s.alias, item: Note, origin, documents: chunks([doc("a", OLD, 1)]) });
    await s.run(async (serving) => {
      for (let again = 0; again < 2; again++) await serving.prepare({ alias: s.alias, item: Note });
      expect(await s.read(s.alias)).toEqual([]);
      expect((await serving.names()).find((each) => each.alias === s.alias)?.rows).toBe(0);
      await put(serving, "real");
    });
    await s.run(async (serving) => {
      await serving.prepare({ alias: s.alias, item: Note });
      await expect(put(serving, "demo")).rejects.toMatchObject({ code: "mixed_origins" });
      await put(serving, "real");
    });
    expect(await numbers(s)).toEqual({ a: 1 });
  });

  test("a name that something else has cannot be made ready for documents", async () => {
    const s = store();
    await s.take(s.alias);
    await s.run(async (serving) => {
      await expect(serving.prepare({ alias: s.alias, item: Note })).rejects.toMatchObject({ exitCode: 2 });
    });
  });

  test("documents have no version to go back to", async () => {
    const s = store();
    await s.run(async (serving) => {
      await upsert(serving, s.alias, doc("a", OLD, 1));
      await expect(serving.rollback(s.alias)).rejects.toMatchObject({ code: "no_former" });
    });
    expect(await numbers(s)).toEqual({ a: 1 });
  });
}
