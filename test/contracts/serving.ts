import { expect, test } from "vitest";
import { z } from "zod";
import type { ResultRow, StoredDocument } from "../../src/core/engine.ts";
import { defineItem, itemKey } from "../../src/core/item.ts";
import type { ServedSlice, ServedTable, Serving, UpsertCounts } from "../../src/core/serving.ts";
import type { ServingBounds } from "../../src/sinks/bounds.ts";

export interface ServingUnderTest {
  /** A name that nothing has; names that begin with it are the test's too. */
  alias(): string;
  /** Opens the store; again is what the next run does. */
  open(bounds: ServingBounds): Promise<Serving>;
  /** What a reader of the alias sees now, in no order; whole numbers beyond 2^53 as digits. @throws when there is no such alias */
  read(alias: string): Promise<Record<string, unknown>[]>;
  /** Gives a name to something that Arachne did not make. */
  take(alias: string): Promise<void>;
  /** What an upsert of the same document again counts: a store that does not compare counts it as written. */
  sameAgain: keyof UpsertCounts;
}

/** Every kind of column. */
const Row = defineItem({
  name: "row",
  schema: z.object({
    code: z.string(),
    name: z.string().nullable().meta({ search: "vietnamese" }),
    n: z.int().nullable(),
    share: z
      .number()
      .nullable()
      .meta({ decimal: [18, 2] }),
    ratio: z.number().nullable(),
    active: z.boolean().nullable(),
    day: z.iso.date().nullable(),
    at: z.iso.datetime().nullable(),
  }),
  key: ["code"],
});
/** Stands for a day's statistics. */
const Daily = defineItem({
  name: "daily",
  schema: z.object({ day: z.iso.date(), group: z.string().nullable(), n: z.int() }),
  key: ["day", "group"],
});
const Note = defineItem({ name: "note", schema: z.object({ key: z.string(), n: z.int() }), key: ["key"] });

const blank = { name: null, n: null, share: null, ratio: null, active: null, day: null, at: null };
const full = {
  code: "79",
  name: "Thành phố Hồ Chí Minh",
  n: 9007199254740993n,
  share: 12345678901.12,
  ratio: 0.1,
  active: true,
  day: "2026-11-21",
  at: "2026-11-21T02:00:00.123Z",
};
const row = (code: string, n: number | null = null): ResultRow => ({ ...blank, code, n });
const rows = (count: number, n = 0): ResultRow[] => Array.from({ length: count }, (_, i) => row(String(i).padStart(4, "0"), n));
const doc = (key: string, version: string, n: number): StoredDocument => ({ key, version, document: JSON.stringify({ key, n }) });
const [OLD, MIDDLE, NEW] = ["2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z", "2026-11-03T00:00:00.000Z"] as const;

// oxlint-disable-next-line require-await -- an async source, as the engine's
async function* chunks<T>(...all: (readonly T[])[]): AsyncGenerator<readonly T[]> {
  yield* all;
}

