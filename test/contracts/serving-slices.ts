import { expect, test } from "vitest";
import type { ResultRow } from "../../src/core/engine.ts";
import { MIDDLE, NEW, numbers, OLD, slice, storeOf, type ServingUnderTest, type Store } from "./serving-store.ts";

/** Slices: the rows of one day, written in place. */
export function sliceContract(create: () => ServingUnderTest): void {
  const store = (): Store => storeOf(create);

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
}
