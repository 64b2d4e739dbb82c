import { expect, test } from "vitest";
import type { Serving } from "../../src/core/serving.ts";
import { chunks, codes, full, publishing, Row, row, rows, storeOf, table, type ServingUnderTest, type Store } from "./serving-store.ts";

/** Tables: built beside what readers see, published together, gone back from. */
export function tableContract(create: () => ServingUnderTest): void {
  const store = (): Store => storeOf(create);

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
}

async function current(serving: Serving, alias: string): Promise<string | undefined> {
  return (await serving.names()).find((name) => name.alias === alias)?.current;
}

async function former(serving: Serving, alias: string): Promise<readonly string[]> {
  return (await serving.names()).find((name) => name.alias === alias)?.former ?? [];
}