/** What every serving store must do; Elasticsearch and the embedded one run it alike. */
export function servingContract(create: () => ServingUnderTest): void {
  interface Store extends Omit<ServingUnderTest, "alias"> {
    readonly alias: string;
    run(work: (serving: Serving) => Promise<void>, bounds?: Partial<ServingBounds>): Promise<void>;
  }

  /** A store, and an alias of its own in it. */
  function store(): Store {
    const under = create();
    return {
      ...under,
      alias: under.alias(),
      async run(work, bounds) {
        await using serving = await under.open({ maxChange: 0.5, maxGrowth: 10, minRows: 0, versions: 3, ...bounds });
        await work(serving);
      },
    };
  }

  const table = (alias: string, all: readonly ResultRow[], expected = all.length): ServedTable => ({
    alias,
    item: Row,
    rows: chunks(all),
    expected,
  });
  const publishing =
    (...tables: ServedTable[]) =>
    async (serving: Serving): Promise<void> => {
      for (const each of tables) await serving.buildTable(each);
      await serving.publish();
    };
  const slice = (alias: string, version: string, day: string, groups: Record<string, number>): ServedSlice => {
    const all = Object.entries(groups).map(([group, n]) => ({ day, group, n }));
    return { alias, item: Daily, rows: chunks(all), expected: all.length, slice: { field: "day", value: day }, version };
  };
  const codes = async (s: Store, alias = s.alias): Promise<string[]> => (await s.read(alias)).map((r) => String(r["code"])).sort();
  const numbers = async (s: Store): Promise<Record<string, unknown>> =>
    Object.fromEntries((await s.read(s.alias)).map((r) => [r["key"] ?? `${String(r["day"])} ${String(r["group"])}`, r["n"]]));

  test("a table is seen under its alias once it is published, and not before", async () => {
    const s = store();
    await s.run(async (serving) => {
      await serving.buildTable(table(s.alias, [row("01", 3)]));
      await expect(s.read(s.alias)).rejects.toThrow();
      await serving.publish();
      expect(await s.read(s.alias)).toEqual([row("01", 3)]);
    });
  });

  test("every kind of value comes back exact: nulls, Vietnamese text, 64-bit integers, decimals, dates", async () => {
    const s = store();
    await s.run(publishing(table(s.alias, [full, row("01")])));
    const [first, second] = (await s.read(s.alias)).sort((a, b) => String(a["code"]).localeCompare(String(b["code"])));
    expect(first).toEqual(row("01"));
    expect(second).toEqual({ ...full, n: "9007199254740993" });
  });

  test("an empty table is published as an empty one", async () => {
    const s = store();
    await s.run(publishing(table(s.alias, [])));
    expect(await s.read(s.alias)).toEqual([]);
  });

  test("a table of many chunks arrives whole", async () => {
    const s = store();
    const all = rows(5_000);
    await s.run((serving) =>
      publishing({
        alias: s.alias,
        item: Row,
        rows: chunks(...Array.from({ length: 50 }, (_, i) => all.slice(i * 100, i * 100 + 100))),
        expected: 5_000,
      })(serving),
    );
    expect(await codes(s)).toEqual(all.map((r) => r["code"]));
  });

  test("all tables of a run are published, or none: one with a wrong count leaves all as they were", async () => {
    const s = store();
    const other = `${s.alias}_other`;
    await s.run(publishing(table(s.alias, [row("old")]), table(other, [row("old")])));
    await s.run(publishing(table(s.alias, [row("new")]), table(other, [row("new")])));
    for (const expected of [1, 3])
      await expect(s.run(publishing(table(s.alias, [row("newest")]), table(other, [row("a"), row("b")], expected)))).rejects.toMatchObject({
        code: "serving_count",
      });
    expect([await codes(s), await codes(s, other)]).toEqual([["new"], ["new"]]);
  });

  test("two rows with one key are a wrong count", async () => {
    const s = store();
    await expect(s.run(publishing(table(s.alias, [row("01", 1), row("01", 2)])))).rejects.toMatchObject({ code: "serving_count" });
  });

  test("rows that have other columns than their item are refused, naming them", async () => {
    const s = store();
    const { ratio: _, ...lacking } = row("01");
    await expect(s.run(publishing(table(s.alias, [{ ...lacking, extra: 1 }])))).rejects.toThrow(/lack ratio and have extra besides/);
  });

  test("a run that ends without publishing leaves nothing behind", async () => {
    const s = store();
    await s.run(publishing(table(s.alias, [row("01")])));
    await s.run((serving) => serving.buildTable(table(s.alias, [row("02")])));
    expect(await codes(s)).toEqual(["01"]);
    await s.run(async (serving) => {
      expect((await serving.names()).find((name) => name.alias === s.alias)).toMatchObject({ rows: 1, former: [] });
    });
  });

  test("a table that shrank or grew beyond its bound is refused as soon as it is built, unless the change is accepted; nothing of its run is seen", async () => {
    const s = store();
    const other = `${s.alias}_other`;
    const bounds = { maxGrowth: 1.5 };
    await s.run(publishing(table(s.alias, rows(10)), table(other, rows(10))));
    for (const [count, bound] of [
      [4, "SERVING_MAX_CHANGE=0.5"],
      [16, "SERVING_MAX_GROWTH=1.5"],
      [0, "SERVING_MAX_CHANGE=0.5"],
    ] as const)
      await s.run(async (serving) => {
        await serving.buildTable(table(s.alias, rows(10, 1)));
        const building = serving.buildTable(table(other, rows(count)));
        await expect(building).rejects.toMatchObject({ code: "serving_change" });
        await expect(building).rejects.toThrow(`${other} from 10 to ${count} rows: more than ${bound} allows`);
      }, bounds);
    expect(await s.read(s.alias)).toEqual(expect.arrayContaining(rows(10)));
    await s.run(publishing(table(other, rows(5))), bounds);
    await s.run(publishing(table(other, rows(7))), bounds);
    await s.run(publishing(table(other, rows(1))), { acceptChange: true });
    expect(await codes(s, other)).toHaveLength(1);
  });

  test("a table may grow to some times its rows where it may hardly shrink, as in a site's first days", async () => {
    const s = store();
    for (const count of [10, 30, 100]) await s.run(publishing(table(s.alias, rows(count))), { maxChange: 0.1 });
    await expect(s.run(publishing(table(s.alias, rows(89))), { maxChange: 0.1 })).rejects.toMatchObject({ code: "serving_change" });
    await expect(s.run(publishing(table(s.alias, rows(1_001))), { maxChange: 0.1 })).rejects.toMatchObject({ code: "serving_change" });
    expect(await codes(s)).toHaveLength(100);
  });

  test("a log may grow by any number of rows, but not shrink by more than the bound", async () => {
    const s = store();
    const log = (count: number): ReturnType<typeof table> => ({ ...table(s.alias, rows(count)), grows: true });
    await s.run(publishing(log(10)));
    await s.run(publishing(log(600)));
    await expect(s.run(publishing(log(20)))).rejects.toMatchObject({ code: "serving_change" });
    expect(await codes(s)).toHaveLength(600);
  });

  test("small tables may change as they like, but not become empty", async () => {
    const s = store();
    const small = { minRows: 100 };
    for (const count of [3, 99, 2, 1_000]) await s.run(publishing(table(s.alias, rows(count))), small);
    await s.run(publishing(table(`${s.alias}_other`, rows(3))), small);
    for (const count of [0, 1_001])
      await expect(s.run(publishing(table(`${s.alias}_other`, rows(count))), small)).rejects.toMatchObject({ code: "serving_change" });
    expect(await codes(s)).toHaveLength(1_000);
  });

  test("goes back version by version, until there is none to go back to", async () => {
    const s = store();
    for (const code of ["v1", "v2", "v3"]) await s.run(publishing(table(s.alias, [row(code)])));
    await s.run(async (serving) => {
      const [v3, v2] = [await current(serving, s.alias), (await former(serving, s.alias))[0]];
      expect(await serving.rollback(s.alias)).toEqual({ from: v3, to: v2 });
      expect(await codes(s)).toEqual(["v2"]);
      expect(await former(serving, s.alias)).toHaveLength(1);
    });
    await s.run(async (serving) => {
      await serving.rollback(s.alias);
      expect(await codes(s)).toEqual(["v1"]);
      await expect(serving.rollback(s.alias)).rejects.toMatchObject({ code: "no_former" });
    });
    expect(await codes(s)).toEqual(["v1"]);
  });

  test("what was gone back from does not come back after the next publication", async () => {
    const s = store();
    for (const code of ["good", "bad"]) await s.run(publishing(table(s.alias, [row(code)])));
    await s.run(async (serving) => void (await serving.rollback(s.alias)));
    await s.run(publishing(table(s.alias, [row("next")])));
    await s.run(async (serving) => void (await serving.rollback(s.alias)));
    expect(await codes(s)).toEqual(["good"]);
  });

  test("an unknown alias cannot be gone back with, and the known ones are named", async () => {
    const s = store();
    await s.run(publishing(table(s.alias, [row("01")])));
    await s.run(async (serving) => {
      const failure = serving.rollback(`${s.alias}_unknown`);
      await expect(failure).rejects.toMatchObject({ code: "unknown_alias", exitCode: 2 });
      await expect(failure).rejects.toThrow(s.alias);
    });
  });

  test("as many former versions are kept as are asked for, the newest ones", async () => {
    const s = store();
    for (const code of ["v1", "v2", "v3", "v4"]) await s.run(publishing(table(s.alias, [row(code)])), { versions: 2 });
    await s.run(async (serving) => {
      const name = (await serving.names()).find((each) => each.alias === s.alias);
      expect(name).toMatchObject({ rows: 1 });
      expect(name?.former).toHaveLength(2);
      await serving.rollback(s.alias);
      await serving.rollback(s.alias);
    });
    expect(await codes(s)).toEqual(["v2"]);
  });

  test("a slice takes the place of that slice alone, and its rows that are gone go", async () => {
    const s = store();
    await s.run(async (serving) => {
      await serving.replaceSlice(slice(s.alias, OLD, "2026-11-01", { a: 1, b: 1 }));
      await serving.replaceSlice(slice(s.alias, MIDDLE, "2026-11-02", { a: 2, b: 2, null: 2 }));
      await serving.replaceSlice(slice(s.alias, NEW, "2026-11-01", { a: 3, c: 3 }));
    });
    expect(await numbers(s)).toEqual({
      "2026-11-01 a": 3,
      "2026-11-01 c": 3,
      "2026-11-02 a": 2,
      "2026-11-02 b": 2,
      "2026-11-02 null": 2,
    });
  });

  test("a slice may be empty, and be written again", async () => {
    const s = store();
    await s.run(async (serving) => {
      await serving.replaceSlice(slice(s.alias, OLD, "2026-11-01", { a: 1 }));
      await serving.replaceSlice(slice(s.alias, MIDDLE, "2026-11-01", {}));
      expect(await numbers(s)).toEqual({});
      await serving.replaceSlice(slice(s.alias, NEW, "2026-11-01", { a: 3 }));
      await serving.replaceSlice(slice(s.alias, NEW, "2026-11-01", { a: 3 }));
    });
    expect(await numbers(s)).toEqual({ "2026-11-01 a": 3 });
  });

  test("an older run's slice does not take the place of a newer one's, not even with rows that the newer has not", async () => {
    const s = store();
    await s.run(async (serving) => {
      await serving.replaceSlice(slice(s.alias, NEW, "2026-11-01", { a: 2 }));
      await serving.replaceSlice(slice(s.alias, OLD, "2026-11-01", { a: 1, b: 1 }));
      await serving.replaceSlice(slice(s.alias, NEW, "2026-11-02", {}));
      await serving.replaceSlice(slice(s.alias, OLD, "2026-11-02", { a: 1 }));
    });
    expect(await numbers(s)).toEqual({ "2026-11-01 a": 2 });
  });

  test("of two runs at one slice at once the newer one's rows stay, and no others", async () => {
    const s = store();
    const row = (group: string): ResultRow => ({ day: "2026-11-01", group, n: 1 });
    await s.run((older) =>
      s.run(async (newer) => {
        async function* rows(): AsyncGenerator<readonly ResultRow[]> {
          yield [row("a"), row("b")];
          await newer.replaceSlice(slice(s.alias, NEW, "2026-11-01", { a: 3, d: 3 }));
          yield [row("c")];
        }
        await older.replaceSlice({ ...slice(s.alias, OLD, "2026-11-01", {}), rows: rows(), expected: 3 });
      }),
    );
    expect(await numbers(s)).toEqual({ "2026-11-01 a": 3, "2026-11-01 d": 3 });
  });

  test("a slice with a wrong count removes nothing", async () => {
    const s = store();
    await s.run(async (serving) => {
      await serving.replaceSlice(slice(s.alias, OLD, "2026-11-01", { a: 1, b: 1 }));
      const wrong = { ...slice(s.alias, NEW, "2026-11-01", { a: 1 }), expected: 2 };
      await expect(serving.replaceSlice(wrong)).rejects.toMatchObject({ code: "serving_count" });
    });
    expect(await numbers(s)).toEqual({ "2026-11-01 a": 1, "2026-11-01 b": 1 });
  });

  const upsert = (serving: Serving, alias: string, ...documents: StoredDocument[]): Promise<UpsertCounts> =>
    serving.upsert({ alias, item: Note, origin: "real", documents: chunks(documents) });

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

  test("says before anything is read how many rows and documents stand under names, and 0 of those that nothing has", async () => {
    const s = store();
    await s.run(publishing(table(s.alias, rows(7))));
    await s.run(async (serving) => {
      await upsert(serving, `${s.alias}_notes`, doc("a", OLD, 1), doc("b", OLD, 1));
      await serving.replaceSlice(slice(`${s.alias}_daily`, OLD, "2026-11-01", { a: 1, b: 1, c: 1 }));
      await Promise.all(["", "_notes", "_daily"].map((kind) => s.read(s.alias + kind)));
      const names = ["", "_notes", "_daily", "_nothing"].map((kind) => s.alias + kind);
      expect([...(await serving.inspect(names))]).toEqual(names.map((name, i) => [name, [7, 2, 3, 0][i]]));
    });
  });

  test("says before anything is read that a name is taken", async () => {
    const s = store();
    await s.take(s.alias);
    await s.run(async (serving) => {
      await expect(serving.inspect([`${s.alias}_free`, s.alias])).rejects.toMatchObject({ exitCode: 2 });
      await expect(serving.inspect([s.alias])).rejects.toThrow(s.alias);
    });
  });

  test("says where it is, and what it has", async () => {
    const s = store();
    await s.run(publishing(table(s.alias, rows(7))));
    await s.run(async (serving) => {
      await upsert(serving, `${s.alias}_notes`, doc("a", OLD, 1));
      const names = (await serving.names()).filter((name) => name.alias.startsWith(s.alias));
      expect(names.map((name) => name.alias)).toEqual([s.alias, `${s.alias}_notes`]);
      expect(names[0]).toMatchObject({ rows: 7, former: [] });
      expect(serving.place).not.toBe("");
    });
  });
}

async function current(serving: Serving, alias: string): Promise<string | undefined> {
  return (await serving.names()).find((name) => name.alias === alias)?.current;
}

async function former(serving: Serving, alias: string): Promise<readonly string[]> {
  return (await serving.names()).find((name) => name.alias === alias)?.former ?? [];
}
