import { expect, test } from "vitest";
import { documentContract } from "./serving-documents.ts";
import { sliceContract } from "./serving-slices.ts";
import { doc, OLD, publishing, rows, slice, storeOf, table, upsert, type ServingUnderTest, type Store } from "./serving-store.ts";
import { tableContract } from "./serving-tables.ts";

/** What every serving store must do; Elasticsearch and the embedded one run it alike. */
export function servingContract(create: () => ServingUnderTest): void {
  const store = (): Store => storeOf(create);
  tableContract(create);
  sliceContract(create);
  documentContract(create);

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
