import { z } from "zod";
import type { ResultRow, StoredDocument } from "../../src/core/engine.ts";
import { defineItem } from "../../src/core/item.ts";
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
export const Row = defineItem({
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
export const Daily = defineItem({
  name: "daily",
  schema: z.object({ day: z.iso.date(), group: z.string().nullable(), n: z.int() }),
  key: ["day", "group"],
});
export const Note = defineItem({ name: "note", schema: z.object({ key: z.string(), n: z.int() }), key: ["key"] });

const blank = { name: null, n: null, share: null, ratio: null, active: null, day: null, at: null };
export const full = {
  code: "79",
  name: "Thành phố Hồ Chí Minh",
  n: 9007199254740993n,
  share: 12345678901.12,
  ratio: 0.1,
  active: true,
  day: "2026-11-21",
  at: "2026-11-21T02:00:00.123Z",
};
export const row = (code: string, n: number | null = null): ResultRow => ({ ...blank, code, n });
export const rows = (count: number, n = 0): ResultRow[] => Array.from({ length: count }, (_, i) => row(String(i).padStart(4, "0"), n));
export const doc = (key: string, version: string, n: number): StoredDocument => ({ key, version, document: JSON.stringify({ key, n }) });
export const [OLD, MIDDLE, NEW] = ["2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z", "2026-11-03T00:00:00.000Z"] as const;

// oxlint-disable-next-line require-await -- an async source, as the engine's
export async function* chunks<T>(...all: (readonly T[])[]): AsyncGenerator<readonly T[]> {
  yield* all;
}

export interface Store extends Omit<ServingUnderTest, "alias"> {
  readonly alias: string;
  run(work: (serving: Serving) => Promise<void>, bounds?: Partial<ServingBounds>): Promise<void>;
}

/** A store, and an alias of its own in it. */
export function storeOf(create: () => ServingUnderTest): Store {
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

export const table = (alias: string, all: readonly ResultRow[], expected = all.length): ServedTable => ({
  alias,
  item: Row,
  rows: chunks(all),
  expected,
});
export const publishing =
  (...tables: ServedTable[]) =>
  async (serving: Serving): Promise<void> => {
    for (const each of tables) await serving.buildTable(each);
    await serving.publish();
  };
export const slice = (alias: string, version: string, day: string, groups: Record<string, number>): ServedSlice => {
  const all = Object.entries(groups).map(([group, n]) => ({ day, group, n }));
  return { alias, item: Daily, rows: chunks(all), expected: all.length, slice: { field: "day", value: day }, version };
};
export const codes = async (s: Store, alias = s.alias): Promise<string[]> => (await s.read(alias)).map((r) => String(r["code"])).sort();
export const numbers = async (s: Store): Promise<Record<string, unknown>> =>
  Object.fromEntries((await s.read(s.alias)).map((r) => [r["key"] ?? `${String(r["day"])} ${String(r["group"])}`, r["n"]]));

export const upsert = (serving: Serving, alias: string, ...documents: StoredDocument[]): Promise<UpsertCounts> =>
  serving.upsert({ alias, item: Note, origin: "real", documents: chunks(documents) });
