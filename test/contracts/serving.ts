import { expect, test } from "vitest";
import { documentContract } from "./serving-documents.ts";
import { sliceContract } from "./serving-slices.ts";
import type { Serving } from "../../src/core/serving.ts";
import { doc, Note, OLD, publishing, rows, slice, storeOf, table, upsert, type ServingUnderTest, type Store } from "./serving-store.ts";
import { tableContract } from "./serving-tables.ts";

/** What every serving store must do; Elasticsearch and the embedded one run it alike. */
export function servingContract(create: () => ServingUnderTest): void {
  const store = (): Store => storeOf(create);
  tableContract(create);
  sliceContract(create);
  documentContract(create);

  const kinds: Record<string, (serving: Serving, alias: string) => Promise<unknown>> = {
    "a table": (serving, alias) => publishing(table(alias, rows(2)))(serving),
    slices: (serving, alias) => serving.replaceSlice(slice(alias, OLD, "2026-11-01", { a: 1, b: 1 })),
    documents: (serving, alias) => upsert(serving, alias, doc("a", OLD, 1), doc("b", OLD, 1)),
    "prepared documents": (serving, alias) => serving.prepare({ alias, item: Note }),
  };
  const pairs = Object.keys(kinds).flatMap((a) => Object.keys(kinds).map((b) => [a, b] as const));
  const others = pairs.filter(([a, b]) => a !== b && !(a.includes("documents") && b.includes("documents")));
  test.each(others)("a name that holds %s does not become one of %s", async (first, second) => {
    const s = store();
    await s.run(async (serving) => void (await kinds[first]!(serving, s.alias)));
    const before = await s.read(s.alias);
    await s.run(async (serving) => {
      await expect(kinds[second]!(serving, s.alias)).rejects.toMatchObject({ code: "other_kind", exitCode: 2 });
      await expect(kinds[second]!(serving, s.alias)).rejects.toThrow(s.alias);
    });
    expect(await s.read(s.alias)).toEqual(before);
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
