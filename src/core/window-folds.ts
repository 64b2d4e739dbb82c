import { add, compare, decimalText, divide, toDecimal, ZERO, type Decimal } from "./window-decimal.ts";

export type Row = Readonly<Record<string, unknown>>;

/** An event's place in time, and among events of one time its place in the topic. */
export interface Moment {
  readonly time: number;
  readonly partition: number;
  readonly offset: number;
}

/**
 * What a window keeps of its events for one field of its row. In whatever order events come, and in whatever parts they are merged, the
 * result is the same. Fields that are null or missing do not count.
 */
export interface Fold<S = unknown> {
  /** What it does, in words that change when its meaning does: checkpoints are compared by it. */
  readonly says: string;
  /** Of the first event: `state` is undefined. @throws RejectedError for a value that it cannot take */
  add(state: S | undefined, row: Row, at: Moment): S | undefined;
  merge(a: S, b: S): S;
  result(state: S | undefined): unknown;
  /** As JSON has it. */
  save(state: S): unknown;
  load(saved: unknown): S;
}

interface Seen extends Moment {
  readonly value: unknown;
}

const asJson = { save: (state: unknown) => state };

function earlier(a: Moment, b: Moment): boolean {
  return (a.time - b.time || a.partition - b.partition || a.offset - b.offset) < 0;
}

function byTime(says: string, field: string, wins: (a: Moment, b: Moment) => boolean): Fold<Seen> {
  return {
    ...asJson,
    says,
    add(state, row, { time, partition, offset }) {
      const value = row[field] ?? undefined;
      if (value === undefined) return state;
      const seen = { time, partition, offset, value };
      return state === undefined || wins(seen, state) ? seen : state;
    },
    merge: (a, b) => (wins(a, b) ? a : b),
    result: (state) => state?.value ?? null,
    load: (saved) => saved as Seen,
  };
}

/** The value of the earliest event. */
export const first = (field: string): Fold<Seen> => byTime(`first(${field})`, field, earlier);

/** The value of the latest event. */
export const last = (field: string): Fold<Seen> => byTime(`last(${field})`, field, (a, b) => earlier(b, a));

type Scalar = string | number;

function byValue(says: string, field: string, wins: (order: number) => boolean): Fold<Scalar> {
  const better = (a: Scalar, b: Scalar): boolean => wins(order(a, b));
  return {
    ...asJson,
    says,
    add(state, row) {
      const value = row[field] as Scalar | null | undefined;
      if (value === null || value === undefined) return state;
      return state === undefined || better(value, state) ? value : state;
    },
    merge: (a, b) => (better(b, a) ? b : a),
    result: (state) => state ?? null,
    load: (saved) => saved as Scalar,
  };
}

/** Numbers by value, whether they are numbers or digits in a text; other texts by their code units, as ISO times want it. */
function order(a: Scalar, b: Scalar): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [x, y] = [String(a), String(b)];
  const byNumber = NUMERIC.test(x) && NUMERIC.test(y) ? compare(toDecimal(a), toDecimal(b)) : 0;
  // Of 1 and "1.0" always the same one, whichever came first.
  return byNumber || (x < y ? -1 : x > y ? 1 : 0);
}

const NUMERIC = /^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d{1,2})?$/i;

export const min = (field: string): Fold<Scalar> => byValue(`min(${field})`, field, (order) => order < 0);
export const max = (field: string): Fold<Scalar> => byValue(`max(${field})`, field, (order) => order > 0);

/** Events; of a field, those in which it is not null. */
export function count(field?: string): Fold<number> {
  return {
    ...asJson,
    says: `count(${field ?? "*"})`,
    add: (state, row) => (field === undefined || (row[field] ?? undefined) !== undefined ? (state ?? 0) + 1 : state),
    merge: (a, b) => a + b,
    result: (state) => state ?? 0,
    load: (saved) => saved as number,
  };
}

export interface SumOptions {
  /** All digits, as text; else a number, which is the exact sum rounded once to a double. */
  text?: boolean;
}

/** The exact sum of numbers, or of numbers in texts. */
export function sum(field: string, { text = false }: SumOptions = {}): Fold<Decimal> {
  return {
    says: `sum(${field})`,
    add(state, row) {
      const value = row[field] ?? undefined;
      return value === undefined ? state : add(state ?? ZERO, toDecimal(value));
    },
    merge: add,
    result: (state) => (state === undefined ? null : printed(state, text)),
    save: decimalText,
    load: toDecimal,
  };
}

export interface MeanOptions extends SumOptions {
  /** Digits after the point. Default 6. */
  places?: number;
}

interface Mean {
  readonly sum: Decimal;
  readonly n: number;
}

/** The exact sum, divided and rounded once, half away from zero. */
export function mean(field: string, { places = 6, text = false }: MeanOptions = {}): Fold<Mean> {
  return {
    says: `mean(${field})`,
    add(state, row) {
      const value = row[field] ?? undefined;
      if (value === undefined) return state;
      return { sum: add(state?.sum ?? ZERO, toDecimal(value)), n: (state?.n ?? 0) + 1 };
    },
    merge: (a, b) => ({ sum: add(a.sum, b.sum), n: a.n + b.n }),
    result: (state) => (state === undefined ? null : printed(divide(state.sum, state.n, places), text)),
    save: (state) => [decimalText(state.sum), state.n],
    load(saved) {
      const [sum, n] = saved as [string, number];
      return { sum: toDecimal(sum), n };
    },
  };
}

function printed(value: Decimal, text: boolean): string | number {
  const digits = decimalText(value);
  return text ? digits : Number(digits);
}
