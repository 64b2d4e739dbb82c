import { expect, test } from "vitest";
import { RejectedError } from "../../src/core/errors.ts";
import { count, first, last, max, mean, min, sum, type Fold, type Moment, type Row } from "../../src/core/window-folds.ts";
import { seeded } from "../faults/kills.ts";

interface Event {
  row: Row;
  at: Moment;
}

const event = (x: unknown, time: number, offset = time, partition = 0): Event => ({ row: { x }, at: { time, partition, offset } });
const fold = <S>(f: Fold<S>, events: readonly Event[]): S | undefined =>
  events.reduce<S | undefined>((state, { row, at }) => f.add(state, row, at), undefined);
const result = <S>(f: Fold<S>, events: readonly Event[]): unknown => f.result(fold(f, events));

const ALL: Record<string, Fold> = {
  first: first("x"),
  last: last("x"),
  min: min("x"),
  max: max("x"),
  sum: sum("x"),
  digits: sum("x", { text: true }),
  count: count(),
  known: count("x"),
  mean: mean("x", { places: 3 }),
};
const results = (events: readonly Event[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(ALL).map(([name, f]) => [name, result(f, events)]));

test("give what one would count by hand", () => {
  const events = [event("2.5", 20), event(null, 5), event(0.1, 30), event("10", 10), event(undefined, 40)];
  expect(results(events)).toEqual({
    first: "10",
    last: 0.1,
    min: 0.1,
    max: "10",
    sum: 12.6,
    digits: "12.6",
    count: 5,
    known: 3,
    mean: 4.2,
  });
});

test("of nothing but nulls they give nulls, and counts", () => {
  expect(results([event(null, 1)])).toEqual({
    first: null,
    last: null,
    min: null,
    max: null,
    sum: null,
    digits: null,
    count: 1,
    known: 0,
    mean: null,
  });
});

test("of one time, the place in the topic decides which is first and last", () => {
  const events = [event("b", 7, 2, 0), event("a", 7, 1, 0), event("c", 7, 0, 1)];
  expect([result(first("x"), events), result(last("x"), events)]).toEqual(["a", "c"]);
});

test("texts are ordered as texts, digits in texts as numbers", () => {
  expect(result(max("x"), [event("9", 1), event("10.5", 2)])).toBe("10.5");
  expect(result(min("x"), [event("2026-11-21T00:00:00Z", 1), event("2026-02-21T00:00:00Z", 2)])).toBe("2026-02-21T00:00:00Z");
});

test("a sum takes no text that is no number", () => {
  expect(() => fold(sum("x"), [event("n/a", 1)])).toThrow(RejectedError);
});

test("results do not depend on the order, on the parts they are merged from, or on being saved in between", () => {
  const random = seeded(11);
  for (let round = 0; round < 100; round++) {
    const events = Array.from({ length: 1 + Math.floor(random() * 40) }, (_, i): Event => {
      const value = random() < 0.1 ? null : random() < 0.5 ? Math.floor(random() * 1e6) / 100 : `${Math.floor(random() * 1e12)}.${i}`;
      return event(value, Math.floor(random() * 10), i, Math.floor(random() * 3));
    });
    const expected = results(events);
    const shuffled = [...events]
      .map((e) => ({ e, r: random() }))
      .sort((a, b) => a.r - b.r)
      .map(({ e }) => e);
    expect(results(shuffled)).toEqual(expected);
    const cut = Math.floor(random() * events.length);
    for (const [name, f] of Object.entries(ALL)) {
      const parts = [fold(f, shuffled.slice(0, cut)), fold(f, shuffled.slice(cut))].filter((state) => state !== undefined);
      const saved = parts.map((state) => f.load(JSON.parse(JSON.stringify(f.save(state)))));
      const merged = saved.length === 0 ? undefined : saved.reduce((a, b) => f.merge(a, b));
      expect(f.result(merged), name).toEqual(expected[name]);
    }
  }
});
